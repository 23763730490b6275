package dev.turnpike.agent.gemini;

import dev.turnpike.agent.gemini.Row.Answer;
import dev.turnpike.agent.gemini.Row.Said;
import dev.turnpike.model.TurnKey;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the rows of a session's file into turns. A function of the rows from a position on: which
 * turn a row belongs to never depends on when it was read or on what a hook said.
 */
final class SessionFile {
  /** What the CLI says when it finds that the model has not finished. */
  private static final String GO_ON = "Please continue.";

  private final Carry carry;
  private final Consumer<String> counters;
  private final Deque<OpenTurn> turns = new ArrayDeque<>();
  private long read;

  SessionFile(long read, Carry carry, Consumer<String> counters) {
    this.read = read;
    this.carry = carry;
    this.counters = counters;
  }

  /** The file begins anew. */
  void restart() {
    turns.clear();
    read = 0;
  }

  Deque<OpenTurn> turns() {
    return turns;
  }

  /** Where reading must begin again to come to the present state. */
  long accounted() {
    return turns.isEmpty() ? read : turns.getFirst().from;
  }

  /** Whether another turn began after this one, up to {@code moment}. */
  boolean began(OpenTurn turn, Instant moment) {
    return turns.stream()
        .anyMatch(
            other ->
                other != turn
                    && other.start().isAfter(turn.start())
                    && !other.start().isAfter(moment));
  }

  /** When the next turn began; the end of time if there is none yet. */
  Instant next(OpenTurn turn) {
    OpenTurn after = after(turn);
    return after == null ? Instant.MAX : after.start();
  }

  @Nullable OpenTurn after(OpenTurn turn) {
    boolean found = false;
    for (OpenTurn other : turns) {
      if (found) {
        return other;
      }
      found = other == turn;
    }
    return null;
  }

  @Nullable OpenTurn before(OpenTurn turn) {
    OpenTurn before = null;
    for (OpenTurn other : turns) {
      if (other == turn) {
        return before;
      }
      before = other;
    }
    return null;
  }

  void take(OpenTurn turn) {
    Instant next = next(turn);
    turns.remove(turn);
    carry.tell(turn.work);
    Instant end = carry.ends.lower(next);
    carry.served = Carry.later(carry.served, turn.work.end());
    carry.served = end == null ? carry.served : Carry.later(carry.served, end);
  }

  void skip(long end) {
    counters.accept("line.oversized");
    read = end;
  }

  void accept(long start, long end, Row row) {
    OpenTurn current = current();
    switch (row) {
      case Row.Header _ -> {
        if (current != null) {
          current.renew();
        }
      }
      case Row.Resumed _ -> {
        if (current != null) {
          current.abandon();
        }
      }
      case Said said -> said(start, said, current);
      case Answer answer -> answer(start, answer, current);
      case Row.Returned returned -> {
        if (current != null) {
          current.returned(returned);
        }
      }
      case Row.Remark remark -> {
        carry.showed(remark.at());
        if (current != null) {
          current.remark(remark);
        }
      }
      case Row.History history -> {
        if (current != null) {
          current.history(history);
        }
      }
      case Row.Rewound _ -> {
        if (current != null) {
          current.follow();
        }
      }
      case Row.Passed _ -> {}
      case Row.Unknown(var type) -> counters.accept("line.unknown." + type);
      case Row.Unreadable _ -> counters.accept("line.unreadable");
    }
    read = end;
  }

  private @Nullable OpenTurn current() {
    OpenTurn last = turns.peekLast();
    return last == null || last.closedByRows() ? null : last;
  }

  private void said(long start, Said said, @Nullable OpenTurn current) {
    var key = new TurnKey(said.id());
    if (turns.stream().anyMatch(turn -> turn.key.equals(key))) {
      return;
    }
    if (current != null && said.text().equals(GO_ON) && said.shown() != null) {
      current.goesOn();
      current.work.interject(said);
      return;
    }
    open(new OpenTurn(key, start, said, said.at()));
  }

  private void open(OpenTurn turn) {
    if (!turns.isEmpty()) {
      turns.getLast().follow();
    }
    turns.addLast(turn);
  }

  private void answer(long start, Answer answer, @Nullable OpenTurn current) {
    for (OpenTurn turn : turns) {
      if (turn.work.knows(answer.id())) {
        turn.work.answer(answer);
        return;
      }
    }
    if (carry.told.contains(answer.id()) || (current == null && answer.onlyCalls())) {
      counters.accept("line.late");
    } else if (current != null) {
      current.goesOn();
      current.work.answer(answer);
    } else if (!answer.synthetic()) {
      // the model went on without being asked: nothing that was billed may be lost
      var turn = new OpenTurn(new TurnKey(answer.id()), start, null, answer.at());
      turn.work.answer(answer);
      open(turn);
    }
  }
}
