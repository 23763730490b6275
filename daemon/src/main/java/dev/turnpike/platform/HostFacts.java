package dev.turnpike.platform;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The machine and the user of this process.
 *
 * @param host the host's name without its domain
 * @param os {@code linux} or {@code macos}
 */
public record HostFacts(String host, String os, String user, long uid) {
  private static final Path LINUX_HOST_NAME = Path.of("/proc/sys/kernel/hostname");
  private static final Path LINUX_SELF = Path.of("/proc/self");

  /** May ask the system's resolver on macOS: call it once at start, not on a hot path. */
  public static HostFacts current() {
    return new HostFacts(
        hostName(), Os.current().word(), System.getProperty("user.name", "unknown"), ownUid());
  }

  /** The uid of this process. Java has no call for it; the owner of what we make is the answer. */
  static long ownUid() {
    try {
      if (Files.exists(LINUX_SELF)) {
        return uidOf(LINUX_SELF);
      }
      Path probe = Files.createTempFile("turnpike", ".uid");
      try {
        return uidOf(probe);
      } finally {
        Files.delete(probe);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot find out which user we are", e);
    }
  }

  private static long uidOf(Path path) throws IOException {
    return ((Number) Files.getAttribute(path, "unix:uid")).longValue();
  }

  private static String hostName() {
    try {
      String name =
          Files.isReadable(LINUX_HOST_NAME)
              ? Files.readString(LINUX_HOST_NAME).strip()
              : InetAddress.getLocalHost().getHostName();
      int dot = name.indexOf('.');
      return name.isEmpty() ? "unknown" : dot > 0 ? name.substring(0, dot) : name;
    } catch (UnknownHostException e) {
      return "unknown";
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + LINUX_HOST_NAME, e);
    }
  }
}
