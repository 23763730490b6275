package dev.turnpike.agent.opencode;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnpike.agent.SessionRef;
import dev.turnpike.agent.opencode.SessionFacts.Failure;
import dev.turnpike.agent.opencode.SessionFacts.Request;
import dev.turnpike.agent.opencode.SessionFacts.Retry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a root session and its sub-agents' sessions and is not told yet: a state that
 * depends on which events came, not on their order or number.
 */
final class Conversation {
  static final int LIMIT_MESSAGES = 20_000;
  static final int LIMIT_PARTS = 100_000;
  static final int LIMIT_LISTED = 2_000;
  static final int LIMIT_OVER = 4_096;

  /** Of the content of one open turn, and of a text beyond it. */
  static final long LIMIT_CHARS = 48L * 1024 * 1024;

  static final int LIMIT_LATE_CHARS = 1_000;

  /** How a permission that a tool call needed was asked for and given. */
  static final class Permission {
    Instant asked = Instant.EPOCH;
    Instant replied = Instant.EPOCH;
    String callId = "";
    String reply = "";

    @Nullable Duration waited() {
      return asked.isAfter(Instant.EPOCH) && replied.isAfter(asked)
          ? Duration.between(asked, replied)
          : null;
    }
  }

  final String root;
  private final SessionRef.Counters counters;
  private final Map<String, SessionFacts> sessions = new HashMap<>();
  private final TreeMap<String, ChatMessage> messages = new TreeMap<>();
  private final Map<String, Permission> permissions = new TreeMap<>();

  /** Messages of turns that were told: what still comes of them says nothing new. */
  private final LinkedHashSet<String> over = new LinkedHashSet<>();

  private long chars;
  private int parts;

  Conversation(String root, SessionRef.Counters counters) {
    this.root = root;
    this.counters = counters;
  }

  SessionFacts session(String id) {
    return sessions.computeIfAbsent(id, same -> new SessionFacts());
  }

  SessionFacts rootFacts() {
    return session(root);
  }

  @Nullable ChatMessage message(String id) {
    return messages.get(id);
  }

  /** By id, which ascends in time. */
  List<ChatMessage> messages() {
    return List.copyOf(messages.values());
  }

  List<ChatMessage> of(String session) {
    return messages.values().stream()
        .filter(message -> message.session.equals(session) && !message.unknown())
        .sorted(Comparator.comparing(ChatMessage::created).thenComparing(message -> message.id))
        .toList();
  }

  @Nullable Permission permission(String callId) {
    return permissions.values().stream()
        .filter(permission -> permission.callId.equals(callId))
        .findFirst()
        .orElse(null);
  }

  boolean over(String message) {
    return over.contains(message);
  }

  void end(String message) {
    ChatMessage gone = messages.remove(message);
    if (gone != null) {
      parts -= gone.parts().size();
    }
    over.add(message);
    if (over.size() > LIMIT_OVER) {
      over.removeFirst();
    }
    if (messages.isEmpty()) {
      chars = 0;
    }
  }

  /** Nothing is open: what belongs to no turn, and what turns that are over needed, goes. */
  void clear() {
    List.copyOf(messages.keySet()).forEach(this::end);
    permissions.clear();
    for (SessionFacts facts : sessions.values()) {
      facts.requests.clear();
      facts.retries.clear();
      facts.failures.clear();
    }
    sessions.keySet().removeIf(id -> !id.equals(root));
    parts = 0;
  }

  /**
   * @param place of the batch in the order of arrival
   */
  void accept(JsonNode line, String source, long place) {
    Instant told = Json.instant(line.path("t"));
    if (line.has("request")) {
      request(line.path("request"), told, source);
      return;
    }
    JsonNode event = line.path("event");
    String id = Json.text(event, "id");
    String type = Json.text(event, "type");
    JsonNode said = event.path("properties");
    String session = Json.text(said, "sessionID");
    if (id == null || type == null || session == null) {
      counters.count("line.unknown.no_event");
      return;
    }
    switch (type) {
      case "session.created", "session.updated" -> session(session).tell(said.path("info"), id);
      case "session.idle" -> session(session).idle(id);
      case "session.status" -> status(session, id, told, said.path("status"));
      case "session.error" -> failure(session, id, told, said.path("error"));
      case "message.updated" -> message(session, id, said.path("info"), source, place);
      case "message.part.updated" -> part(session, id, said, source, place);
      case "message.removed" -> removed(Json.text(said, "messageID", ""));
      case "message.part.removed" -> {
        ChatMessage message = messages.get(Json.text(said, "messageID", ""));
        if (message != null) {
          message.remove(Json.text(said, "partID", ""));
        }
      }
      case "permission.asked" -> asked(said, told);
      case "permission.replied" -> replied(said, told);
      case "session.deleted" -> {}
      default -> counters.count("line.unknown." + known(type));
    }
  }

  /** Words of the agent's only: a counter's name is no place for content. */
  private static String known(String type) {
    return type.matches("[a-z.]{1,40}") ? type : "other";
  }

  private void message(String session, String event, JsonNode info, String source, long place) {
    String id = Json.text(info, "id");
    if (id == null || over.contains(id)) {
      return;
    }
    ChatMessage message = touched(id, session, source, place);
    if (message != null) {
      message.tell(info, event);
    }
  }

  private void part(String session, String event, JsonNode said, String source, long place) {
    JsonNode node = said.path("part");
    String id = Json.text(node, "id");
    String of = Json.text(node, "messageID");
    String type = Json.text(node, "type");
    if (id == null || of == null || type == null || over.contains(of)) {
      return;
    }
    ChatMessage message = touched(of, session, source, place);
    if (message == null || parts >= LIMIT_PARTS) {
      counters.count("part.dropped");
      return;
    }
    int before = message.parts().size();
    message.part(id, type).tell(within(node), event, Json.instant(said.path("time")));
    parts += message.parts().size() - before;
  }

  private @Nullable ChatMessage touched(String id, String session, String source, long place) {
    ChatMessage message = messages.get(id);
    if (message == null) {
      if (messages.size() >= LIMIT_MESSAGES) {
        counters.count("message.dropped");
        return null;
      }
      message = new ChatMessage(id);
      messages.put(id, message);
    }
    message.session = session;
    message.source = source;
    message.since = Math.min(message.since, place);
    return message;
  }

  /** A turn that never ends must not fill the heap: beyond the limit texts are cut short. */
  private JsonNode within(JsonNode part) {
    long size = Shortened.chars(part);
    if (chars + size <= LIMIT_CHARS) {
      chars += size;
      return part;
    }
    counters.count("part.shortened");
    return Shortened.of(part, LIMIT_LATE_CHARS);
  }

  /** A revert takes messages back; the work was done all the same, so the turn stays. */
  private void removed(String id) {
    ChatMessage message = messages.get(id);
    if (message != null) {
      message.removed = true;
    }
  }

  private void request(JsonNode request, @Nullable Instant told, String source) {
    String session = Json.text(request, "sessionID");
    if (session == null || told == null) {
      counters.count("line.unknown.no_request");
      return;
    }
    String agent = Json.text(request, "agent", "");
    put(
        session(session).requests,
        told.toEpochMilli() + " " + agent + " " + source,
        new Request(told, agent, request));
  }

  private void status(String session, String event, @Nullable Instant told, JsonNode status) {
    if (told != null && "retry".equals(Json.text(status, "type"))) {
      put(
          session(session).retries,
          event,
          new Retry(
              event,
              told,
              status.path("attempt").asLong(0),
              Json.text(status, "message", ""),
              status.path("next").asLong(0)));
    }
  }

  private void failure(String session, String event, @Nullable Instant told, JsonNode error) {
    if (told != null) {
      put(
          session(session).failures,
          event,
          new Failure(
              event,
              told,
              Json.text(error, "name", "error"),
              Json.text(error.path("data"), "message", "")));
    }
  }

  private void asked(JsonNode said, @Nullable Instant told) {
    String id = Json.text(said, "id");
    if (id != null && told != null) {
      Permission permission = permission(id, told);
      permission.asked = told;
      permission.callId = Json.text(said.path("tool"), "callID", "");
    }
  }

  private void replied(JsonNode said, @Nullable Instant told) {
    String id = Json.text(said, "requestID");
    if (id != null && told != null) {
      Permission permission = permission(id, told);
      permission.replied = told;
      permission.reply = Json.text(said, "reply", "");
    }
  }

  private Permission permission(String id, Instant told) {
    if (permissions.size() >= LIMIT_LISTED && !permissions.containsKey(id)) {
      counters.count("line.dropped");
      var none = new Permission();
      none.asked = told;
      return none;
    }
    return permissions.computeIfAbsent(id, same -> new Permission());
  }

  private <T> void put(Map<String, T> list, String key, T value) {
    if (list.size() >= LIMIT_LISTED && !list.containsKey(key)) {
      counters.count("line.dropped");
    } else {
      list.put(key, value);
    }
  }

  /** Ids that are over, the latest last. */
  List<String> overLately(int limit) {
    var all = new ArrayList<>(over);
    return all.subList(Math.max(0, all.size() - limit), all.size());
  }

  void overBefore(Set<String> ids) {
    over.addAll(ids);
  }
}
