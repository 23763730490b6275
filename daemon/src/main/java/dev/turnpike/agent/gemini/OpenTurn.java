package dev.turnpike.agent.gemini;

import dev.turnpike.agent.gemini.Row.Said;
import dev.turnpike.model.TurnKey;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A turn that was not told yet: from a prompt's row to the row before the next. */
final class OpenTurn {
  private static final String CANCELLED = "Request cancelled.";

  final TurnKey key;

  /** Where its first row stands in the file. */
  final long from;

  /** Absent where the model went on without being asked. */
  final @Nullable Said prompt;

  final Work work;

  private boolean followed;
  private boolean abandoned;
  private boolean renewed;
  private boolean cancelled;
  private boolean cleared;
  private boolean withdrawn;
  private @Nullable String error;

  OpenTurn(TurnKey key, long from, @Nullable Said prompt, Instant start) {
    this.key = key;
    this.from = from;
    this.prompt = prompt;
    this.work = new Work(start);
    if (prompt != null) {
      work.prompt(prompt);
    }
  }

  Instant start() {
    return work.start();
  }

  /** Another prompt stands behind it. */
  void follow() {
    followed = true;
  }

  /** Another process took the session up: this turn's was gone by then. */
  void abandon() {
    abandoned = true;
  }

  /** The same, or a hook that refused the answer had the history cleared as well (0.61.0). */
  void renew() {
    abandoned = true;
    renewed = true;
  }

  boolean renewed() {
    return renewed;
  }

  void remark(Row.Remark remark) {
    if (remark.kind().equals("info") && remark.text().strip().equals(CANCELLED)) {
      cancelled = true;
      work.reach(remark.at());
    }
    if (remark.kind().equals("error") && !remark.text().isBlank()) {
      error = remark.text().strip();
      work.reach(remark.at());
    }
  }

  /** Results went back, of a cancelled tool as well. */
  void returned(Row.Returned row) {
    goesOn();
    work.returned(row.at());
    cleared = cancelled;
  }

  /** The CLI takes a prompt out of the history whose request failed or was cancelled. */
  void history(Row.History history) {
    cleared = cancelled;
    if (prompt != null && !history.ids().contains(prompt.id())) {
      withdrawn = true;
      work.reach(history.at());
    }
  }

  /** No row will be added any more. */
  boolean closedByRows() {
    return followed || abandoned;
  }

  boolean cancelled() {
    return cancelled;
  }

  /**
   * Cancelled, and what the CLI writes after it is there: the rest of its tools, or the history
   * without the prompt. If tools were cancelled 0.61.0 fires no AfterAgent (fixture
   * tool-cancelled-then-error).
   */
  boolean cleared() {
    return cleared;
  }

  /** Compacting takes prompts out as well, but then the turn goes on. */
  boolean withdrawn() {
    return withdrawn;
  }

  /** The error the CLI showed last; absent if an answer came after it. */
  @Nullable String error() {
    return error;
  }

  /** The model goes on: what failed was tried again, what was withdrawn was compacted. */
  void goesOn() {
    error = null;
    withdrawn = false;
  }

  /** How it went is on the disk. */
  boolean settled() {
    return cancelled
        || error != null
        || (withdrawn && work.steps().isEmpty())
        || work.lastAnswer().map(answer -> answer.calls().isEmpty()).orElse(false);
  }
}
