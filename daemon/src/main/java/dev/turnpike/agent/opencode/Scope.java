package dev.turnpike.agent.opencode;

import dev.turnpike.agent.opencode.Turns.Turn;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A turn with the runs of its sub-agents, and of theirs. */
final class Scope {
  private static final int LIMIT_DEPTH = 16;

  private Scope() {}

  /** All model calls of the turn and of its sub-agents. */
  static List<ChatMessage> calls(Conversation conversation, Turn turn) {
    return everything(conversation, turn).stream().filter(message -> !message.user()).toList();
  }

  /** All messages that go with the turn. */
  static List<ChatMessage> everything(Conversation conversation, Turn turn) {
    var all = new ArrayList<ChatMessage>();
    gather(conversation, turn, all, new HashSet<>(), 0);
    return all;
  }

  static boolean subAgentsAtWork(Conversation conversation, Turn turn) {
    List<ChatMessage> all = calls(conversation, turn);
    return all.stream()
        .anyMatch(call -> !call.session.equals(conversation.root) && !call.settled());
  }

  /** The tool calls of a turn or run, in the order in which the model asked for them. */
  static List<ChatPart> tools(Turn turn) {
    return turn.calls().stream()
        .flatMap(call -> call.parts().stream())
        .filter(part -> part.type.equals("tool"))
        .toList();
  }

  private static void gather(
      Conversation conversation, Turn turn, List<ChatMessage> all, Set<String> seen, int depth) {
    if (depth > LIMIT_DEPTH || !seen.add(turn.opener().id)) {
      return;
    }
    all.add(turn.opener());
    all.addAll(turn.absorbed());
    all.addAll(turn.calls());
    List<ChatPart> tools = tools(turn);
    for (ChatPart tool : tools) {
      for (Turn run : Turns.launched(conversation, tool, tools)) {
        gather(conversation, run, all, seen, depth + 1);
      }
    }
  }
}
