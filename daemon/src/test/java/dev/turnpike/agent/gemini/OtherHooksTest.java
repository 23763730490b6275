package dev.turnpike.agent.gemini;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OtherHooksTest {
  private static final String OURS =
      "{\"type\":\"command\",\"command\":\"TURNPIKE_AGENT_PID=$PPID '/opt/turnpike-hook' gemini-cli"
          + " >/dev/null 2>&1 || true\"}";
  private static final String THEIRS = "{\"type\":\"command\",\"command\":\"./review.sh\"}";

  @TempDir private Path home;
  private Path transcript = Path.of("/");
  private Path project = Path.of("/");
  private Path administrators = Path.of("/");

  @BeforeEach
  void places() {
    transcript = home.resolve(".gemini/tmp/shop/chats/session-1.jsonl");
    project = home.resolve("shop");
    administrators = home.resolve("etc/settings.json");
  }

  private void write(Path file, String hooks) throws IOException {
    Files.createDirectories(file.resolveSibling(""));
    Files.writeString(file, "{ // theirs\n \"hooks\": {%s}}".formatted(hooks));
  }

  private static String afterAgent(String... handlers) {
    return "\"AfterAgent\":[{\"hooks\":[%s]}]".formatted(String.join(",", handlers));
  }

  private boolean mayRefuse() {
    return OtherHooks.ofFiles(administrators).mayRefuse(transcript, project.toString());
  }

  @Test
  void oursAndNoneAreNoOthers() throws IOException {
    assertFalse(mayRefuse());
    write(home.resolve(".gemini/settings.json"), afterAgent(OURS));
    write(home.resolve(".gemini/extensions/turnpike/hooks/hooks.json"), afterAgent(OURS));
    assertFalse(mayRefuse());
    assertFalse(OtherHooks.ofFiles(administrators).mayRefuse(Path.of("/nowhere/a.jsonl"), null));
  }

  @Test
  void hooksForOtherEventsCannotRefuseAnAnswer() throws IOException {
    write(
        home.resolve(".gemini/settings.json"),
        afterAgent(OURS) + ",\"BeforeTool\":[{\"hooks\":[" + THEIRS + "]}]");
    assertFalse(mayRefuse());
  }

  @Test
  void theUsersBesideOursIsOne() throws IOException {
    write(home.resolve(".gemini/settings.json"), afterAgent(OURS, THEIRS));
    assertTrue(mayRefuse());
  }

  @Test
  void theProjectsIsOne() throws IOException {
    write(project.resolve(".gemini/settings.json"), afterAgent(THEIRS));
    assertTrue(mayRefuse());
  }

  @Test
  void anExtensionsIsOne() throws IOException {
    write(home.resolve(".gemini/extensions/review/hooks/hooks.json"), afterAgent(THEIRS));
    assertTrue(mayRefuse());
  }

  @Test
  void theAdministratorsIsOne() throws IOException {
    write(administrators, afterAgent(THEIRS));
    assertTrue(mayRefuse());
  }

  @Test
  void whatCannotBeReadIsNone() throws IOException {
    Path settings = home.resolve(".gemini/settings.json");
    write(settings, afterAgent(THEIRS));
    Files.writeString(settings, "{\"hooks\":");
    assertFalse(mayRefuse());
    Files.writeString(settings, "{\"hooks\":{\"AfterAgent\":\"review\"}}");
    assertFalse(mayRefuse());
  }
}
