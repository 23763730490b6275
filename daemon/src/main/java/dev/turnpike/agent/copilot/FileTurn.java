package dev.turnpike.agent.copilot;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnpike.model.TurnKey;
import dev.turnpike.platform.IsoTime;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The rows of one turn in the session file. Mutable; owned by {@link FileTurns}. */
final class FileTurn {
  private final JsonNode opener;
  private final long from;
  private final long hookAt;
  private final List<JsonNode> rows = new ArrayList<>();

  /** One of its hooks named a trace: its spans tell it. */
  boolean traced;

  /** The agent said that it is done. */
  boolean stopped;

  /** The process ended after it. */
  boolean over;

  FileTurn(JsonNode opener, long from, long hookAt) {
    this.opener = opener;
    this.from = from;
    this.hookAt = hookAt;
  }

  void add(JsonNode row) {
    rows.add(row);
  }

  /** Where its first row begins. */
  long from() {
    return from;
  }

  /** The CLI's id of the turn. */
  TurnKey key() {
    JsonNode data = opener.path("data");
    for (JsonNode id : new JsonNode[] {data.path("interactionId"), opener.path("id")}) {
      if (!id.asText("").isBlank()) {
        return new TurnKey(id.asText());
      }
    }
    return new TurnKey("@" + from);
  }

  /** As the hook that brought the prompt is known. */
  Optional<String> promptId() {
    return hookAt > 0 ? Optional.of(SignalParser.promptId(hookAt)) : Optional.empty();
  }

  String prompt() {
    return opener.path("data").path("content").asText("");
  }

  Instant started() {
    return at(opener);
  }

  List<JsonNode> rows() {
    return rows;
  }

  /** Everything is there: the agent stopped, and its last message is followed by its end. */
  boolean complete() {
    if (!stopped) {
      return false;
    }
    boolean ended = false;
    for (JsonNode row : rows) {
      if (!row.hasNonNull("agentId")) {
        switch (row.path("type").asText("")) {
          case "assistant.turn_start", "assistant.message" -> ended = false;
          case "assistant.turn_end" -> ended = true;
          default -> {}
        }
      }
    }
    return ended;
  }

  static Instant at(JsonNode row) {
    try {
      return IsoTime.parse(row.path("timestamp").asText(""));
    } catch (DateTimeException e) {
      return Instant.EPOCH;
    }
  }
}
