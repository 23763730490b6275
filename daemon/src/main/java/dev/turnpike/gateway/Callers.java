package dev.turnpike.gateway;

import io.netty.channel.Channel;
import io.netty.channel.socket.nio.NioChannelOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.Map;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;

/**
 * Who may call: the owner alone. While the socket's directory is the owner's and closed to all
 * others, the system lets nobody else (but root) come as far as here, and one look at the directory
 * says so. Otherwise the caller's user is asked for, which in Java means its name: that reads
 * {@code nsswitch.conf}, {@code passwd} and {@code group} for each call, a tenth of a hook's time.
 */
final class Callers {
  /** Permission bits of group and others. */
  private static final int OTHERS = 0x3f;

  private static final int NOBODY = -1;

  private final UserPrincipal owner;
  private final @Nullable Path directory;
  private final int ownUid;

  /**
   * @param socket where callers find it
   */
  Callers(UserPrincipal owner, Path socket) {
    this.owner = owner;
    this.directory = socket.toAbsolutePath().getParent();
    this.ownUid = uidOf(directory, owner);
  }

  boolean includes(Channel caller) {
    return isPrivate() || userOf(caller);
  }

  /** Looked at each time: who opens the directory later wants nobody else to call, all the same. */
  private boolean isPrivate() {
    if (directory == null || ownUid == NOBODY) {
      return false;
    }
    try {
      Map<String, Object> facts = Files.readAttributes(directory, "unix:mode,uid");
      return facts.get("uid") instanceof Integer uid
          && uid == ownUid
          && facts.get("mode") instanceof Integer mode
          && (mode & OTHERS) == 0;
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  private boolean userOf(Channel caller) {
    var peer = caller.config().getOption(NioChannelOption.of(ExtendedSocketOptions.SO_PEERCRED));
    return peer != null && peer.user().equals(owner);
  }

  private static int uidOf(@Nullable Path directory, UserPrincipal owner) {
    try {
      return directory != null
              && Files.getOwner(directory).equals(owner)
              && Files.getAttribute(directory, "unix:uid") instanceof Integer uid
          ? uid
          : NOBODY;
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
      return NOBODY;
    }
  }
}
