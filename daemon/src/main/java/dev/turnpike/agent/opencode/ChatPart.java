package dev.turnpike.agent.opencode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A part of a message, as the latest of its events tells it, with what only earlier ones say: when
 * it was first told of, under which name a tool was asked for, what it had put out.
 */
final class ChatPart {
  final String id;
  final String type;

  private JsonNode node = MissingNode.getInstance();
  private String toldBy = "";
  private String firstTold = "";
  private Instant first = Instant.EPOCH;
  private Instant latest = Instant.EPOCH;
  private @Nullable String wantedTool;
  private String outputBy = "";
  private @Nullable String output;

  ChatPart(String id, String type) {
    this.id = id;
    this.type = type;
  }

  /**
   * @param at when it was updated
   */
  void tell(JsonNode latestNode, String event, @Nullable Instant at) {
    if (firstTold.isEmpty() || event.compareTo(firstTold) < 0) {
      firstTold = event;
      wantedTool = Json.text(latestNode, "tool");
      first = at == null ? Instant.EPOCH : at;
    }
    if (at != null && at.isAfter(latest)) {
      latest = at;
    }
    String said = Json.text(latestNode.path("state").path("metadata"), "output");
    if (said != null && event.compareTo(outputBy) >= 0) {
      output = said;
      outputBy = event;
    }
    if (event.compareTo(toldBy) >= 0) {
      node = latestNode;
      toldBy = event;
    }
  }

  JsonNode node() {
    return node;
  }

  String firstTold() {
    return firstTold;
  }

  /** When its first update was; the epoch if no update says when it was. */
  Instant first() {
    return first;
  }

  Instant latest() {
    Instant end = end();
    return end != null && end.isAfter(latest) ? end : latest;
  }

  boolean synthetic() {
    return node.path("synthetic").asBoolean(false);
  }

  String text() {
    return Json.text(node, "text", "");
  }

  JsonNode state() {
    return node.path("state");
  }

  String status() {
    return Json.text(state(), "status", "");
  }

  boolean settled() {
    return !type.equals("tool") || status().equals("completed") || status().equals("error");
  }

  String callId() {
    return Json.text(node, "callID", id);
  }

  /**
   * The tool the model asked for. 1.18.33 renames a call of an unknown tool to "invalid" (fixture
   * bad_tool).
   */
  String tool() {
    String name = Json.text(node, "tool", "tool");
    if (!name.equals("invalid")) {
      return name;
    }
    String wanted = Json.text(state().path("input"), "tool");
    return wanted != null ? wanted : wantedTool == null ? name : wantedTool;
  }

  boolean invalid() {
    return "invalid".equals(Json.text(node, "tool"));
  }

  /** What a running tool had put out when it was last heard of. */
  String partialOutput() {
    return output == null ? "" : output;
  }

  /** The session of the sub-agent this call launched. */
  @Nullable String launched() {
    return Json.text(state().path("metadata"), "sessionId");
  }

  @Nullable Instant start() {
    return type.equals("tool") ? Json.time(state(), "start") : Json.time(node, "start");
  }

  @Nullable Instant end() {
    return type.equals("tool") ? Json.time(state(), "end") : Json.time(node, "end");
  }
}
