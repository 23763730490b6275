package dev.turnpike.platform;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * One daemon for each state directory: whoever holds the lock on {@code daemon.lock} is it, and
 * only it may make or remove the socket. The file holds the holder's pid in decimal and a newline,
 * for people and for the message of a second daemon; what counts is the lock, which the system
 * takes back when the process ends, however it ends.
 *
 * <p>The lock belongs to the process and falls when any channel on that file is closed (fcntl):
 * nobody else may open it.
 */
public final class SingleInstance implements AutoCloseable {
  private static final int PID_BYTES_MAX = 18;

  private final Path file;
  private FileChannel channel;
  private FileLock lock;
  private Optional<Object> key;

  private SingleInstance(Path file, FileChannel channel, FileLock lock, Optional<Object> key) {
    this.file = file;
    this.channel = channel;
    this.lock = lock;
    this.key = key;
  }

  public sealed interface Outcome {
    /** Hold it for life; closing it gives the lock back. */
    record Acquired(SingleInstance instance) implements Outcome {}

    /**
     * @param pid 0 if the holder has not written it yet
     */
    record HeldBy(long pid) implements Outcome {}
  }

  /** Tries once, without waiting. Creates the state directory if it is missing. */
  public static Outcome acquire(Paths paths) throws IOException {
    PrivateFiles.createDirectory(paths.state());
    return acquire(paths.lock(), ProcessHandle.current().pid());
  }

  /**
   * The process that the lock's file names, whether it still runs or not; empty if it names none.
   * Takes nothing, and is not for the daemon's own process, whose lock it would let fall.
   */
  public static OptionalLong named(Paths paths) throws IOException {
    try (var channel = FileChannel.open(paths.lock(), StandardOpenOption.READ)) {
      long pid = read(channel);
      return pid > 0 ? OptionalLong.of(pid) : OptionalLong.empty();
    } catch (NoSuchFileException e) {
      return OptionalLong.empty();
    }
  }

  static Outcome acquire(Path file, long pid) throws IOException {
    var options =
        Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    var channel = FileChannel.open(file, options, PrivateFiles.fileMode());
    try {
      var lock = tryLock(channel);
      if (lock == null) {
        long holder = read(channel);
        channel.close();
        return new Outcome.HeldBy(holder);
      }
      try {
        write(channel, pid);
      } catch (IOException e) {
        // a full disk: the pid is for people, and the lock holds without it
        LoggerFactory.getLogger(SingleInstance.class).debug("{}: {}", file, e.toString());
      }
      return new Outcome.Acquired(new SingleInstance(file, channel, lock, key(file)));
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /**
   * Whether this process still is the one. A lock on a file that was removed keeps nobody out: it
   * is taken anew on a new file, unless another process was faster.
   *
   * @throws IOException if that cannot be known or done now
   */
  public synchronized boolean renew() throws IOException {
    Optional<Object> there = key(file);
    if (there.isPresent() && there.equals(key)) {
      return true;
    }
    Path directory = file.toAbsolutePath().getParent();
    if (directory != null) {
      PrivateFiles.createDirectory(directory);
    }
    return switch (acquire(file, ProcessHandle.current().pid())) {
      case Outcome.HeldBy _ -> false;
      case Outcome.Acquired(var instance) -> {
        close();
        channel = instance.channel;
        lock = instance.lock;
        key = instance.key;
        yield true;
      }
    };
  }

  private static Optional<Object> key(Path file) throws IOException {
    try {
      return Optional.ofNullable(Files.readAttributes(file, BasicFileAttributes.class).fileKey());
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** The file stays: removing it would let two daemons lock two files of the same name. */
  @Override
  public synchronized void close() throws IOException {
    lock.release();
    channel.close();
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      // Held within this very process, as tests do.
      return null;
    }
  }

  private static void write(FileChannel channel, long pid) throws IOException {
    var text = ByteBuffer.wrap((pid + "\n").getBytes(StandardCharsets.US_ASCII));
    channel.truncate(0);
    while (text.hasRemaining()) {
      channel.write(text);
    }
  }

  private static long read(FileChannel channel) throws IOException {
    var text = ByteBuffer.allocate(PID_BYTES_MAX);
    int length = Math.max(0, channel.read(text, 0));
    var pid = new String(text.array(), 0, length, StandardCharsets.US_ASCII).strip();
    return !pid.isEmpty() && pid.chars().allMatch(c -> c >= '0' && c <= '9')
        ? Long.parseLong(pid)
        : 0;
  }
}
