package dev.turnpike.agent.codex;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.turnpike.agent.HookSettings;
import java.util.List;
import java.util.Set;

/** Our hooks in Codex's {@code hooks.json}, which some people have beside {@code config.toml}. */
final class JsonEntries implements HookSettings.Entries {
  static final JsonEntries ENTRIES = new JsonEntries();

  private JsonEntries() {}

  @Override
  public boolean comments() {
    return false;
  }

  @Override
  public String dialect() {
    return "Codex reads plain JSON only";
  }

  @Override
  public Set<String> others() {
    return Set.of(TrustToml.STATE);
  }

  @Override
  public boolean ours(JsonNode handler) {
    return CodexHook.ours(handler.path("command").asText(""));
  }

  @Override
  public ObjectNode handler(String event, String program) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("type", "command")
        .put("command", CodexHook.command(program))
        .put("timeout", CodexHook.of(event).map(CodexHook::timeoutSeconds).orElse(3));
  }

  @Override
  public boolean serves(JsonNode handler, String event, String program) {
    return handler.path("type").asText().equals("command")
        && handler.path("command").asText().equals(CodexHook.command(program))
        && handler.path("timeout").isInt()
        && handler.size() == 3;
  }

  @Override
  public List<String> notOf(String event) {
    return List.of("async", "statusMessage");
  }
}
