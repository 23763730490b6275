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

  /** Agent and Task do; Skill with a forked context and Workflow say so in their result. */
  boolean launchesAgent() {
    boolean says = result != null && (result.agentId() != null || result.workflow() != null);
    return agentTool() || (says && !writesToAgent());
  }

  /** A tool made for launching: its prompt is the sub-agent's first row. */
  boolean agentTool() {
    return LAUNCHERS.contains(name);
  }

  /** Wakes a sub-agent that had stopped. */
  boolean writesToAgent() {
    return name.equals("SendMessage");
  }

  boolean concernsAgent() {
    return launchesAgent() || writesToAgent();
  }

  /** The sub-agent it launched goes on after its result. */
  boolean background() {
    return result != null && result.async();
  }
}
