package dev.turnpike.gateway;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The socket that is listened on, and the file it can be found by.
 *
 * <p>Our own is bound under another name, made private and renamed over the final one, so that no
 * caller ever finds it missing, half ready or open to others. What lay there before is stale if
 * nobody answers on it; else it is a service manager's, or that of a daemon with another state
 * directory, and left alone. At the end the file is removed only if it still is the one we made: a
 * daemon that stops late must not take away its successor's socket. A socket inherited from a
 * service manager belongs to that manager, and its file is never touched.
 *
 * <p>The JDK turns standard output and error into {@code /dev/null} when an inherited channel is
 * closed: what is to be said after that goes to the log file.
 */
final class ListeningSocket implements AutoCloseable {
  /** {@code sun_path} of macOS, the smaller one, with its closing zero. */
  private static final int PATH_BYTES_MAX = 103;

  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");
  private static final int BACKLOG = 512;

  private final ServerSocketChannel channel;
  private final Path file;
  private final @Nullable Object fileKey;

  private ListeningSocket(ServerSocketChannel channel, Path file, @Nullable Object fileKey) {
    this.channel = channel;
    this.file = file;
    this.fileKey = fileKey;
  }

  /** Binds {@code file}. The caller holds the instance lock, and the directory is private. */
  static ListeningSocket bind(Path file) throws IOException {
    int length = file.toString().getBytes(StandardCharsets.UTF_8).length;
    if (length > PATH_BYTES_MAX) {
      throw new IOException(
          "the socket's path is %d bytes long, the limit is %d; set TURNPIKE_SOCKET to a shorter one: %s"
              .formatted(length, PATH_BYTES_MAX, file));
    }
    requireStaleOrNothing(file);
    var unfinished = unfinishedName(file);
    Files.deleteIfExists(unfinished);
    var channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.bind(UnixDomainSocketAddress.of(unfinished), BACKLOG);
      Files.setPosixFilePermissions(unfinished, OWNER_ONLY);
      var key = keyOf(unfinished);
      Files.move(
          unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      return new ListeningSocket(channel, file, key.orElse(null));
    } catch (IOException e) {
      channel.close();
      Files.deleteIfExists(unfinished);
      throw e;
    }
  }

  /**
   * The listening socket a service manager left as standard input, if there is one.
   *
   * @param inherited what {@code System.inheritedChannel()} gave
   */
  static Optional<ListeningSocket> inherited(@Nullable Channel inherited) throws IOException {
    return inherited instanceof ServerSocketChannel channel
            && channel.getLocalAddress() instanceof UnixDomainSocketAddress address
        ? Optional.of(new ListeningSocket(channel, address.getPath(), null))
        : Optional.empty();
  }

  ServerSocketChannel channel() {
    return channel;
  }

  /** It is the service manager's. */
  boolean isInherited() {
    return fileKey == null;
  }

  /** Whether callers find this socket by its name. */
  boolean isNamed() throws IOException {
    return fileKey == null ? Files.exists(file) : fileKey.equals(keyOf(file).orElse(null));
  }

  /** Where callers find it. */
  Path file() {
    return file;
  }

  /**
   * Stops listening. Takes the name away first, so that nobody queues behind a socket that is about
   * to close.
   */
  @Override
  public void close() throws IOException {
    try {
      if (fileKey != null && fileKey.equals(keyOf(file).orElse(null))) {
        Files.deleteIfExists(file);
      }
    } finally {
      channel.close();
    }
  }

  /** As long as the final name, so that it fits where that one fits. */
  private static Path unfinishedName(Path file) {
    var name = file.getFileName().toString();
    return file.resolveSibling("~" + (name.length() > 1 ? name.substring(1) : "~"));
  }

  private static void requireStaleOrNothing(Path file) throws IOException {
    try {
      var attributes =
          Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (!attributes.isOther()) {
        throw new IOException("there is something at the socket's path that is no socket: " + file);
      }
    } catch (NoSuchFileException e) {
      return;
    }
    if (somebodyListens(file)) {
      throw new IOException(
          "a service manager or another daemon listens on %s: see turnpike status, or set TURNPIKE_SOCKET to another path"
              .formatted(file));
    }
  }

  private static boolean somebodyListens(Path file) throws IOException {
    try (var caller = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      caller.configureBlocking(false);
      var _ = caller.connect(UnixDomainSocketAddress.of(file));
      return true;
    } catch (ConnectException refused) {
      return false;
    } catch (SocketException e) {
      // there is a queue, and it is full; or the file is gone by now
      return Files.exists(file, LinkOption.NOFOLLOW_LINKS);
    }
  }

  private static Optional<Object> keyOf(Path file) throws IOException {
    try {
      return Optional.ofNullable(
          Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
              .fileKey());
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }
}
