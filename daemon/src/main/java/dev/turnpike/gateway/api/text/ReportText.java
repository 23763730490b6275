package dev.turnpike.gateway.api.text;

import static dev.turnpike.gateway.api.text.Amounts.clean;
import static dev.turnpike.gateway.api.text.Amounts.counted;

import dev.turnpike.gateway.api.ErrorReport;
import dev.turnpike.gateway.api.FlushReport;
import dev.turnpike.gateway.api.ForgetReport;
import dev.turnpike.gateway.api.HealthReport;
import dev.turnpike.gateway.api.OutboxReport;
import dev.turnpike.gateway.api.ReloadReport;
import dev.turnpike.gateway.api.Report;
import dev.turnpike.gateway.api.RetryReport;
import dev.turnpike.gateway.api.RulingReport;
import dev.turnpike.gateway.api.SendReport;
import dev.turnpike.gateway.api.ServerList;
import dev.turnpike.gateway.api.SessionDetail;
import dev.turnpike.gateway.api.SessionList;
import dev.turnpike.gateway.api.SettingsReport;
import dev.turnpike.gateway.api.ShutdownReport;
import dev.turnpike.gateway.api.StatusReport;
import dev.turnpike.gateway.api.TraceDetail;
import dev.turnpike.gateway.api.TraceList;
import java.time.ZoneId;

/** Every report as text: what the command line prints. */
public final class ReportText {
  private static final int LINE = 400;

  private ReportText() {}

  /**
   * @param zone in which times are shown
   */
  public static String of(Report report, ZoneId zone) {
    return switch (report) {
      case ErrorReport error -> clean(error.error().message(), 4 * LINE) + "\n";
      case FlushReport flush -> flush(flush);
      case ForgetReport forgotten -> forgotten(forgotten);
      case HealthReport(var ready, var version, var pid, var problems) ->
          StatusText.health(ready, version, pid, problems);
      case OutboxReport outbox -> OutboxText.of(outbox, zone);
      case ReloadReport reload -> reload(reload);
      case RetryReport(var revived, var woken) ->
          "Tried again: %s given up, %s waiting.\n"
              .formatted(counted(revived, "batch", "batches"), counted(woken, "batch", "batches"));
      case RulingReport ruling -> ServerText.ruling(ruling);
      case SendReport sent -> sent(sent);
      case ServerList servers -> ServerText.list(servers, zone);
      case SessionDetail session -> SessionText.detail(session, zone);
      case SessionList sessions -> SessionText.list(sessions, zone);
      case SettingsReport settings -> settings(settings);
      case ShutdownReport(var pid) -> "The daemon (pid " + pid + ") is stopping.\n";
      case StatusReport status -> StatusText.of(status);
      case TraceDetail trace -> TraceText.tree(trace, zone);
      case TraceList traces -> TraceText.list(traces, zone);
    };
  }

  private static String flush(FlushReport flush) {
    var text = new StringBuilder();
    text.append(outcome(flush))
        .append(" after ")
        .append(Amounts.length(flush.waitedMillis()))
        .append(": ")
        .append(counted(flush.closedTurns(), "turn", "turns"))
        .append(" closed, ")
        .append(counted(flush.sentBatches(), "batch", "batches"))
        .append(" (")
        .append(counted(flush.sentSpans(), "span", "spans"))
        .append(") sent.\n");
    if (flush.pendingEvents() > 0) {
      text.append("  ")
          .append(counted(flush.pendingEvents(), "event", "events"))
          .append(" not handled yet\n");
    }
    long toSend = flush.pendingBatches() - flush.parkedBatches();
    if (toSend > 0) {
      text.append("  ").append(counted(toSend, "batch", "batches")).append(" still to send\n");
    }
    if (flush.parkedBatches() > 0) {
      text.append("  ")
          .append(counted(flush.parkedBatches(), "batch", "batches"))
          .append(" parked (see: turnpike status)\n");
    }
    if (flush.openTurns() > 0) {
      text.append("  ")
          .append(counted(flush.openTurns(), "turn", "turns"))
          .append(" still running\n");
    }
    return text.toString();
  }

  private static String outcome(FlushReport flush) {
    if (!flush.complete()) {
      return "Not everything is out yet";
    }
    return flush.parkedBatches() > 0 ? "Everything that can be sent is out" : "Everything is out";
  }

  private static String forgotten(ForgetReport report) {
    return "Forgotten: %s/%s\n%s"
        .formatted(report.agent(), clean(report.id(), LINE), StatusText.counts(report.removed()));
  }

  private static String reload(ReloadReport reload) {
    var text = new StringBuilder("Settings read.\n");
    reload.warnings().forEach(w -> text.append("  warning: ").append(clean(w, LINE)).append('\n'));
    return text.toString();
  }

  private static String sent(SendReport sent) {
    var problem = sent.problem();
    if (problem != null) {
      return "Nothing was sent: " + clean(problem, LINE) + "\n";
    }
    var base = sent.baseUrl();
    return "Queued for %3$s: %1$s (%2$s). Already there: %4$s.\n"
        .formatted(
            counted(sent.queuedTraces(), "trace", "traces"),
            counted(sent.queuedSpans(), "span", "spans"),
            base == null ? String.valueOf(sent.destination()) : clean(base, LINE),
            counted(sent.alreadySent(), "trace", "traces"));
  }

  /** One setting is explained at length, all of them as a table. */
  private static String settings(SettingsReport report) {
    var text = new StringBuilder();
    if (report.settings().size() == 1) {
      text.append(setting(report.settings().getFirst()));
    } else {
      var table = new Table("setting", "value", "from");
      for (var row : report.settings()) {
        var value = row.value();
        table.row(row.key(), value == null ? "-" : clean(value, 80), clean(row.source(), 80));
      }
      text.append(table.render(""));
    }
    report.warnings().forEach(w -> text.append("warning: ").append(clean(w, LINE)).append('\n'));
    return text.toString();
  }

  private static String setting(SettingsReport.Row row) {
    var value = row.value();
    var table = new Table("", "");
    table.row("value", value == null ? "(not set)" : clean(value, LINE));
    table.row("from", clean(row.source(), LINE));
    for (var lost : row.overridden()) {
      table.row("instead of", clean(lost.value(), LINE) + " from " + clean(lost.source(), LINE));
    }
    return row.key() + ": " + clean(row.doc(), 2 * LINE) + "\n" + table.render("  ");
  }
}
