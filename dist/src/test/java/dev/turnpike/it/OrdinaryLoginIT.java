package dev.turnpike.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnpike.image.Image;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What most users have: no {@code TURNPIKE_HOME}, a session of a desktop or of ssh, and nobody who
 * made the socket's directory. The daemon, the hook client and the command line must all come to
 * the same place by themselves.
 */
class OrdinaryLoginIT {
  private static final String HOOK =
      "{\"session_id\":\"0f3c8a52-7f0e-4a51-9c2e-5d8b00000001\",\"hook_event_name\":\"SessionStart\"}";

  @TempDir Path temp;

  @Test
  void theFirstDaemonOfALoginMakesTheSocketsDirectory() throws Exception {
    Path runtime = Files.createDirectories(temp.resolve("run"));
    Files.setPosixFilePermissions(runtime, PosixFilePermissions.fromString("rwx------"));
    Path socket = runtime.resolve("turnpike/turnpike.sock");
    Map<String, String> login =
        Map.of("HOME", home().toString(), "XDG_RUNTIME_DIR", runtime.toString());

    Process daemon = process(login, "turnpike", "daemon");
    try {
      awaitAnswer(daemon, socket);
      assertEquals("rwx------", mode(socket.getParent()));
      assertEquals("rw-------", mode(socket));

      Process hook = process(login, "turnpike-hook", "claude-code");
      hook.getOutputStream().write(HOOK.getBytes(StandardCharsets.UTF_8));
      hook.getOutputStream().close();
      assertEquals("", said(hook));

      // on a crowded machine it may have gone to the spool: that both know where that is counts too
      new DaemonSocket(socket).ask("POST", "/v1/flush?wait=30s");
      JsonNode status = Fixture.JSON.readTree(said(process(login, "turnpike", "status", "--json")));
      assertEquals(daemon.pid(), status.path("pid").asLong());
      JsonNode agent =
          status
              .path("agents")
              .valueStream()
              .filter(each -> each.path("agent").asText().equals("claude-code"))
              .findFirst()
              .orElseThrow();
      assertEquals(1, agent.path("accepted").asLong(), status.toString());
    } finally {
      daemon.destroy();
      assertTrue(daemon.waitFor(RunningDaemon.PATIENCE.toSeconds(), TimeUnit.SECONDS));
    }
  }

  private Path home() throws IOException {
    return Files.createDirectories(temp.resolve("home"));
  }

  private static Process process(Map<String, String> login, String program, String... arguments)
      throws IOException {
    var command = new ArrayList<String>();
    command.add(Image.folder().resolve("bin").resolve(program).toString());
    command.addAll(List.of(arguments));
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    var environment = new HashMap<>(login);
    environment.put("PATH", "/usr/bin:/bin");
    environment.put("LANG", "C.UTF-8");
    environment.put("JAVA_HOME", System.getProperty("java.home"));
    environment.put("TURNPIKE_AUTOSTART", "false");
    builder.environment().clear();
    builder.environment().putAll(environment);
    return builder.start();
  }

  private static void awaitAnswer(Process daemon, Path socket) throws InterruptedException {
    Await.until(
        "the daemon answers",
        RunningDaemon.PATIENCE,
        () -> {
          if (!daemon.isAlive()) {
            throw new AssertionError("the daemon ended: " + said(daemon));
          }
          return Files.exists(socket) && answers(socket);
        });
  }

  private static boolean answers(Path socket) {
    try {
      return new DaemonSocket(socket).ask("GET", "/v1/health").status() == 200;
    } catch (IOException e) {
      return false; // not yet
    }
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  private static String said(Process process) {
    try {
      return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
