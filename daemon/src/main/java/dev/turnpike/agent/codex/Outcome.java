package dev.turnpike.agent.codex;

import dev.turnpike.agent.codex.Turn.Ending;
import dev.turnpike.model.Level;
import org.jspecify.annotations.Nullable;

/** How a turn or a tool call went: decision 16. */
record Outcome(String word, Level level, @Nullable String status) {
  private static final int LIMIT_STATUS_CHARS = 500;

  static Outcome of(Turn turn) {
    String error = turn.error;
    return switch (turn.ending) {
      case COMPLETE -> fine("completed");
      case FAILED -> new Outcome("failed", Level.ERROR, shortened(error == null ? "" : error));
      case ABORTED -> {
        String reason = error == null ? "interrupted" : error;
        yield new Outcome("interrupted", Level.WARNING, shortened(reason));
      }
      case NONE, FOLLOWED -> new Outcome("interrupted", Level.WARNING, "no end recorded");
    };
  }

  static Outcome of(ModelStep step, Turn turn) {
    if (step.usage == null && step.cut) {
      return new Outcome("cut", Level.WARNING, "the model's stream broke off");
    }
    return step.usage == null && turn.ending != Ending.COMPLETE
        ? new Outcome("cut", Level.WARNING, "ended before its tokens were counted")
        : fine("completed");
  }

  static Outcome of(ToolRun run, Turn turn) {
    if (run.aborted()) {
      return new Outcome("aborted", Level.WARNING, "aborted by user");
    }
    String failure = run.failure();
    if (failure != null) {
      return new Outcome("failed", Level.ERROR, shortened(failure));
    }
    if (run.inBackground()) {
      return new Outcome("running", Level.WARNING, "still running when the session ended");
    }
    if (!run.finished() && !run.serverSide) {
      boolean aborted = turn.ending == Ending.ABORTED;
      return new Outcome("open", Level.WARNING, aborted ? "aborted" : "no result recorded");
    }
    return fine("completed");
  }

  private static Outcome fine(String word) {
    return new Outcome(word, Level.DEFAULT, null);
  }

  private static String shortened(String text) {
    String line = text.strip();
    return line.length() <= LIMIT_STATUS_CHARS ? line : line.substring(0, LIMIT_STATUS_CHARS);
  }
}
