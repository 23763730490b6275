package dev.turnpike.agent.claudecode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What only hooks tell, kept until the turn it concerns has gone out. Whichever order events come
 * in, and however often, the facts are the same. Everything here is bounded; the oldest goes first.
 */
final class HookFacts {
  static final int TOOL_LIMIT = 1000;
  static final int ANNOUNCED_LIMIT = 4;
  static final int CLOSED_LIMIT = 16;
  static final int AGENT_LIMIT = 200;
  static final int TEXT_LIMIT_CHARS = 16 * 1024;

  private static final String UNNAMED = "";

  /**
   * @param preMillis epoch milliseconds of PreToolUse, 0 if not heard; {@code durationMillis} -1 if
   *     not told
   */
  record ToolFact(long preMillis, long durationMillis, @Nullable String mcpServer) {}

  /**
   * A turn was said to have ended: its final text, or why it failed.
   *
   * @param atMillis when the hook ran: of several for one prompt the latest holds
   */
  record Announced(long atMillis, @Nullable String text, @Nullable String failure) {
    /** Whether {@code said} is what was announced; it may be longer than what was kept. */
    boolean matches(String said) {
      if (text == null) {
        return true;
      }
      // How the CLI joins several text blocks is its own affair.
      String wanted = squeezed(text);
      String got = squeezed(said);
      return text.length() >= TEXT_LIMIT_CHARS ? got.startsWith(wanted) : got.equals(wanted);
    }
  }

  private static String squeezed(String text) {
    return text.replaceAll("\\s+", "");
  }

  private final Map<String, ToolFact> tools = new LinkedHashMap<>();
  private final Map<String, Announced> announced = new LinkedHashMap<>();
  private final Set<String> closedPrompts = new LinkedHashSet<>();
  private final Set<String> stoppedAgents = new LinkedHashSet<>();
  private long endedMillis;
  private long heardMillis;

  void heard(Instant at) {
    heardMillis = Math.max(heardMillis, at.toEpochMilli());
  }

  void sessionEnded(Instant at) {
    endedMillis = Math.max(endedMillis, at.toEpochMilli());
  }

  /** Everything its end closes is closed. */
  void endServed() {
    endedMillis = 0;
  }

  /** The session has ended, and nothing was heard of it since. */
  boolean sessionOver() {
    return endedMillis > 0 && endedMillis >= heardMillis;
  }

  /**
   * What has begun later is of a process that took the session up again, even if its hooks are not
   * heard yet.
   */
  boolean sessionOverFor(Instant begun) {
    return sessionOver() && begun.toEpochMilli() <= endedMillis;
  }

  void tool(Instant at, boolean before, ClaudeSignal.ToolFacts tool) {
    var old = tools.getOrDefault(tool.callId(), new ToolFact(0, -1, null));
    tools.put(
        tool.callId(),
        new ToolFact(
            before && old.preMillis() == 0 ? at.toEpochMilli() : old.preMillis(),
            Math.max(old.durationMillis(), tool.durationMillis()),
            tool.mcpServer() == null ? old.mcpServer() : tool.mcpServer()));
    bound(tools, TOOL_LIMIT);
  }

  @Nullable ToolFact tool(String callId) {
    return tools.get(callId);
  }

  void forgetTool(String callId) {
    tools.remove(callId);
  }

  /**
   * @param named null: the version does not say which turn has ended (before 2.1), so it is the one
   *     whose rows say no more of themselves
   */
  void announce(
      @Nullable String named, Instant at, @Nullable String text, @Nullable String failure) {
    String prompt = named == null ? UNNAMED : named;
    if (closedPrompts.contains(prompt)) {
      return;
    }
    var old = announced.get(prompt);
    if (old == null || old.atMillis() <= at.toEpochMilli()) {
      String kept = text == null ? null : SignalParser.cut(text, TEXT_LIMIT_CHARS);
      announced.put(prompt, new Announced(at.toEpochMilli(), kept, failure));
      bound(announced, ANNOUNCED_LIMIT);
    }
  }

  @Nullable Announced announced(@Nullable String prompt) {
    return announced.get(prompt == null ? UNNAMED : prompt);
  }

  boolean anyAnnounced() {
    return !announced.isEmpty();
  }

  void closed(@Nullable String prompt) {
    if (prompt == null) {
      announced.remove(UNNAMED);
    } else {
      announced.remove(prompt);
      closedPrompts.add(prompt);
      bound(closedPrompts, CLOSED_LIMIT);
    }
  }

  void agentStopped(String id) {
    stoppedAgents.add(id);
    bound(stoppedAgents, AGENT_LIMIT);
  }

  boolean agentHasStopped(String id) {
    return stoppedAgents.contains(id);
  }

  private static void bound(Map<String, ?> map, int limit) {
    if (map.size() > limit) {
      map.remove(map.keySet().iterator().next());
    }
  }

  private static void bound(Set<String> set, int limit) {
    if (set.size() > limit) {
      set.remove(set.iterator().next());
    }
  }

  void write(ObjectNode carry) {
    carry.put("ended", endedMillis);
    carry.put("heard", heardMillis);
    ObjectNode toolNode = carry.putObject("tools");
    tools.forEach(
        (id, fact) -> {
          ArrayNode values = toolNode.putArray(id);
          values.add(fact.preMillis()).add(fact.durationMillis()).add(fact.mcpServer());
        });
    ObjectNode announcedNode = carry.putObject("announced");
    announced.forEach(
        (prompt, told) ->
            announcedNode
                .putArray(prompt)
                .add(told.atMillis())
                .add(told.text())
                .add(told.failure()));
    closedPrompts.forEach(carry.putArray("closed")::add);
    stoppedAgents.forEach(carry.putArray("stopped")::add);
  }

  void read(JsonNode carry) {
    endedMillis = carry.path("ended").asLong(0);
    heardMillis = carry.path("heard").asLong(0);
    for (var field : carry.path("tools").properties()) {
      JsonNode v = field.getValue();
      tools.put(
          field.getKey(),
          new ToolFact(v.path(0).asLong(0), v.path(1).asLong(-1), string(v.path(2))));
    }
    for (var field : carry.path("announced").properties()) {
      JsonNode v = field.getValue();
      announced.put(
          field.getKey(), new Announced(v.path(0).asLong(0), string(v.path(1)), string(v.path(2))));
    }
    carry.path("closed").forEach(prompt -> closedPrompts.add(prompt.asText()));
    carry.path("stopped").forEach(id -> stoppedAgents.add(id.asText()));
  }

  static @Nullable String string(JsonNode node) {
    return node.isTextual() ? node.asText() : null;
  }
}
