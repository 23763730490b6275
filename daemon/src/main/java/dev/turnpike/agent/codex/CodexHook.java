package dev.turnpike.agent.codex;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.turnpike.agent.AgentJson;
import dev.turnpike.agent.ShellHook;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The hooks of Codex that we register: each tells that something began or ended, none is called for
 * a tool call. All are synchronous, since Codex 0.169.0 aborts asynchronous ones at its exit.
 */
enum CodexHook {
  SESSION_START("SessionStart", 5),
  USER_PROMPT_SUBMIT("UserPromptSubmit", 5),
  SUBAGENT_STOP("SubagentStop", 5),
  STOP("Stop", 5),
  INTERRUPT("Interrupt", 3),
  SESSION_END("SessionEnd", 3);

  private static final ShellHook SHELL = new ShellHook(Codex.ID);

  private final String event;
  private final int timeoutSeconds;

  /**
   * @param timeoutSeconds above the client's own 200 ms; more than 3 for the last two makes Codex
   *     warn at every start
   */
  CodexHook(String event, int timeoutSeconds) {
    this.event = event;
    this.timeoutSeconds = timeoutSeconds;
  }

  String event() {
    return event;
  }

  int timeoutSeconds() {
    return timeoutSeconds;
  }

  /** What Codex makes of a timeout: 600 if none is given, 3 at most for the last two. */
  int effective(Optional<Integer> timeout) {
    int said = timeout.orElse(600);
    return this == INTERRUPT || this == SESSION_END ? Math.min(said, timeoutSeconds) : said;
  }

  /** As in the keys of {@code [hooks.state]}: "session_start". */
  String snake() {
    return name().toLowerCase(Locale.ROOT);
  }

  static List<String> events() {
    return Arrays.stream(values()).map(CodexHook::event).toList();
  }

  static Optional<CodexHook> of(String event) {
    return Arrays.stream(values()).filter(hook -> hook.event.equals(event)).findFirst();
  }

  static boolean ours(String command) {
    return SHELL.wrote(command);
  }

  /** To Codex a hook that ends with 2 is a refusal, and one that fails is shown to the user. */
  static String command(String program) {
    return SHELL.command(program);
  }

  /**
   * What Codex 0.169.0 calls the hook's current hash, by which it knows a hook that its user has
   * trusted: over the entry as Codex reads it, as compact JSON with sorted keys.
   */
  String hash(String command, int timeout) {
    JsonNodeFactory json = JsonNodeFactory.instance;
    ObjectNode handler =
        json.objectNode()
            .put("async", false)
            .put("command", command)
            .put("timeout", timeout)
            .put("type", "command");
    ObjectNode group = json.objectNode().put("event_name", snake());
    group.putArray("hooks").add(handler);
    try {
      byte[] text = AgentJson.MAPPER.writeValueAsString(group).getBytes(StandardCharsets.UTF_8);
      return "sha256:"
          + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text));
    } catch (JsonProcessingException | NoSuchAlgorithmException e) {
      throw new IllegalStateException("a tree of ours cannot be hashed", e);
    }
  }
}
