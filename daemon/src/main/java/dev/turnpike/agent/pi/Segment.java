package dev.turnpike.agent.pi;

import dev.turnpike.agent.pi.Item.Answer;
import dev.turnpike.agent.pi.Item.Said;
import dev.turnpike.model.TurnKey;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A turn as far as it is known, or work between turns that makes a small trace of its own.
 *
 * @param turn timestamp of the message that opened it; of the entry, for work between turns
 * @param opener that message, if a file told it
 * @param items what came after it
 * @param rows how many of the stream's rows are accounted for with it
 * @param next when the turn after it began
 * @param alone work between turns
 */
record Segment(
    String session,
    long turn,
    @Nullable Said opener,
    List<Item> items,
    @Nullable Heard heard,
    int rows,
    long next,
    boolean alone) {

  Segment until(long later) {
    return new Segment(session, turn, opener, items, heard, rows, later, alone);
  }

  TurnKey key() {
    return new TurnKey(session + ":" + turn);
  }

  boolean followed() {
    return next != Long.MAX_VALUE;
  }

  boolean settled() {
    return heard != null && heard.settled();
  }

  Instant start() {
    return Instant.ofEpochMilli(turn);
  }

  Instant end() {
    long end = turn;
    for (Item item : items) {
      end = Math.max(end, item.at().toEpochMilli());
    }
    if (opener != null) {
      end = Math.max(end, opener.at().toEpochMilli());
    }
    return Instant.ofEpochMilli(heard == null ? end : Math.max(end, heard.latest()));
  }

  /** Whether something that happened at that moment happened during this turn. */
  boolean covers(long moment) {
    long until = heard != null && heard.settled() ? heard.settledAt() : next - 1;
    return !alone && turn <= moment && moment <= until;
  }

  Optional<Said> said() {
    if (opener != null) {
      return Optional.of(opener);
    }
    return items.stream()
        .filter(Said.class::isInstance)
        .map(Said.class::cast)
        .filter(said -> said.when() == turn)
        .findFirst();
  }

  Optional<Answer> lastAnswer() {
    return items.stream()
        .filter(Answer.class::isInstance)
        .map(Answer.class::cast)
        .reduce((first, second) -> second);
  }

  /** The last thing the model said in words. */
  String lastText() {
    return items.stream()
        .filter(Answer.class::isInstance)
        .map(item -> ((Answer) item).text())
        .filter(text -> !text.isEmpty())
        .reduce("", (first, second) -> second);
  }
}
