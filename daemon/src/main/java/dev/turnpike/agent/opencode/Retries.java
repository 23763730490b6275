package dev.turnpike.agent.opencode;

import dev.turnpike.agent.opencode.SessionFacts.Retry;
import dev.turnpike.agent.opencode.Turns.Turn;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Failed attempts by the model call they were made for. Only the session's status tells of them
 * (1.18.33, fixture retry): they belong to the call that was the latest then.
 */
final class Retries {
  private final Map<String, List<Retry>> byCall = new HashMap<>();

  Retries(Conversation conversation, Turn turn) {
    for (Retry retry : conversation.session(turn.opener().session).retries.values()) {
      @Nullable ChatMessage of = null;
      for (ChatMessage call : turn.calls()) {
        of = call.firstTold().compareTo(retry.event()) < 0 ? call : of;
      }
      if (of != null && !after(conversation, of, retry)) {
        byCall.computeIfAbsent(of.id, same -> new ArrayList<>()).add(retry);
      }
    }
  }

  List<Retry> of(ChatMessage call) {
    return byCall.getOrDefault(call.id, List.of());
  }

  /** A later message of the session had begun: the retry is another turn's. */
  private static boolean after(Conversation conversation, ChatMessage call, Retry retry) {
    return conversation.of(call.session).stream()
        .anyMatch(
            other ->
                !other.user()
                    && other.firstTold().compareTo(call.firstTold()) > 0
                    && other.firstTold().compareTo(retry.event()) < 0);
  }
}
