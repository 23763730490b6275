package dev.turnpike.journal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/**
 * The few file operations that durability rests on, behind an interface so that a test can make
 * each of them fail. Files are made 0600, directories 0700.
 */
public interface DurableFiles {
  static DurableFiles real() {
    return new RealFiles();
  }

  /** Makes the directory and missing ones above it. */
  void createDirectory(Path directory) throws IOException;

  /** Names in the directory, sorted; empty if it is missing. */
  List<Path> list(Path directory) throws IOException;

  /**
   * The whole file; more than {@code limitBytes} is an IOException before anything is allocated.
   */
  byte[] read(Path file, long limitBytes) throws IOException;

  /**
   * A new file (replacing one of that name), for appending. Its directory is made again if somebody
   * removed it.
   */
  Appender create(Path file) throws IOException;

  /** An existing file, cut to {@code length}, for appending. */
  Appender reopen(Path file, long length) throws IOException;

  /** Atomic within one file system; replaces. */
  void rename(Path from, Path to) throws IOException;

  /** Whether there was one. */
  boolean delete(Path file) throws IOException;

  /** Makes names in the directory durable. */
  void forceDirectory(Path directory) throws IOException;

  /**
   * Temp file, force, rename; the directory is forced by the caller, once for many files. After a
   * failure the temp file goes: on a full disk each would take room until the next start.
   */
  default void replace(Path file, byte[] bytes) throws IOException {
    Path temp = file.resolveSibling(file.getFileName() + ".tmp");
    try {
      try (Appender out = create(temp)) {
        out.write(new ByteBuffer[] {ByteBuffer.wrap(bytes)});
        out.force();
      }
      rename(temp, file);
    } catch (IOException e) {
      try {
        delete(temp);
      } catch (IOException again) {
        e.addSuppressed(again);
      }
      throw e;
    }
  }

  /** A file open at its end. One thread at a time. */
  interface Appender extends Closeable {
    /** All of it, or an IOException, after which some of it may be in the file. */
    void write(ByteBuffer[] buffers) throws IOException;

    /**
     * Content on the disk. After a failure never call it again: the system has dropped the pages.
     */
    void force() throws IOException;

    void truncate(long length) throws IOException;

    /**
     * Whether {@code file} still is the name of what is written here: a file whose name was removed
     * takes bytes and loses them. One look at the directory, no more.
     */
    boolean isNamed(Path file) throws IOException;
  }
}
