package dev.turnpike.agent.claudecode;

import dev.turnpike.agent.claudecode.ClaudeLine.ToolResult;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A tool call of the model and what became of it. */
final class ToolRun {
  private static final Set<String> LAUNCHERS = Set.of("Agent", "Task");

  final String id;
  final String name;
  final String inputJson;
  final boolean server;
  final Instant start;
  private @Nullable ToolResult result;
  private @Nullable Instant end;
  private @Nullable String injected;

  ToolRun(String id, String name, String inputJson, boolean server, Instant start) {
    this.id = id;
    this.name = name;
    this.inputJson = inputJson;
    this.server = server;
    this.start = start;
  }

  /** The first result counts: a repeated row changes nothing. */
  void settle(ToolResult outcome, Instant at) {
    if (result == null) {
      result = outcome;
      end = at;
    }
  }

  void inject(String text) {
    injected = injected == null ? text : injected;
  }

  boolean settled() {
    return result != null;
  }

  @Nullable ToolResult result() {
    return result;
  }

  @Nullable Instant end() {
    return end;
  }

  @Nullable String injected() {
    return injected;
  }

  boolean launchesAgent() {
    return LAUNCHERS.contains(name);
  }

  /**
   * Whether the call may have set a sub-agent to work, by launching it or by writing to one that
   * had stopped.
   */
  boolean concernsAgent() {
    return launchesAgent()
        || name.equals("SendMessage")
        || (result != null && result.agentId() != null);
  }

  /** The sub-agent it launched goes on after its result. */
  boolean background() {
    return result != null && result.async();
  }
}
