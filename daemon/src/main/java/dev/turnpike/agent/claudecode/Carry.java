package dev.turnpike.agent.claudecode;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.turnpike.agent.AgentJson;
import dev.turnpike.model.SpanId;
import dev.turnpike.model.TraceSeed;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The text of {@code Memory.carry()}: what rows from the positions on do not tell.
 *
 * <pre>
 *   {"v":1,"path":"/home/dev/.claude/projects/-home-dev-shop/a4b1….jsonl","turns":3,"tips":["8ffd…"],"accounted":"2026-11-20T…Z",
 *    "marks":true,"rows":true,"first":{…}?,"ended":0,"heard":…,"tools":{"toolu_…":[pre,duration,server]},"announced":{…},
 *    "closed":[prompt…],"stopped":[agent…],"told":[prompt…],"hookTurns":{…},"pending":[{…}],"notified":{agent:status}}
 * </pre>
 */
final class Carry {
  static final int VERSION = 1;

  private Carry() {}

  static ObjectNode begin() {
    return AgentJson.MAPPER.createObjectNode().put("v", VERSION);
  }

  static String text(ObjectNode carry) {
    try {
      return AgentJson.MAPPER.writeValueAsString(carry);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of ours cannot be written", e);
    }
  }

  static JsonNode read(String text) {
    try {
      return AgentJson.MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the session's memory is not JSON", e);
    }
  }

  static void writeWorkflows(ObjectNode carry, List<PendingWorkflow> workflows) {
    var list = carry.putArray("workflows");
    for (PendingWorkflow workflow : workflows) {
      ObjectNode node =
          list.addObject()
              .put("run", workflow.run())
              .put("tool", workflow.toolUseId())
              .put("seed", workflow.seed().text())
              .put("call", workflow.call().hex());
      workflow.agents().forEach(node.putArray("agents")::add);
    }
  }

  static List<PendingWorkflow> workflows(JsonNode carry) {
    var workflows = new ArrayList<PendingWorkflow>();
    for (JsonNode node : carry.path("workflows")) {
      var agents = new TreeSet<String>();
      node.path("agents").forEach(agent -> agents.add(agent.asText()));
      workflows.add(
          new PendingWorkflow(
              node.path("run").asText(),
              node.path("tool").asText(),
              new TraceSeed(node.path("seed").asText()),
              new SpanId(node.path("call").asText()),
              agents));
    }
    return workflows;
  }

  static void write(ObjectNode carry, List<PendingAgent> pending, Map<String, String> notified) {
    var list = carry.putArray("pending");
    for (PendingAgent agent : pending) {
      list.addObject()
          .put("agent", agent.agent())
          .put("file", agent.file() == null ? null : agent.file().toString())
          .put("from", agent.from())
          .put("launch", agent.launch())
          .put("seed", agent.seed().text())
          .put("type", agent.type())
          .put("call", agent.call().hex());
    }
    ObjectNode statuses = carry.putObject("notified");
    notified.forEach(statuses::put);
  }

  static List<PendingAgent> pending(JsonNode carry) {
    var pending = new ArrayList<PendingAgent>();
    for (JsonNode node : carry.path("pending")) {
      @Nullable String file = HookFacts.string(node.path("file"));
      pending.add(
          new PendingAgent(
              node.path("agent").asText(),
              file == null ? null : Path.of(file),
              node.path("from").asLong(),
              node.path("launch").asBoolean(true),
              new TraceSeed(node.path("seed").asText()),
              node.path("type").asText("sub-agent"),
              new SpanId(node.path("call").asText())));
    }
    return pending;
  }
}
