package dev.turnpike.agent.opencode;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which user messages open a turn and which model calls belong to it. Not every user message is a
 * user's: OpenCode writes some itself, around a compaction and for a shell command of the user
 * (1.18.33, fixtures compaction and shell_summarize_revert).
 */
final class Turns {
  private static final String SHELL = "The following tool was executed by the user";

  enum Kind {
    /** A prompt of the user. */
    PROMPT,
    /** {@code !command}: run by the user, without the model. */
    SHELL,
    /** {@code /compact}. */
    COMPACTION,
    /** Written by the agent: the turn before it goes on. */
    CONTINUED,
    /** None of its parts was told yet. */
    UNKNOWN
  }

  /**
   * @param calls the root session's model calls, in order; for a shell command the message that
   *     holds its tool
   * @param absorbed further user messages that belong to it
   */
  record Turn(ChatMessage opener, Kind kind, List<ChatMessage> calls, List<ChatMessage> absorbed) {
    Instant created() {
      return opener.created();
    }
  }

  private Turns() {}

  static Kind kind(ChatMessage user) {
    boolean synthetic = false;
    boolean shell = false;
    @Nullable JsonNode compaction = null;
    for (ChatPart part : user.parts()) {
      switch (part.type) {
        case "text" -> {
          if (!part.synthetic()) {
            return Kind.PROMPT;
          }
          synthetic = true;
          shell |= part.text().startsWith(SHELL);
        }
        case "file", "agent", "subtask" -> {
          return Kind.PROMPT;
        }
        case "compaction" -> compaction = part.node();
        default -> {}
      }
    }
    if (compaction != null) {
      return compaction.path("auto").asBoolean(false) ? Kind.CONTINUED : Kind.COMPACTION;
    }
    return shell ? Kind.SHELL : synthetic ? Kind.CONTINUED : Kind.UNKNOWN;
  }

  /** A fork's messages that were copied from its origin are older than the fork itself. */
  static boolean copied(ChatMessage message, SessionFacts facts) {
    return message.created().isBefore(facts.created);
  }

  /** The turns of the root session that are not over, in the order of the conversation. */
  static List<Turn> of(Conversation conversation) {
    SessionFacts facts = conversation.rootFacts();
    var turns = new LinkedHashMap<String, Turn>();
    var ownerOf = new LinkedHashMap<String, Turn>();
    List<ChatMessage> all =
        conversation.of(conversation.root).stream().filter(m -> !copied(m, facts)).toList();
    @Nullable Turn latest = null;
    for (ChatMessage message : all) {
      if (!message.user()) {
        continue;
      }
      Kind kind = kind(message);
      boolean goesOn = kind == Kind.CONTINUED && latest != null;
      if (goesOn && latest != null) {
        latest.absorbed().add(message);
        ownerOf.put(message.id, latest);
      } else if (kind != Kind.UNKNOWN || called(all, message)) {
        latest = new Turn(message, kind, new ArrayList<>(), new ArrayList<>());
        turns.put(message.id, latest);
        ownerOf.put(message.id, latest);
      }
    }
    for (ChatMessage message : all) {
      String parent = message.parent();
      Turn owner = message.user() || parent == null ? null : ownerOf.get(parent);
      if (owner != null) {
        owner.calls().add(message);
      }
    }
    // what the agent wrote by itself and nothing came of is no turn
    turns.values().removeIf(turn -> turn.kind() == Kind.CONTINUED && turn.calls().isEmpty());
    return List.copyOf(turns.values());
  }

  private static boolean called(List<ChatMessage> all, ChatMessage user) {
    return all.stream().anyMatch(message -> user.id.equals(message.parent()));
  }

  /**
   * The sub-agent runs that a tool call launched, by the user message that opens each. A later call
   * may wake the same session again: then the run is the one that began after it.
   */
  static List<Turn> launched(Conversation conversation, ChatPart tool, List<ChatPart> others) {
    String session = tool.launched();
    if (session == null) {
      return List.of();
    }
    Instant from = tool.start() == null ? tool.first() : tool.start();
    Instant to = Instant.MAX;
    for (ChatPart other : others) {
      Instant start = other.start() == null ? other.first() : other.start();
      if (session.equals(other.launched()) && start.isAfter(from) && start.isBefore(to)) {
        to = start;
      }
    }
    Map<String, Turn> runs = new LinkedHashMap<>();
    @Nullable Turn latest = null;
    List<ChatMessage> all = conversation.of(session);
    for (ChatMessage message : all) {
      if (message.user()) {
        boolean mine = !message.created().isBefore(from) && message.created().isBefore(to);
        if (!mine) {
          latest = null;
        } else if (latest != null && kind(message) == Kind.CONTINUED) {
          latest.absorbed().add(message);
          runs.put(message.id, latest);
        } else {
          latest = new Turn(message, Kind.PROMPT, new ArrayList<>(), new ArrayList<>());
          runs.put(message.id, latest);
        }
      }
    }
    for (ChatMessage message : all) {
      String parent = message.parent();
      Turn run = message.user() || parent == null ? null : runs.get(parent);
      if (run != null) {
        run.calls().add(message);
      }
    }
    return runs.values().stream().distinct().toList();
  }
}
