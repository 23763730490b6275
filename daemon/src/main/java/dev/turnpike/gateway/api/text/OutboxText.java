package dev.turnpike.gateway.api.text;

import static dev.turnpike.gateway.api.text.Amounts.bytes;
import static dev.turnpike.gateway.api.text.Amounts.clean;
import static dev.turnpike.gateway.api.text.Amounts.clock;
import static dev.turnpike.gateway.api.text.Amounts.count;
import static dev.turnpike.gateway.api.text.Amounts.counted;
import static dev.turnpike.gateway.api.text.Amounts.time;

import dev.turnpike.gateway.api.OutboxReport;
import java.time.ZoneId;

/** {@code turnpike outbox}. */
final class OutboxText {
  private static final int CELL = 100;

  private OutboxText() {}

  static String of(OutboxReport outbox, ZoneId zone) {
    var text = new StringBuilder();
    if (outbox.waiting().isEmpty()) {
      text.append("Nothing waits to be sent.\n");
    } else {
      text.append("Waiting\n").append(waiting(outbox, zone));
    }
    if (!outbox.deadLetters().isEmpty()) {
      text.append("\nGiven up (turnpike outbox --retry tries them again)\n")
          .append(dead(outbox, zone));
    }
    if (outbox.unlisted() > 0) {
      text.append("and ").append(counted(outbox.unlisted(), "more", "more")).append('\n');
    }
    return text.toString();
  }

  private static String waiting(OutboxReport outbox, ZoneId zone) {
    var table =
        new Table(
            "destination", "trace", ">spans", ">size", "since", ">attempts", "state", "reason");
    for (var batch : outbox.waiting()) {
      var reason = batch.reason();
      table.row(
          batch.destination(),
          batch.trace().substring(0, Math.min(8, batch.trace().length())),
          count(batch.spans()),
          bytes(batch.bytes()),
          time(batch.staged(), zone),
          count(batch.attempts()),
          batch.nextAttempt() == null
              ? batch.state()
              : batch.state() + " until " + clock(batch.nextAttempt(), zone),
          reason == null ? "" : clean(reason, CELL));
    }
    return table.render("  ");
  }

  private static String dead(OutboxReport outbox, ZoneId zone) {
    var table = new Table("destination", "trace", ">spans", ">size", "since", "reason");
    for (var letter : outbox.deadLetters()) {
      table.row(
          letter.destination(),
          letter.trace().substring(0, Math.min(8, letter.trace().length())),
          count(letter.spans()),
          bytes(letter.bytes()),
          time(letter.buried(), zone),
          clean(letter.reason(), CELL));
    }
    return table.render("  ");
  }
}
