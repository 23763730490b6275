package dev.turnpike.agent.claudecode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.turnpike.agent.HookSettings;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The hooks we want of Claude Code 2.1.329 and what an entry of ours looks like. In its settings,
 * and the same in a plugin's {@code hooks.json}:
 *
 * <pre>
 *   {"hooks": {"Stop": [{"hooks": [
 *     {"type": "command", "command": "/abs/turnpike-hook", "args": ["claude-code"], "timeout": 10}]}]}}
 * </pre>
 *
 * With {@code args} the program is started directly, without a shell.
 */
final class HookTable implements HookSettings.Entries {
  static final String PROGRAM = "turnpike-hook";
  static final String AGENT = "claude-code";

  /**
   * @param async the CLI does not wait for it. Hooks of that kind are killed when a headless run
   *     ends, so whatever ends or begins something is not among them
   * @param timeoutSeconds above the client's own limit of 6 s. SessionEnd has 1.5 s unless it asks
   *     for more
   */
  record Hook(String event, boolean async, int timeoutSeconds) {}

  private static final int USUAL_SECONDS = 10;

  /** In the order of a session's life. */
  static final List<Hook> ALL =
      List.of(
          awaited("SessionStart"),
          awaited("UserPromptSubmit"),
          passing("UserPromptExpansion"),
          passing("PreToolUse"),
          passing("PermissionRequest"),
          passing("PermissionDenied"),
          passing("PostToolUse"),
          passing("PostToolUseFailure"),
          awaited("SubagentStart"),
          awaited("SubagentStop"),
          passing("Notification"),
          passing("PostModelSwitch"),
          passing("PreCompact"),
          passing("PostCompact"),
          awaited("Stop"),
          awaited("StopFailure"),
          new Hook("SessionEnd", false, 5));

  /** One spawn each for every tool call; whoever minds can do without them. */
  private static final List<String> AROUND_TOOLS =
      List.of("PreToolUse", "PostToolUse", "PostToolUseFailure");

  /** What would make an entry of ours run for some calls only, or through a shell. */
  private static final List<String> NARROWING = List.of("if", "once", "shell", "asyncRewake");

  static final HookTable ENTRIES = new HookTable();

  private HookTable() {}

  @Override
  public boolean comments() {
    return false;
  }

  @Override
  public String dialect() {
    return "Claude Code reads plain JSON only";
  }

  @Override
  public Set<String> others() {
    return Set.of();
  }

  @Override
  public ObjectNode handler(String event, String program) {
    return handler(hook(event), program);
  }

  @Override
  public boolean serves(JsonNode handler, String event, String program) {
    return serves(handler, hook(event), program);
  }

  @Override
  public List<String> notOf(String event) {
    return notOf(hook(event));
  }

  private static Hook hook(String event) {
    return ALL.stream().filter(hook -> hook.event().equals(event)).findFirst().orElseThrow();
  }

  static List<Hook> wanted(boolean aroundTools) {
    return ALL.stream()
        .filter(hook -> aroundTools || !AROUND_TOOLS.contains(hook.event()))
        .toList();
  }

  private static Hook awaited(String event) {
    return new Hook(event, false, USUAL_SECONDS);
  }

  private static Hook passing(String event) {
    return new Hook(event, true, USUAL_SECONDS);
  }

  /** The entry for {@code hook}. */
  static ObjectNode handler(Hook hook, String program) {
    ObjectNode handler = JsonNodeFactory.instance.objectNode();
    handler.put("type", "command");
    handler.put("command", program);
    handler.putArray("args").add(AGENT);
    handler.put("timeout", hook.timeoutSeconds());
    if (hook.async()) {
      handler.put("async", true);
    }
    return handler;
  }

  /** The entry in a group of its own, which matches everything. */
  static ObjectNode group(Hook hook, String program) {
    ObjectNode group = JsonNodeFactory.instance.objectNode();
    group.putArray("hooks").add(handler(hook, program));
    return group;
  }

  /**
   * Whether {@code handler} does what {@link #handler} asks for. A time-out the user chose may
   * stay.
   */
  static boolean serves(JsonNode handler, Hook hook, String program) {
    ObjectNode wanted = handler(hook, program);
    return List.of("type", "command", "args").stream()
            .allMatch(key -> wanted.path(key).equals(handler.path(key)))
        && handler.path("async").asBoolean() == hook.async()
        && handler.path("timeout").isNumber()
        && NARROWING.stream().noneMatch(handler::has);
  }

  /** The keys that must not be in the entry for {@code hook}. */
  private static List<String> notOf(Hook hook) {
    return hook.async()
        ? NARROWING
        : Stream.concat(NARROWING.stream(), Stream.of("async")).toList();
  }

  /** In exec form or in a shell's, wherever our client lies. */
  @Override
  public boolean ours(JsonNode handler) {
    String command = handler.path("command").asText("").strip();
    return handler.path("args").isArray() ? isClient(command) : isClient(firstWord(command));
  }

  private static boolean isClient(String program) {
    String name =
        program.substring(Math.max(program.lastIndexOf('/'), program.lastIndexOf('\\')) + 1);
    return name.equals(PROGRAM) || name.equals(PROGRAM + ".exe");
  }

  /** {@code "/a b/turnpike-hook" claude-code}: the part in quotes; else up to the first blank. */
  private static String firstWord(String shell) {
    if (shell.startsWith("\"") || shell.startsWith("'")) {
      int end = shell.indexOf(shell.charAt(0), 1);
      return end < 0 ? shell : shell.substring(1, end);
    }
    return shell.split("\\s", 2)[0];
  }
}
