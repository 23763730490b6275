package dev.turnpike.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.it.RunningDaemon.Said;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Turnpike is taken away while agents run that know its hooks from before. */
class UninstallIT {
  private static final int AGENTS = 3;
  private static final String PAYLOAD =
      "{\"hook_event_name\":\"PreToolUse\",\"session_id\":\"s-1\",\"prompt_id\":\"p-1\"}";

  @TempDir Path temp;

  private final AtomicBoolean over = new AtomicBoolean();
  private final AtomicInteger calls = new AtomicInteger();

  @Test
  void nothingComesBackAndNothingIsLeft() throws Exception {
    Path home = temp.toRealPath().resolve("tp");
    Files.createDirectories(temp.resolve(".claude"));
    Map<String, String> environment = Map.of();
    Said installed = RunningDaemon.command(home, environment, "install");
    assertEquals(0, installed.exit(), installed.text());
    Path hook = home.resolve("app/bin/turnpike-hook");
    Path image = home.resolve("app").toRealPath();
    try (var agents = Executors.newFixedThreadPool(AGENTS)) {
      List<Future<Object>> work =
          List.of(
              agents.submit(() -> callUntilOver(hook, home)),
              agents.submit(() -> callUntilOver(hook, home)),
              agents.submit(() -> callUntilOver(hook, home)));
      try {
        Await.until("hooks come", RunningDaemon.PATIENCE, () -> calls.get() > 20);
        Said said = RunningDaemon.command(home, environment, "uninstall", "--purge", "--yes");
        assertEquals(0, said.exit(), said.text());
        assertFalse(Files.exists(home), () -> said.text() + listing(home));
        int until = calls.get() + 20;
        Await.until("they go on", RunningDaemon.PATIENCE, () -> calls.get() > until);
      } finally {
        over.set(true);
      }
      for (Future<Object> one : work) {
        one.get();
      }
    }
    assertFalse(Files.exists(home), () -> listing(home));
    assertTrue(
        ProcessHandle.allProcesses()
            .noneMatch(
                process -> process.info().commandLine().orElse("").contains(image.toString())),
        "a program of it runs");
  }

  /** As an agent does, which goes on when there is no such program. */
  private Object callUntilOver(Path hook, Path home) throws IOException, InterruptedException {
    while (!over.get()) {
      var builder = new ProcessBuilder("/bin/sh", "-c", "exec \"$0\" claude-code", hook.toString());
      builder.environment().clear();
      builder
          .environment()
          .putAll(
              Map.of(
                  "PATH", "/usr/bin:/bin",
                  "JAVA_HOME", System.getProperty("java.home"),
                  "HOME", temp.toString(),
                  "TRACE_TO_LANGFUSE", "true",
                  "TURNPIKE_HOME", home.toString()));
      builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD);
      Process call = builder.start();
      try (var in = call.getOutputStream()) {
        in.write(PAYLOAD.getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        LoggerFactory.getLogger(UninstallIT.class).debug("it has ended already: {}", e.toString());
      }
      call.waitFor();
      calls.incrementAndGet();
    }
    return calls;
  }

  private static String listing(Path folder) {
    try (var all = Files.walk(folder)) {
      return all.toList().toString();
    } catch (IOException e) {
      return e.toString();
    }
  }
}
