package dev.turnpike.agent.opencode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.time.Instant;
import java.util.Collection;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A message as the latest of its events tells it: event ids ascend in time, so it does not matter
 * in which order they come, or how often. One assistant message is one model call.
 */
final class ChatMessage {
  final String id;

  /** Place of the first batch that concerns it, in the order of arrival. */
  long since = Long.MAX_VALUE;

  String session = "";
  String source = "";
  boolean removed;

  private JsonNode info = MissingNode.getInstance();
  private String toldBy = "";
  private String firstTold = "";
  private final TreeMap<String, ChatPart> parts = new TreeMap<>();

  ChatMessage(String id) {
    this.id = id;
  }

  void tell(JsonNode latest, String event) {
    if (event.compareTo(toldBy) >= 0) {
      info = latest;
      toldBy = event;
    }
    if (firstTold.isEmpty() || event.compareTo(firstTold) < 0) {
      firstTold = event;
    }
  }

  ChatPart part(String part, String type) {
    return parts.computeIfAbsent(part, name -> new ChatPart(name, type));
  }

  void remove(String part) {
    parts.remove(part);
  }

  /** ChatPart ids ascend in the order in which the model gave them. */
  Collection<ChatPart> parts() {
    return parts.values();
  }

  /** Only parts of it were told. */
  boolean unknown() {
    return info.isMissingNode();
  }

  boolean user() {
    return "user".equals(Json.text(info, "role"));
  }

  JsonNode info() {
    return info;
  }

  /** The event with which it began. */
  String firstTold() {
    return firstTold;
  }

  /** The latest event that shows work on it: its beginning, or that of a step. */
  String began() {
    String latest = firstTold;
    for (ChatPart part : parts.values()) {
      if (part.type.equals("step-start") && part.firstTold().compareTo(latest) > 0) {
        latest = part.firstTold();
      }
    }
    return latest;
  }

  @Nullable String parent() {
    return Json.text(info, "parentID");
  }

  String agent() {
    return Json.text(info, "agent", "");
  }

  Instant created() {
    Instant created = Json.time(info, "created");
    return created == null ? Instant.EPOCH : created;
  }

  @Nullable Instant completed() {
    return Json.time(info, "completed");
  }

  boolean compaction() {
    return info.path("summary").isBoolean() && info.path("summary").asBoolean();
  }

  /** Name of the error it ended with. */
  @Nullable String error() {
    return Json.text(info.path("error"), "name");
  }

  boolean aborted() {
    return "MessageAbortedError".equals(error());
  }

  /** It has come to its end, and so have its tools. */
  boolean settled() {
    return (completed() != null || error() != null)
        && parts.values().stream().allMatch(ChatPart::settled);
  }

  boolean has(String type) {
    return parts.values().stream().anyMatch(part -> part.type.equals(type));
  }

  /** What the model, or the user, said, without what the agent put in. */
  String spoken() {
    var text = new StringBuilder();
    for (ChatPart part : parts.values()) {
      if (part.type.equals("text") && !part.synthetic() && !part.text().isEmpty()) {
        text.append(text.isEmpty() ? "" : "\n").append(part.text());
      }
    }
    return text.toString();
  }

  /** The latest moment that is known of it. */
  Instant latest() {
    Instant latest = created();
    Instant end = completed();
    if (end != null && end.isAfter(latest)) {
      latest = end;
    }
    for (ChatPart part : parts.values()) {
      if (part.latest().isAfter(latest)) {
        latest = part.latest();
      }
    }
    return latest;
  }
}
