package dev.turnpike.platform;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import org.jspecify.annotations.Nullable;

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

  private final FileChannel channel;
  private final FileLock lock;

  private SingleInstance(FileChannel channel, FileLock lock) {
    this.channel = channel;
    this.lock = lock;
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
      write(channel, pid);
      return new Outcome.Acquired(new SingleInstance(channel, lock));
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /** The file stays: removing it would let two daemons lock two files of the same name. */
  @Override
  public void close() throws IOException {
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
