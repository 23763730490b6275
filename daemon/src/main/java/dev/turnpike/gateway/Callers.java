package dev.turnpike.gateway;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.util.EnumSet;
import java.util.Set;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;

/**
 * Who may call: the owner alone. While the socket's directory is the owner's and closed to all
 * others, the system lets nobody else (but root) come as far as here, and one look at the directory
 * says so. Otherwise the caller's user is asked for, which in Java means its name: that reads
 * {@code nsswitch.conf}, {@code passwd} and {@code group} for each call, a tenth of a hook's time.
 */
final class Callers {
  private static final Set<PosixFilePermission> OWNERS =
      EnumSet.of(
          PosixFilePermission.OWNER_READ,
          PosixFilePermission.OWNER_WRITE,
          PosixFilePermission.OWNER_EXECUTE);

  private final UserPrincipal owner;
  private final @Nullable Path directory;

  /** Nobody gives a directory away but root. */
  private final boolean ours;

  /**
   * @param socket where callers find it
   */
  Callers(UserPrincipal owner, Path socket) {
    this.owner = owner;
    this.directory = socket.toAbsolutePath().getParent();
    this.ours = isOf(directory, owner);
  }

  boolean includes(SocketChannel caller) throws IOException {
    return isPrivate() || userOf(caller);
  }

  /** Looked at each time: who opens the directory later wants nobody else to call, all the same. */
  private boolean isPrivate() {
    if (directory == null || !ours) {
      return false;
    }
    try {
      return OWNERS.containsAll(
          Files.readAttributes(directory, PosixFileAttributes.class).permissions());
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  private boolean userOf(SocketChannel caller) throws IOException {
    return caller.getOption(ExtendedSocketOptions.SO_PEERCRED).user().equals(owner);
  }

  private static boolean isOf(@Nullable Path directory, UserPrincipal owner) {
    try {
      return directory != null && Files.getOwner(directory).equals(owner);
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }
}
