package dev.turnpike.agent.opencode;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.turnpike.agent.AgentJson;
import java.time.Instant;
import java.util.LinkedHashSet;

/**
 * The text of {@code Memory.carry()}: what the events of open turns do not tell.
 *
 * <pre>
 *   {"v":1,"turns":3,"version":"1.18.33","directory":"/home/dev/shop","created":1795178697274,"idle":"evt_1f8f…","over":["msg_1f8f…"]}
 * </pre>
 *
 * {@code over}: messages of turns that were told, of which late events may still come.
 */
final class Carry {
  private static final int LIMIT_OVER = 100;

  private Carry() {}

  static String write(Conversation conversation, int turns) {
    SessionFacts facts = conversation.rootFacts();
    ObjectNode carry = AgentJson.MAPPER.createObjectNode().put("v", 1).put("turns", turns);
    carry.put("version", facts.version).put("directory", facts.directory);
    carry.put("created", facts.created.toEpochMilli()).put("idle", facts.lastIdle);
    var over = carry.putArray("over");
    conversation.overLately(LIMIT_OVER).forEach(over::add);
    try {
      return AgentJson.MAPPER.writeValueAsString(carry);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of ours cannot be written", e);
    }
  }

  /**
   * @return how many turns were told
   */
  static int read(String text, Conversation conversation) {
    try {
      JsonNode carry = AgentJson.MAPPER.readTree(text);
      SessionFacts facts = conversation.rootFacts();
      facts.version = Json.text(carry, "version");
      facts.directory = Json.text(carry, "directory");
      facts.created = Instant.ofEpochMilli(carry.path("created").asLong(0));
      facts.lastIdle = Json.text(carry, "idle", "");
      var over = new LinkedHashSet<String>();
      carry.path("over").forEach(id -> over.add(id.asText()));
      conversation.overBefore(over);
      return carry.path("turns").asInt(0);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the session's memory is not JSON", e);
    }
  }
}
