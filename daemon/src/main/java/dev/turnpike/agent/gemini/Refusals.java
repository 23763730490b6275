package dev.turnpike.agent.gemini;

import dev.turnpike.agent.Circumstances;
import dev.turnpike.agent.gemini.Row.Said;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Answers that somebody's AfterAgent hook refused. The CLI then gives the model that hook's words
 * as if they were a prompt, with a row and a BeforeAgent of their own (0.61.0, fixtures
 * answer-refused): all of it is still the answer to what the user asked.
 *
 * <p>What tells such words from a prompt: in a row, {@code displayContent}, which is still what the
 * user typed, or the tool results before; it is missing with {@code -p} after tools. In the
 * AfterAgent that follows, {@code stop_hook_active}, which is missing if tools were used since; and
 * always its {@code prompt}, which is still the user's.
 */
final class Refusals {
  private final Carry carry;
  private final SessionFile main;

  Refusals(Carry carry, SessionFile main) {
    this.carry = carry;
    this.main = main;
  }

  /** The first open turn, which was asked that, with those that only go on with it. */
  List<OpenTurn> whole(Asked asked) {
    var whole = new ArrayList<OpenTurn>();
    for (OpenTurn turn : main.turns()) {
      if (!whole.isEmpty() && !goesOn(turn, asked)) {
        break;
      }
      whole.add(turn);
    }
    return whole;
  }

  /** Whether {@code turn} is no new one but goes on with the one before it. */
  boolean goesOn(OpenTurn turn, Asked before) {
    Said said = turn.prompt;
    Instant begun = carry.begun;
    if (said == null || before.equals(Asked.NOTHING) || newProcess(turn, begun)) {
      return false;
    }
    Optional<String> told = ended(turn).flatMap(end -> Optional.ofNullable(carry.asked.get(end)));
    if (told.isPresent()) {
      return told.get().equals(Carry.REFUSED)
          || (told.get().equals(before.text()) && !told.get().equals(Asked.digest(said.own())));
    }
    return said.afterTools()
        || (said.replaced() && Asked.digest(said.prompt()).equals(before.shown()));
  }

  private boolean newProcess(OpenTurn turn, @Nullable Instant begun) {
    OpenTurn before = main.before(turn);
    Instant since = before == null ? carry.last : before.start();
    return begun != null && begun.isAfter(since) && !begun.isAfter(turn.start());
  }

  private Optional<Instant> ended(OpenTurn turn) {
    Instant end = carry.ends.ceiling(turn.start());
    return end == null || !end.isBefore(main.next(turn)) ? Optional.empty() : Optional.of(end);
  }

  /** Whether it may yet be seen that the answer was refused, of a turn that goes out now. */
  boolean mayComeLater(OpenTurn turn, boolean left) {
    OpenTurn next = main.after(turn);
    return carry.refusable && !left && (next == null || ended(next).isEmpty());
  }

  /**
   * Whether the answer may yet be refused, or may have been. Never without somebody who could, and
   * in a terminal not for what follows: there a row tells at once.
   */
  boolean mayGoOn(OpenTurn turn, boolean left, Circumstances now) {
    boolean over = now.agentGone() || now.idle();
    if (!carry.refusable || left || over || turn.cancelled()) {
      return false;
    }
    OpenTurn next = main.after(turn);
    Instant begun = carry.begun;
    if (next == null) {
      // a prompt was taken up since, or the words of a refusal: its row is to come
      return ended(turn)
          .map(end -> !now.patient() || carry.submitted.isAfter(end))
          .orElse(turn.renewed() && (begun == null || begun.isBefore(turn.start())));
    }
    boolean waits = next.prompt != null && (!next.closedByRows() || !now.patient());
    return waits && !carry.terminal() && ended(next).isEmpty() && !newProcess(next, begun);
  }
}
