package dev.turnpike.index;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.turnpike.model.AgentId;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.Level;
import dev.turnpike.model.SessionId;
import dev.turnpike.model.SessionKey;
import dev.turnpike.model.TraceId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;

/** A summary as the index holds it. */
final class SummaryJson {
  private static final ObjectMapper JSON = new ObjectMapper();

  private SummaryJson() {}

  static byte[] write(TraceSummary summary) {
    ObjectNode node = JSON.createObjectNode();
    node.put("id", summary.id().hex());
    node.put("agent", summary.session().agent().value());
    node.put("session", summary.session().session().value());
    node.put("name", summary.name());
    node.put("start", summary.start().toString());
    node.put("end", summary.end().toString());
    node.put("level", summary.level().name());
    node.put("generations", summary.generations());
    node.put("tools", summary.toolCalls());
    node.put("tokens", summary.tokens());
    summary.costUsd().ifPresent(cost -> node.put("cost", cost));
    node.put("destination", summary.destination().value());
    node.put("status", summary.status());
    return node.toString().getBytes(StandardCharsets.UTF_8);
  }

  static TraceSummary read(byte[] bytes) throws IOException {
    JsonNode node = JSON.readTree(bytes);
    return new TraceSummary(
        new TraceId(node.path("id").asText()),
        new SessionKey(
            new AgentId(node.path("agent").asText()), new SessionId(node.path("session").asText())),
        node.path("name").asText(),
        Instant.parse(node.path("start").asText()),
        Instant.parse(node.path("end").asText()),
        Level.valueOf(node.path("level").asText()),
        node.path("generations").asInt(),
        node.path("tools").asInt(),
        node.path("tokens").asLong(),
        node.has("cost") ? Optional.of(node.path("cost").asDouble()) : Optional.empty(),
        new DestinationId(node.path("destination").asText()),
        node.path("status").asText());
  }
}
