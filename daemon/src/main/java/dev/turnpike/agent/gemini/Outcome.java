package dev.turnpike.agent.gemini;

import dev.turnpike.agent.gemini.Row.Answer;
import dev.turnpike.agent.gemini.Row.Call;
import dev.turnpike.model.Level;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How a turn went: decision 16. */
record Outcome(String word, Level level, @Nullable String status, String output) {
  private static final int LIMIT_STATUS_CHARS = 500;

  /**
   * @param whole the turn, with those that only go on with it: the last decides
   * @param ended the agent said that the turn ended. An answer before the next prompt is nearly as
   *     good; without either it may have been at work on tools of its last row
   * @param left the agent said that the session ended
   */
  static Outcome of(List<OpenTurn> whole, boolean ended, boolean left) {
    OpenTurn turn = whole.getLast();
    Answer last = turn.work.lastAnswer().orElse(null);
    String said =
        whole.reversed().stream()
            .map(part -> part.work.lastText())
            .filter(text -> !text.isEmpty())
            .findFirst()
            .orElse("");
    if (turn.cancelled()) {
      return interrupted("cancelled by user", said);
    }
    String error = turn.error();
    if (error != null) {
      return failed(error);
    }
    if (turn.withdrawn()) {
      // 0.61.0, fixture fatal-error: the file does not tell why
      return last == null
          ? failed("the model call failed: the prompt was withdrawn without an answer")
          : interrupted("aborted: the prompt was withdrawn", said);
    }
    if (last != null && last.calls().stream().anyMatch(Call::cancelled)) {
      return interrupted("a tool call was cancelled", said);
    }
    boolean answered =
        ended || (turn.closedByRows() && !left && last != null && last.calls().isEmpty());
    if (last == null || !answered) {
      return interrupted("ended before its answer", said);
    }
    String answer = last.calls().isEmpty() ? last.text() : said;
    return new Outcome("completed", Level.DEFAULT, null, answer);
  }

  private static Outcome interrupted(String why, String said) {
    return new Outcome("interrupted", Level.WARNING, why, said);
  }

  private static Outcome failed(String why) {
    String status = why.length() <= LIMIT_STATUS_CHARS ? why : why.substring(0, LIMIT_STATUS_CHARS);
    return new Outcome("failed", Level.ERROR, status, "");
  }
}
