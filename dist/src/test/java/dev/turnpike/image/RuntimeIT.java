package dev.turnpike.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The image's own Java and its AOT cache: made on this machine, used by the daemon, and missed by
 * nothing when they are not there or not right.
 */
@Timeout(300)
class RuntimeIT {
  private static final Path JDK = Path.of(System.getProperty("java.home"));

  @TempDir Path temp;

  private Path image;
  private Optional<Process> daemon = Optional.empty();

  @BeforeEach
  void copyTheImage() throws IOException {
    image = temp.toRealPath().resolve("image");
    for (String part : new String[] {"bin", "lib", "share"}) {
      copy(Image.folder().resolve(part), image.resolve(part));
    }
  }

  @AfterEach
  void stop() throws InterruptedException {
    if (daemon.isPresent()) {
      daemon.get().destroy();
      if (!daemon.get().waitFor(20, TimeUnit.SECONDS)) {
        daemon.get().destroyForcibly();
      }
    }
  }

  @Test
  void theDaemonRunsOnWhatTrainingMade() throws Exception {
    Process training = turnpike("train", Map.of(), "train");
    assertTrue(training.waitFor(240, TimeUnit.SECONDS));
    assertEquals(0, training.exitValue(), said("train"));
    assertEquals("runtime.a", Files.readSymbolicLink(image.resolve("runtime")).toString());
    assertTrue(Files.size(image.resolve("turnpike.aot")) > 1 << 20);

    startDaemon("trained");
    assertEquals(
        image.resolve("runtime.a/bin/java"), Path.of(command()).toRealPath(), said("trained"));
    assertFalse(said("trained").contains("AOT"), said("trained"));
  }

  @Test
  void aCacheOfAnotherJavaIsPassedOver() throws Exception {
    Files.writeString(image.resolve("turnpike.aot"), "what another Java may have written\n");
    startDaemon("stale");
    assertTrue(command().startsWith(JDK.toString()), command());
  }

  @Test
  void aRuntimeThatIsGoneLeavesTheJdk() throws Exception {
    Files.createSymbolicLink(image.resolve("runtime"), Path.of("runtime.a"));
    startDaemon("gone");
    assertTrue(command().startsWith(JDK.toString()), command());
  }

  @Test
  void aJdkThatCannotLinkIsNoFailure() throws Exception {
    Path jdk = Files.createDirectories(temp.resolve("jdk/bin")).getParent();
    Files.writeString(jdk.resolve("bin/jlink"), "#!/bin/sh\necho 'no packaged modules'\nexit 1\n");
    assertTrue(jdk.resolve("bin/jlink").toFile().setExecutable(true));
    Process training = turnpike("train", Map.of(), "train", "--jdk", jdk.toString());
    assertTrue(training.waitFor(240, TimeUnit.SECONDS));
    assertEquals(0, training.exitValue(), said("train"));
    assertFalse(Files.exists(image.resolve("runtime"), LinkOption.NOFOLLOW_LINKS));
    assertFalse(Files.exists(image.resolve("runtime.a")));
    assertTrue(said("train").contains("runs on the JDK"), said("train"));
  }

  private void startDaemon(String name) throws Exception {
    Path home = temp.resolve(name);
    Process process = turnpike(name, Map.of("TURNPIKE_HOME", home.toString()), "daemon");
    daemon = Optional.of(process);
    var socket = UnixDomainSocketAddress.of(home.resolve("turnpike.sock"));
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(180);
    while (!listens(socket)) {
      assertTrue(process.isAlive() && System.nanoTime() < end, said(name));
      assertFalse(process.waitFor(50, TimeUnit.MILLISECONDS), said(name));
    }
  }

  private static boolean listens(UnixDomainSocketAddress socket) {
    try (var channel = SocketChannel.open(socket)) {
      return channel.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  /** The Java the daemon runs on: the launcher has become it. */
  private String command() {
    return daemon.flatMap(process -> process.info().command()).orElseThrow();
  }

  private String said(String name) throws IOException {
    return Files.readString(temp.resolve(name + ".out"));
  }

  private Process turnpike(String name, Map<String, String> environment, String... arguments)
      throws IOException {
    var command =
        Stream.concat(Stream.of(image.resolve("bin/turnpike").toString()), Stream.of(arguments))
            .toList();
    var builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectOutput(temp.resolve(name + ".out").toFile());
    builder.environment().clear();
    builder
        .environment()
        .putAll(
            Map.of(
                "PATH",
                "/usr/bin:/bin",
                "HOME",
                temp.toString(),
                "LANG",
                "C.UTF-8",
                "TURNPIKE_JAVA_HOME",
                JDK.toString()));
    builder.environment().putAll(environment);
    return builder.start();
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path path : all.toList()) {
        Path target = to.resolve(from.relativize(path));
        if (Files.isDirectory(path)) {
          Files.createDirectories(target);
        } else {
          Files.copy(path, target, StandardCopyOption.COPY_ATTRIBUTES);
        }
      }
    }
  }
}
