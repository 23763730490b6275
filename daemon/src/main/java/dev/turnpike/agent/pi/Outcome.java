package dev.turnpike.agent.pi;

import dev.turnpike.agent.pi.Item.Answer;
import dev.turnpike.model.Level;
import org.jspecify.annotations.Nullable;

/** How a turn went: decision 16. */
record Outcome(String word, Level level, @Nullable String status, String output) {
  static final String COMPLETED = "completed";

  static Outcome of(Segment turn) {
    Answer last = turn.lastAnswer().orElse(null);
    Heard heard = turn.heard();
    boolean busy = heard != null && unanswered(turn, heard);
    if (last == null || last.aborted() || (busy && !turn.settled()) || !over(turn, last)) {
      String why = last != null && last.error() != null ? last.error() : "ended before its answer";
      return new Outcome("interrupted", Level.WARNING, why, turn.lastText());
    }
    if (last.failed()) {
      return new Outcome("failed", Level.ERROR, last.error(), "");
    }
    if (heard != null && heard.aborted()) {
      return new Outcome("interrupted", Level.WARNING, "aborted", turn.lastText());
    }
    if (last.stopReason().equals("length")) {
      return new Outcome(COMPLETED, Level.WARNING, "length", turn.lastText());
    }
    return new Outcome(COMPLETED, Level.DEFAULT, null, turn.lastText());
  }

  /** An extension may end a run after a tool: then it is settled although the model asked on. */
  private static boolean over(Segment turn, Answer last) {
    return last.last() || turn.settled();
  }

  static boolean unanswered(Segment turn, Heard heard) {
    return heard.unanswered(lastRequest(turn)).isPresent();
  }

  /** When the last model call ended that has an entry; the turn's own moment if there is none. */
  static long lastRequest(Segment turn) {
    return turn.lastAnswer().map(answer -> answer.at().toEpochMilli()).orElse(turn.turn() - 1);
  }

  boolean interrupted() {
    return word.equals("interrupted");
  }
}
