package dev.turnpike.index;

import java.nio.file.Path;
import java.util.concurrent.ConcurrentNavigableMap;
import org.mapdb.DB;
import org.mapdb.DBMaker;
import org.mapdb.Serializer;

/**
 * The only class that names MapDB.
 *
 * <p>Not with MapDB's file channel: on a full disk it writes the rest of what went in half to the
 * wrong place and says nothing. Its random access file throws.
 */
public final class MapdbStore implements IndexStore {
  private final DB db;
  private final ConcurrentNavigableMap<String, byte[]> byStart;

  private MapdbStore(Path file) {
    db = DBMaker.fileDB(file.toFile()).make();
    try {
      byStart = db.treeMap("traces", Serializer.STRING, Serializer.BYTE_ARRAY).createOrOpen();
    } catch (RuntimeException e) {
      closeAfter(e);
      throw e;
    }
  }

  /** Opens them. */
  public static final class Opener implements IndexStore.Opener {
    @Override
    public IndexStore open(Path file) {
      return new MapdbStore(file);
    }
  }

  @Override
  public ConcurrentNavigableMap<String, byte[]> byStart() {
    return byStart;
  }

  @Override
  public void close() {
    db.close();
  }

  private void closeAfter(RuntimeException failure) {
    try {
      db.close();
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
    }
  }
}
