package dev.turnpike.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.image.Image;
import dev.turnpike.testing.FakeLangfuse;
import dev.turnpike.testing.Mode;
import dev.turnpike.testing.NotChecked;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Other users of the machine, and what is put in our places. */
class SecurityIT {
  private static final int NOBODY = 65534;
  private static final byte[] STOP =
      "{\"session_id\":\"s\",\"hook_event_name\":\"Stop\"}".getBytes(StandardCharsets.US_ASCII);

  /** Connects to $ARGV[0], asks for the status and prints what comes back. */
  private static final String CALLER =
      """
      use Socket; socket(my $s, PF_UNIX, SOCK_STREAM, 0) or die "socket";
      connect($s, sockaddr_un($ARGV[0])) or do { print "cannot connect: $!"; exit 0 };
      $SIG{PIPE} = 'IGNORE'; alarm 20;
      syswrite($s, "GET /v1/status HTTP/1.1\\r\\nHost: t\\r\\nConnection: close\\r\\n\\r\\n");
      my $n = 0; while (my $r = sysread($s, my $b, 4096)) { $n += $r }
      print "heard $n bytes";
      """;

  /** Listens at $ARGV[0]; prints how many bytes the first caller sent. */
  private static final String LISTENER =
      """
      use Socket; socket(my $s, PF_UNIX, SOCK_STREAM, 0) or die "socket";
      bind($s, sockaddr_un($ARGV[0])) or die "bind $!"; chmod 0666, $ARGV[0]; listen($s, 5);
      $| = 1; print "ready\\n"; alarm 30; accept(my $c, $s);
      my $n = 0; while (my $r = sysread($c, my $b, 4096)) { $n += $r }
      print "heard $n bytes";
      """;

  @TempDir Path temp;

  @Test
  void anotherUserIsKeptOutByModesAndHungUpOnWithoutThem() throws Exception {
    requireRoot();
    try (var daemon = RunningDaemon.start(temp.resolve("tp"))) {
      assertTrue(asNobody(CALLER, daemon.socket()).startsWith("cannot connect"));
      for (Path at = daemon.home(); !at.equals(temp.getRoot()); at = at.getParent()) {
        if (at.startsWith(temp)) {
          Files.setPosixFilePermissions(at, PosixFilePermissions.fromString("rwx--x--x"));
        }
      }
      Files.setPosixFilePermissions(daemon.socket(), PosixFilePermissions.fromString("rw-rw-rw-"));
      assertEquals("heard 0 bytes", asNobody(CALLER, daemon.socket()));
      assertEquals(1, daemon.status().path("drops").path("gateway.peer").asLong());
    }
  }

  @Test
  void theHookClientSaysNothingToAnotherUsersSocket() throws Exception {
    requireRoot();
    Path shared = Files.createDirectory(temp.resolve("shared"));
    for (Path at : List.of(temp, shared)) {
      Files.setPosixFilePermissions(at, PosixFilePermissions.fromString("rwxrwxrwx"));
    }
    Path socket = shared.resolve("turnpike.sock");
    Process listener = nobody(LISTENER, socket).start();
    try (var heard = listener.inputReader(StandardCharsets.US_ASCII)) {
      assertEquals("ready", heard.readLine());
      Path home = Files.createDirectory(temp.resolve("tp"));
      assertEquals("", hook(home, "exec \"$@\"", Map.of("TURNPIKE_SOCKET", socket.toString())));
      assertEquals("heard 0 bytes", heard.readLine());
      assertEquals(1, spooled(home.resolve("state/spool")).size());
    } finally {
      listener.destroyForcibly();
    }
  }

  /** However open the umask is. */
  @Test
  void whatClientAndDaemonMakeIsPrivate() throws Exception {
    Path home = temp.resolve("tp");
    try (var server = FakeLangfuse.start(Mode.EVENTS_ONLY)) {
      hook(home, "umask 0; exec \"$@\"", RunningDaemon.tracedTo(server));
      assertFalse(spooled(home.resolve("state/spool")).isEmpty());
      assertPrivate(home);
      try (var place = Workplace.open(temp, RunningDaemon.tracedTo(server))) {
        place.daemon().terminate();
        place.daemon().relaunchUnder(List.of("/bin/sh", "-c", "umask 0; exec \"$@\"", "sh"));
        place.daemon().awaitReady();
        place.play("multi-tool", RunningDaemon.tracedTo(server));
        place.daemon().flush();
        assertEquals(0, place.daemon().command("traces", "--session", "x").exit());
        assertPrivate(home);
      }
    }
  }

  @Test
  void aSpoolThatIsALinkIsNotWrittenTo() throws Exception {
    Path home = Files.createDirectories(temp.resolve("tp"));
    Path elsewhere = Files.createDirectory(temp.resolve("elsewhere"));
    Files.createDirectory(home.resolve("state"));
    Files.createSymbolicLink(home.resolve("state/spool"), elsewhere);
    hook(home, "exec \"$@\"", Map.of("LANGFUSE_SECRET_KEY", "sk-lf-planted"));
    assertEquals(List.of(), spooled(elsewhere));
  }

  @Test
  void aLinkInTheSpoolIsSetAsideAndWhatItLeadsToStays() throws Exception {
    Path home = temp.resolve("tp");
    Path target = Files.writeString(temp.resolve("precious"), "precious");
    try (var place = Workplace.open(temp)) {
      Path spool = home.resolve("state/spool");
      Files.createDirectories(spool);
      Files.createSymbolicLink(spool.resolve("1795178882000000000-1.evt"), target);
      Files.createSymbolicLink(spool.resolve("usage"), target);
      place.daemon().flush();
      assertEquals("precious", Files.readString(target));
      assertEquals(List.of(), spooled(spool));
      assertEquals(1, place.daemon().status().path("drops").path("spool.bad.not_a_file").asLong());
    }
    hook(home, "exec \"$@\"", Map.of());
    assertEquals("precious", Files.readString(target), "by the client");
  }

  @Test
  void aDirectoryOfAnotherUserOrAForeignFileIsNoPlaceForTheSocket() throws Exception {
    Path shared = Files.createDirectory(temp.resolve("shared"));
    Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxrwxrwx"));
    Path link = Files.createSymbolicLink(temp.resolve("link"), shared);
    RunningDaemon.Said open = daemonAt(link.resolve("turnpike.sock"));
    assertEquals(1, open.exit(), open.text());
    assertTrue(open.text().contains("open to other users"), open.text());

    Path own = Files.createDirectory(temp.resolve("own"));
    Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rwx------"));
    Path target = Files.writeString(temp.resolve("precious"), "precious");
    Files.createSymbolicLink(own.resolve("turnpike.sock"), target);
    RunningDaemon.Said linked = daemonAt(own.resolve("turnpike.sock"));
    assertEquals(1, linked.exit(), linked.text());
    assertTrue(linked.text().contains("no socket"), linked.text());
    assertEquals("precious", Files.readString(target));
  }

  @Test
  void theUsualPlaceOfTheSocketIsMadeIfItIsMissing() throws Exception {
    Path runtime = Files.createDirectory(temp.resolve("runtime"));
    Map<String, String> environment =
        Map.of("TURNPIKE_SOCKET", runtime.resolve("turnpike/turnpike.sock").toString());
    try (var daemon = RunningDaemon.launch(temp.resolve("tp"), environment)) {
      Await.until(
          "it listens",
          RunningDaemon.PATIENCE,
          () -> Files.exists(runtime.resolve("turnpike/turnpike.sock")));
      assertEquals(
          "rwx------",
          PosixFilePermissions.toString(
              Files.getPosixFilePermissions(runtime.resolve("turnpike"))));
      assertTrue(daemon.alive());
    }
  }

  /** Each level says more; none says a key. */
  @Test
  void theMostTalkativeLogHoldsNoSecret() throws Exception {
    try (var place = Workplace.open(temp, Map.of("TURNPIKE_LOG_LEVEL", "trace"));
        var server = FakeLangfuse.start(Mode.EVENTS_ONLY)) {
      Map<String, String> call =
          Workplace.with(
              RunningDaemon.tracedTo(server), "LANGFUSE_SECRET_KEY", "sk-lf-planted-0123456789");
      place.play("multi-tool", call); // refused: the answers of a failure are said too
      place.daemon().post("/v1/flush?wait=5s");
      place.play("interactive", RunningDaemon.tracedTo(server));
      place.daemon().flush();
      String log = place.daemon().log();
      assertTrue(log.contains("401"), log);
      assertFalse(log.contains("sk-lf-planted"), log);
      assertFalse(log.contains(server.secretKey()), log);
    }
  }

  /** The journal keeps what a call's environment said, and the memory of a session does. */
  @Test
  void theStateKeepsNoSecretOfACallButItsKeys() throws Exception {
    try (var place = Workplace.open(temp, Map.of());
        var server = FakeLangfuse.start(Mode.EVENTS_ONLY)) {
      Map<String, String> call = RunningDaemon.tracedTo(server);
      call = Workplace.with(call, "LANGFUSE_HOST", "https://dev:planted-1@langfuse.example/");
      call = Workplace.with(call, "LANGFUSE_MCP_TOKEN", "planted-2");
      call = Workplace.with(call, "LANGFUSE_USER_ID", "sk-lf-planted-3");
      place.play("interactive", call);
      place.daemon().flush();
      List<Path> keepers = filesWith(place.daemon().home(), server.secretKey());
      assertEquals(1, keepers.size(), keepers.toString());
      assertTrue(keepers.getFirst().toString().contains("credentials"), keepers.toString());
      assertEquals(List.of(), filesWith(place.daemon().home(), "planted-"));
      assertFalse(
          filesWith(place.daemon().home(), "langfuse.example").isEmpty(), "nothing of it was kept");
    }
  }

  private static List<Path> filesWith(Path home, String text) throws IOException {
    var found = new ArrayList<Path>();
    try (Stream<Path> all = Files.walk(home)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        if (Files.readString(file, StandardCharsets.ISO_8859_1).contains(text)) {
          found.add(file);
        }
      }
    }
    return found;
  }

  private RunningDaemon.Said daemonAt(Path socket) throws Exception {
    return RunningDaemon.command(
        temp.resolve("tp"), Map.of("TURNPIKE_SOCKET", socket.toString()), "daemon");
  }

  private static void requireRoot() throws IOException {
    NotChecked.unless(
        Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0)
            && Files.isExecutable(Path.of("/usr/bin/setpriv"))
            && Files.isExecutable(Path.of("/usr/bin/perl")),
        "becoming another user takes root, setpriv and perl, so no other user has tried to call");
  }

  private static String asNobody(String program, Path argument) throws Exception {
    Process process = nobody(program, argument).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    assertTrue(process.waitFor(30, TimeUnit.SECONDS));
    return said;
  }

  private static ProcessBuilder nobody(String program, Path argument) {
    String id = Integer.toString(NOBODY);
    return new ProcessBuilder(
            List.of(
                "/usr/bin/setpriv",
                "--reuid",
                id,
                "--regid",
                id,
                "--clear-groups",
                "--",
                "/usr/bin/perl",
                "-e",
                program,
                argument.toString()))
        .directory(Path.of("/").toFile())
        .redirectErrorStream(true);
  }

  /** Calls the hook client through a shell; returns what it said. */
  private static String hook(Path home, String script, Map<String, String> environment)
      throws Exception {
    var builder =
        new ProcessBuilder(
                "/bin/sh",
                "-c",
                script,
                "sh",
                Image.folder().resolve("bin/turnpike-hook").toString(),
                "claude-code")
            .redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().putAll(environment);
    builder.environment().put("PATH", "/usr/bin:/bin");
    builder.environment().put("TURNPIKE_HOME", home.toString());
    builder.environment().put("TURNPIKE_AUTOSTART", "false");
    Process process = builder.start();
    try (var in = process.getOutputStream()) {
      in.write(STOP);
    }
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(30, TimeUnit.SECONDS));
    assertEquals(0, process.exitValue());
    return said;
  }

  private static List<Path> spooled(Path spool) throws IOException {
    try (Stream<Path> files = Files.list(spool)) {
      return files.filter(file -> file.toString().endsWith(".evt")).toList();
    }
  }

  private static void assertPrivate(Path home) throws IOException {
    var open = new ArrayList<String>();
    try (Stream<Path> all = Files.walk(home)) {
      for (Path path : all.toList()) {
        String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
        if (!mode.endsWith("------")) {
          open.add(mode + " " + home.relativize(path));
        }
      }
    }
    assertEquals(List.of(), open);
  }
}
