package dev.turnpike.hook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

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

/** Which variables leave the process, and how. */
@ParameterizedClass
@MethodSource("dev.turnpike.hook.Client#programs")
class EnvironmentTest {

  private static final Client.Result SILENT = new Client.Result(0, "", "");

  @Parameter Path program = Path.of("");
  @TempDir Path home = Path.of("");
  private Client client = new Client(program, home);

  @BeforeEach
  void newClient() {
    client = new Client(program, home);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "TRACE_TO_LANGFUSE",
        "LANGFUSE_SECRET_KEY",
        "LANGFUSE_BASE_URL",
        "CC_LANGFUSE_SECRET_KEY",
        "TURNPIKE_MAX_FIELD_CHARS",
        "CLAUDECODE",
        "CLAUDE_PROJECT_DIR",
        "CLAUDE_CODE_ENTRYPOINT",
        "CLAUDE_PLUGIN_OPTION_LANGFUSE_SECRET_KEY",
        "CLAUDE_PLUGIN_OPTION_TURNPIKE_TOKEN",
        "CODEX_HOME",
        "GEMINI_SESSION_ID",
        "CURSOR_VERSION",
        "COPILOT_CLI_BINARY_VERSION",
        "KIRO_SESSION_ID",
        "AUGMENT_CONVERSATION_ID",
        "OTEL_RESOURCE_ATTRIBUTES",
      })
  void listedVariableIsSent(String name) throws Exception {
    client.with(name, "the value");
    assertEquals(SILENT, client.run("{}", "claude-code"));
    assertEquals("the value", client.onlySpooled().variable(name));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CLAUDE_CODE_MESSAGING_TOKEN",
        "CLAUDE_CODE_OAUTH_TOKEN",
        "CLAUDE_CLIENT_SECRET",
        "CLAUDE_API_KEY",
        "CLAUDE_PASSWORD",
        "CLAUDE_CREDENTIALS",
        "CLAUDE_AUTHORIZATION",
        "CLAUDE_CODE_MESSAGING_SOCKET",
        "CLAUDE_PLUGIN_OPTION_OTHER_TOKEN",
        "ANTHROPIC_API_KEY",
        "OPENAI_API_KEY",
        "CODEX_API_KEY",
        "GEMINI_API_KEY",
        "CURSOR_API_KEY",
        "COPILOT_PROVIDER_API_KEY",
        "COPILOT_PROVIDER_BASE_URL",
        "AUGMENT_SESSION_AUTH",
        "KIRO_API_KEY",
        "TRACEPARENT",
        "OTEL_EXPORTER_OTLP_HEADERS",
        "XLANGFUSE_SECRET_KEY",
        "langfuse_secret_key",
        "TRACE_TO_LANGFUSE_",
        "HOME",
        "PATH",
      })
  void anyOtherVariableStaysHere(String name) throws Exception {
    client.with(name, "n0t-f0r-y0u");
    assertEquals(SILENT, client.run("{}", "claude-code"));
    Request request = client.onlySpooled();
    assertFalse(request.variables().contains(name), () -> request.headLines().toString());
    String all = new String(request.raw(), StandardCharsets.ISO_8859_1);
    assertFalse(all.contains("n0t-f0r-y0u"), all);
  }

  @Test
  void anyByteOfAValueSurvivesAndNoneMakesAHeader() throws Exception {
    String script =
        """
        LANGFUSE_A=$(printf 'x\\r\\nTurnpike-Env: LANGFUSE_B=evil\\r\\n\\r\\n{}')
        LANGFUSE_C=$(printf '%%%%0A%%41 \\001\\037\\177\\200\\303\\251\\377"=;')
        export LANGFUSE_A LANGFUSE_C
        exec "$HOOK" claude-code
        """;
    assertEquals(SILENT, client.runScript(script));
    Request request = client.onlySpooled();
    assertEquals("x\r\nTurnpike-Env: LANGFUSE_B=evil\r\n\r\n{}", request.variable("LANGFUSE_A"));
    assertEquals(
        "%%0A%41 \u0001\u001f\u007f\u0080\u00c3\u00a9\u00ff\"=;", request.variable("LANGFUSE_C"));
    assertFalse(request.variables().contains("LANGFUSE_B"));
    assertEquals("0", request.header("Content-Length"));
    assertTrue(
        request.headLines().stream().allMatch(line -> line.matches("[ -~]+")),
        () -> request.headLines().toString());
  }

  @Test
  void nameThatIsNoNameStaysHere() throws Exception {
    String script =
        "exec env \"$(printf 'LANGFUSE_X\\r\\nInjected: 1')=v\" 'LANGFUSE_A B=v' \"$HOOK\" codex";
    assertEquals(SILENT, client.runScript(script));
    Request request = client.onlySpooled();
    assertEquals(List.of("TURNPIKE_HOME"), request.variables());
    assertEquals(List.of(), request.headers("Injected"));
  }

  @Test
  void emptyValueIsSentAsEmpty() throws Exception {
    client.with("LANGFUSE_ENVIRONMENT", "");
    client.run("{}", "claude-code");
    assertEquals("", client.onlySpooled().variable("LANGFUSE_ENVIRONMENT"));
  }

  @Test
  void valueBeyondItsLimitIsDroppedAndCounted() throws Exception {
    client.with("LANGFUSE_FITS", "x".repeat(8192)).with("LANGFUSE_LONG", "x".repeat(8193));
    assertEquals(SILENT, client.run("{}", "claude-code"));
    Request request = client.onlySpooled();
    assertEquals(8192, request.variable("LANGFUSE_FITS").length());
    assertFalse(request.variables().contains("LANGFUSE_LONG"));
    assertEquals("1", request.header("Turnpike-Env-Dropped"));
  }

  /** However many there are, the settings come first: consent must not be what is left out. */
  @Test
  void variablesBeyondTheLimitOfAllAreDroppedAndCountedSettingsLast() throws Exception {
    for (int i = 0; i < 20; i++) {
      client.with("CLAUDE_FILLER_" + i, "%".repeat(2700));
    }
    client.with("TRACE_TO_LANGFUSE", "false").with("LANGFUSE_SECRET_KEY", "sk-lf-1");
    assertEquals(SILENT, client.run("{}", "claude-code"));
    Request request = client.onlySpooled();
    assertEquals("false", request.variable("TRACE_TO_LANGFUSE"));
    assertEquals("sk-lf-1", request.variable("LANGFUSE_SECRET_KEY"));
    int dropped = Integer.parseInt(request.header("Turnpike-Env-Dropped"));
    assertEquals(23, request.variables().size() + dropped);
    assertTrue(dropped >= 12, () -> dropped + " dropped");
    assertTrue(Request.headLength(request.raw()) < 96 << 10);
  }

  @Test
  void moreVariablesThanTheDaemonTakesAreDroppedAndCounted() throws Exception {
    for (int i = 0; i < 300; i++) {
      client.with("CLAUDE_FILLER_" + i, "v");
    }
    assertEquals(SILENT, client.run("{}", "claude-code"));
    Request request = client.onlySpooled();
    assertEquals(256, request.variables().size());
    assertTrue(request.variables().contains("TURNPIKE_HOME"));
    assertEquals("45", request.header("Turnpike-Env-Dropped"));
  }

  /** Of this form the daemon takes a call without asking its HTTP library: HookCall. */
  @Test
  void headHasNothingThatMeansMoreToHttpThanItsLength() throws Exception {
    client.with("TRACE_TO_LANGFUSE", "").with("LANGFUSE_USER_ID", " a b\t\u00e9 ");
    client.run("{}", "kiro-ide", " prompt submit ");
    List<String> lines = client.onlySpooled().headLines();
    List<String> headers = lines.subList(1, lines.size());
    String form = "(Host|Connection|Content-Type|Content-Length|Turnpike-[A-Za-z-]+): [!-~]+";
    assertEquals(List.of(), headers.stream().filter(line -> !line.matches(form)).toList());
    assertEquals(1, headers.stream().filter("Connection: close"::equals).count());
  }
}
