package dev.turnpike.index;

import dev.turnpike.platform.PrivateFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The MapDB file: {@code traces-<n>.db} with {@code traces-<n>.clean} beside it while it is closed
 * in good order. MapDB 3.1.0 never reads its own log back, so a file that was not closed in order,
 * or has a log beside it, is not opened at all: it goes, and the next one has another number. Nor
 * is one whose bytes are not those that were closed: the length of an entry is believed, whatever
 * it is, and the daemon does not outlive an allocation that fails.
 */
final class IndexFile implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(IndexFile.class);
  private static final String PREFIX = "traces-";
  private static final String FILE = ".db";
  private static final String CLEAN = ".clean";
  private static final int PIECE_BYTES = 64 << 10;
  private static final int LIMIT_SUM_BYTES = 100;

  private final Path file;
  private final IndexStore store;
  private final boolean fresh;

  private IndexFile(Path file, IndexStore store, boolean fresh) {
    this.file = file;
    this.store = store;
    this.fresh = fresh;
  }

  static IndexFile open(Path directory) throws IOException {
    PrivateFiles.createDirectory(directory);
    List<Path> files = list(directory);
    long highest = 0;
    for (Path found : files) {
      highest = Math.max(highest, number(found));
    }
    Path last = directory.resolve(PREFIX + highest + FILE);
    boolean whole =
        highest > 0
            && Files.exists(last)
            && matches(clean(last), last)
            && files.stream().noneMatch(f -> f.getFileName().toString().contains(".wal"));
    Path file = whole ? last : directory.resolve(PREFIX + (highest + 1) + FILE);
    for (Path found : files) {
      if (!whole || number(found) != highest) {
        Files.deleteIfExists(found);
      }
    }
    if (!whole) {
      // Claims the number before MapDB writes a byte: should it die at once, the next try does not
      // meet its remains.
      Files.deleteIfExists(file);
    } else {
      Files.delete(clean(file));
    }
    return new IndexFile(file, IndexLibrary.open(file), !whole);
  }

  /** Removes every file of the index; the next open begins anew, under a higher number. */
  static void drop(Path directory) {
    try {
      List<Path> files = list(directory);
      long highest = files.stream().mapToLong(IndexFile::number).max().orElse(0);
      for (Path found : files) {
        Files.deleteIfExists(found);
      }
      Files.createFile(
          directory.resolve(PREFIX + (highest + 1) + ".dropped"),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    } catch (IOException e) {
      LOG.debug("index: cannot clear {}: {}", directory, e.toString());
    }
  }

  private static List<Path> list(Path directory) throws IOException {
    var files = new ArrayList<Path>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, PREFIX + "*")) {
      found.forEach(files::add);
    }
    Collections.sort(files);
    return files;
  }

  private static long number(Path file) {
    String name = file.getFileName().toString().substring(PREFIX.length());
    int dot = name.indexOf('.');
    String digits = dot < 0 ? name : name.substring(0, dot);
    boolean numeric =
        !digits.isEmpty() && digits.length() < 16 && digits.chars().allMatch(Character::isDigit);
    return numeric ? Long.parseLong(digits) : 0;
  }

  private static Path clean(Path file) {
    String name = file.getFileName().toString();
    return file.resolveSibling(name.substring(0, name.length() - FILE.length()) + CLEAN);
  }

  /** Nothing is in it yet. */
  boolean fresh() {
    return fresh;
  }

  long bytes() throws IOException {
    return Files.size(file);
  }

  ConcurrentNavigableMap<String, byte[]> byStart() {
    return store.byStart();
  }

  /** Sorts by start, and is the same for the same trace. */
  static String key(TraceSummary summary) {
    return String.format(Locale.ROOT, "%016d", Math.max(0, summary.start().toEpochMilli()))
        + summary.id();
  }

  /** Lets go of the file, whatever is in it. */
  void abandon() {
    try {
      store.close();
    } catch (RuntimeException e) {
      LOG.debug("index: not closed in order: {}", e.toString());
    }
  }

  @Override
  public void close() throws IOException {
    store.close();
    PrivateFiles.writeAtomically(clean(file), sum(file));
  }

  private static boolean matches(Path clean, Path file) throws IOException {
    return Files.exists(clean)
        && Files.size(clean) <= LIMIT_SUM_BYTES
        && Arrays.equals(Files.readAllBytes(clean), sum(file));
  }

  private static byte[] sum(Path file) throws IOException {
    var sum = new CRC32C();
    var piece = new byte[PIECE_BYTES];
    try (InputStream in = Files.newInputStream(file)) {
      int length;
      while ((length = in.read(piece)) >= 0) {
        sum.update(piece, 0, length);
      }
    }
    return Long.toHexString(sum.getValue()).getBytes(StandardCharsets.US_ASCII);
  }
}
