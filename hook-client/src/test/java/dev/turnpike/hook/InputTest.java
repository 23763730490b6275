package dev.turnpike.hook;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The ways in which agents leave stdin behind; and what is typed on the command line. */
@ParameterizedClass
@MethodSource("dev.turnpike.hook.Client#programs")
class InputTest {

  private static final Client.Result SILENT = new Client.Result(0, "", "");

  @Parameter Path program = Path.of("");
  @TempDir Path home = Path.of("");
  private Client client = new Client(program, home);

  @BeforeEach
  void newClient() {
    client = new Client(program, home);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{\"a\":1}", "[1]", "{\"a\":1}\r\n \t"})
  void stdinLeftOpenAfterTheWholePayloadIsNotWaitedFor(String payload) throws Exception {
    assertEquals(SILENT, client.runWithOpenStdin(payload, "claude-code"));
    Request request = client.onlySpooled();
    assertArrayEquals(payload.getBytes(StandardCharsets.UTF_8), request.body());
    assertEquals(List.of(), request.headers("Turnpike-Truncated"));
  }

  @Test
  void payloadThatNeverEndsIsSentAndMarkedAsCut() throws Exception {
    assertEquals(SILENT, client.runWithOpenStdin("{\"a\":", "claude-code"));
    assertEquals("5", client.onlySpooled().header("Turnpike-Truncated"));
  }

  @Test
  void payloadInPiecesIsOnePayload() throws Exception {
    Client.Running running = client.start("claude-code");
    try (OutputStream stdin = running.process().getOutputStream()) {
      for (String piece : List.of("{", "\"a\"", ":", "1", "}")) {
        stdin.write(piece.getBytes(StandardCharsets.UTF_8));
        stdin.flush();
      }
    }
    assertEquals(SILENT, running.result());
    assertEquals("{\"a\":1}", new String(client.onlySpooled().body(), StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(strings = {"<.", "</dev/null", "<&-"})
  void stdinThatGivesNothingIsAnEmptyPayload(String stdin) throws Exception {
    assertEquals(SILENT, client.runScript("exec \"$HOOK\" kiro-ide promptSubmit " + stdin));
    assertEquals("0", client.onlySpooled().header("Content-Length"));
  }

  @Test
  void versionIsPrinted() throws Exception {
    String version = "turnpike-hook " + System.getProperty("hook.version") + "\n";
    assertEquals(new Client.Result(0, version, ""), client.run("", "--version"));
  }

  @Test
  void helpIsPrinted() throws Exception {
    Client.Result result = client.run("", "--help");
    assertEquals(0, result.exitCode());
    String first = result.output().lines().findFirst().orElse("");
    assertEquals("Usage: turnpike-hook <agent> [<event>]", first);
    assertEquals("", result.error());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "--wrong", "-h", "a/b", "..", "a b", "a\r\nX: y", "\u00e9"})
  void wrongUsageWithoutATerminalIsSilent(String agent) throws Exception {
    assertEquals(SILENT, client.run("{}", agent));
    assertEquals(List.of(), client.spooled());
  }

  @Test
  void agentNameBeyondTheLimitIsWrongUsage() throws Exception {
    assertEquals(SILENT, client.run("{}", "a".repeat(65)));
    assertEquals(List.of(), client.spooled());
    assertEquals(SILENT, client.run("{}", "a".repeat(64)));
    assertEquals(1, client.spooled().size());
  }

  @Test
  void noArgumentAtAllIsSilent() throws Exception {
    assertEquals(SILENT, client.run("{}"));
  }

  @Test
  void furtherArgumentsAreIgnoredAndALongEventNameIsCut() throws Exception {
    assertEquals(SILENT, client.run("{}", "codex", "e".repeat(500), "more", "--version"));
    assertEquals("e".repeat(128), client.onlySpooled().header("Turnpike-Event"));
  }
}
