package dev.turnpike.agent.opencode;

import dev.turnpike.agent.opencode.SessionFacts.Failure;
import dev.turnpike.agent.opencode.Turns.Kind;
import dev.turnpike.agent.opencode.Turns.Turn;
import dev.turnpike.model.Level;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a turn, or a sub-agent's run, went: decided by its last model call.
 *
 * @param word completed, interrupted or failed
 */
record Outcome(Level level, String word, @Nullable String status, String output) {

  static Outcome of(Conversation conversation, Turn turn, boolean idle) {
    String output = output(turn);
    if (turn.calls().isEmpty()) {
      Optional<Failure> failure = failure(conversation, turn);
      return failure
          .map(f -> new Outcome(Level.ERROR, "failed", said(f.name(), f.message()), output))
          .orElseGet(() -> interrupted(output));
    }
    ChatMessage last = turn.calls().getLast();
    String error = last.error();
    if (error != null && !last.aborted()) {
      String message = Json.text(last.info().path("error").path("data"), "message", "");
      return new Outcome(Level.ERROR, "failed", said(error, message), output);
    }
    if (last.aborted()) {
      return new Outcome(Level.WARNING, "interrupted", "aborted by the user", output);
    }
    return idle && (last.completed() != null || (last.settled() && last.has("step-finish")))
        ? new Outcome(Level.DEFAULT, "completed", null, output)
        : interrupted(output);
  }

  private static Outcome interrupted(String output) {
    return new Outcome(Level.WARNING, "interrupted", "ended before the model was done", output);
  }

  /** An error of the session while the turn ran. */
  static Optional<Failure> failure(Conversation conversation, Turn turn) {
    return conversation.session(turn.opener().session).failures.values().stream()
        .filter(failure -> failure.event().compareTo(turn.opener().firstTold()) > 0)
        .filter(failure -> !failure.name().equals("MessageAbortedError"))
        .findFirst();
  }

  private static String output(Turn turn) {
    if (turn.kind() == Kind.SHELL) {
      return Scope.tools(turn).stream()
          .findFirst()
          .map(tool -> Json.text(tool.state(), "output", tool.partialOutput()))
          .orElse("");
    }
    for (ChatMessage call : turn.calls().reversed()) {
      if ((!call.compaction() || turn.kind() == Kind.COMPACTION) && !call.spoken().isEmpty()) {
        return call.spoken();
      }
    }
    return "";
  }

  static String said(String name, String message) {
    String text = message.isEmpty() ? name : name + ": " + message;
    return text.length() <= 1000 ? text : text.substring(0, 1000);
  }
}
