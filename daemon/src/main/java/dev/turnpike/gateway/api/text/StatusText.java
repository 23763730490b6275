package dev.turnpike.gateway.api.text;

import static dev.turnpike.gateway.api.text.Amounts.ago;
import static dev.turnpike.gateway.api.text.Amounts.bytes;
import static dev.turnpike.gateway.api.text.Amounts.clean;
import static dev.turnpike.gateway.api.text.Amounts.count;
import static dev.turnpike.gateway.api.text.Amounts.counted;

import dev.turnpike.gateway.api.StatusReport;
import dev.turnpike.gateway.api.StatusReport.AgentStatus;
import dev.turnpike.gateway.api.StatusReport.DestinationStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** {@code turnpike status}: what is wrong first, then the numbers. */
final class StatusText {
  private static final int LINE = 400;

  /** Of an agent's lines: how many there were in all. No loss. */
  private static final String LINES_READ = "read";

  private StatusText() {}

  static String of(StatusReport status) {
    var now = status.started().plusSeconds(status.uptimeSeconds());
    var text = new StringBuilder();
    text.append(
        "Turnpike %s, pid %d, up %s: %s\n"
            .formatted(
                status.version(),
                status.pid(),
                Amounts.length(Duration.ofSeconds(status.uptimeSeconds())),
                status.ready() ? "ready" : "NOT READY"));
    status.problems().forEach(p -> text.append("  problem: ").append(clean(p, LINE)).append('\n'));
    status.warnings().forEach(w -> text.append("  warning: ").append(clean(w, LINE)).append('\n'));
    section(text, "Agents", agents(status.agents(), now));
    section(text, "Destinations", destinations(status.destinations(), now));
    section(text, "On disk", stores(status.stores()));
    section(text, "Dropped or turned away", counts(dropped(status)));
    section(text, "Hook clients seen", counts(status.hookClients()));
    return text.toString();
  }

  static String health(boolean ready, String version, long pid, List<String> problems) {
    var text =
        new StringBuilder(
            "Turnpike %s, pid %d: %s\n".formatted(version, pid, ready ? "ready" : "NOT READY"));
    problems.forEach(p -> text.append("  problem: ").append(clean(p, LINE)).append('\n'));
    return text.toString();
  }

  static String counts(Map<String, Long> counts) {
    var table = new Table("", ">");
    counts.forEach(
        (reason, number) -> {
          if (number > 0) {
            table.row(clean(reason, 80), count(number));
          }
        });
    return table.isEmpty() ? "" : table.render("  ");
  }

  private static void section(StringBuilder text, String title, String body) {
    if (!body.isEmpty()) {
      text.append('\n').append(title).append('\n').append(body);
    }
  }

  private static String agents(List<AgentStatus> agents, Instant now) {
    var table =
        new Table(
            "agent",
            ">events",
            ">ignored",
            ">malformed",
            ">off",
            ">sessions",
            ">turns",
            ">spans",
            "last event");
    for (var agent : agents) {
      table.row(
          agent.agent(),
          count(agent.accepted()),
          count(sum(agent.ignored())),
          count(sum(agent.malformed())),
          count(agent.off()),
          count(agent.sessions()),
          count(agent.turns()),
          count(agent.spans()),
          ago(agent.lastEvent(), now));
    }
    return table.isEmpty() ? "" : table.render("  ");
  }

  /** The agents' own reasons stand beside everybody else's, under their names. */
  private static Map<String, Long> dropped(StatusReport status) {
    var all = new TreeMap<>(status.drops());
    for (var agent : status.agents()) {
      agent
          .ignored()
          .forEach((why, n) -> all.merge(agent.agent() + ": ignored " + why, n, Long::sum));
      agent
          .malformed()
          .forEach((why, n) -> all.merge(agent.agent() + ": malformed " + why, n, Long::sum));
      agent
          .lines()
          .forEach(
              (why, n) -> {
                if (!why.equals(LINES_READ)) {
                  all.merge(agent.agent() + ": line " + why, n, Long::sum);
                }
              });
      all.merge(agent.agent() + ": duplicate events", agent.duplicates(), Long::sum);
    }
    return all;
  }

  private static String destinations(List<DestinationStatus> destinations, Instant now) {
    var text = new StringBuilder();
    for (var destination : destinations) {
      var base = destination.baseUrl();
      text.append("  ")
          .append(base == null ? "this machine" : clean(base, LINE))
          .append(
              " (%s, %s, %s)"
                  .formatted(destination.id(), destination.kind(), destination.exporter()))
          .append('\n');
      var parked = destination.parked();
      if (parked != null) {
        text.append("    PARKED: ").append(clean(parked, LINE)).append('\n');
      }
      text.append("    waiting: ")
          .append(counted(destination.queuedBatches(), "batch", "batches"))
          .append(", ")
          .append(bytes(destination.queuedBytes()));
      if (destination.oldest() != null) {
        text.append(", the oldest from ").append(ago(destination.oldest(), now));
      }
      if (destination.nextAttempt() != null && destination.nextAttempt().isAfter(now)) {
        var wait = Duration.between(now, destination.nextAttempt());
        text.append(", next attempt in ").append(Amounts.wholeSeconds(wait));
      }
      text.append("\n    sent: ")
          .append(counted(destination.sentBatches(), "batch", "batches"))
          .append(", ")
          .append(counted(destination.sentSpans(), "span", "spans"))
          .append(", last ")
          .append(ago(destination.lastSuccess(), now))
          .append('\n');
      if (destination.deadLetters() > 0) {
        text.append("    given up: ")
            .append(counted(destination.deadLetters(), "batch", "batches"))
            .append(" (see: turnpike outbox)\n");
      }
      var error = destination.lastError();
      if (error != null) {
        text.append("    last error: ")
            .append(ago(destination.lastErrorAt(), now))
            .append(", ")
            .append(clean(error, LINE))
            .append('\n');
      }
    }
    return text.toString();
  }

  private static String stores(List<StatusReport.StoreStatus> stores) {
    var table = new Table("store", ">entries", ">limit", ">size", ">limit");
    for (var store : stores) {
      var entries = store.limitEntries();
      var size = store.limitBytes();
      table.row(
          store.name(),
          count(store.entries()),
          entries == null ? "-" : count(entries),
          bytes(store.bytes()),
          size == null ? "-" : bytes(size));
    }
    return table.isEmpty() ? "" : table.render("  ");
  }

  private static long sum(Map<String, Long> counts) {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }
}
