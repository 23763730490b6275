package dev.turnpike.cli.doctor;

import dev.turnpike.gateway.api.HealthReport;
import dev.turnpike.gateway.api.StatusReport;
import dev.turnpike.gateway.api.StatusReport.AgentStatus;
import dev.turnpike.gateway.api.StatusReport.DestinationStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/** What the daemon says of itself, judged. */
final class DaemonChecks {
  /**
   * Counted, yet nothing is missing: a hook that the client had spooled after 200 ms and the daemon
   * had taken all the same; telemetry that no trace is made of; an index that was made anew.
   */
  private static final Set<String> HARMLESS =
      Set.of("spool.repeated", "otlp.metrics", "otlp.logs", "index.dropped");

  private static final String READ = "read";

  private static final double ODD_SHARE = 0.02;
  private static final long ODD_LINES_LEAST = 20;

  private final String version;
  private final Predicate<String> registered;

  /**
   * @param registered agents of which hooks can come
   */
  DaemonChecks(String version, Predicate<String> registered) {
    this.version = version;
    this.registered = registered;
  }

  /**
   * @param mute the pid of a daemon that runs and does not answer
   */
  List<Finding> all(
      Optional<HealthReport> health, Optional<StatusReport> status, OptionalLong mute) {
    if (mute.isPresent()) {
      return List.of(
          Finding.problem(
              "daemon",
              "pid %d runs, and nobody answers on the socket; what agents do is kept in the spool"
                  .formatted(mute.getAsLong()),
              "if it has just begun, ask again; if a service holds the socket: turnpike install;"
                  + " else end that process, then: turnpike start"));
    }
    if (health.isEmpty()) {
      return List.of(
          Finding.warning(
              "daemon",
              "not running; what agents do is kept in the spool until it does",
              "run: turnpike start"));
    }
    var found = new ArrayList<Finding>();
    found.add(daemon(health.get()));
    status.ifPresent(report -> judge(report, found));
    return found;
  }

  private Finding daemon(HealthReport health) {
    String text = "version %s, pid %d".formatted(health.version(), health.pid());
    if (!health.ready()) {
      return Finding.problem(
          "daemon",
          "%s, takes no events: %s".formatted(text, String.join("; ", health.problems())),
          "see: turnpike status, turnpike logs");
    }
    return health.version().equals(version)
        ? Finding.ok("daemon", text)
        : Finding.warning(
            "daemon", "%s; this program is %s".formatted(text, version), "run: turnpike restart");
  }

  private void judge(StatusReport status, List<Finding> found) {
    status
        .problems()
        .forEach(problem -> found.add(Finding.problem("daemon", problem, "see: turnpike status")));
    status
        .warnings()
        .forEach(warning -> found.add(Finding.warning("daemon", warning, "see: turnpike status")));
    status.destinations().forEach(destination -> destination(destination).ifPresent(found::add));
    for (AgentStatus agent : status.agents()) {
      if (agent.lastEvent() != null || registered.test(agent.agent())) {
        found.add(hooks(agent, status.started()));
      }
      lines(agent).ifPresent(found::add);
    }
    var missing = new TreeMap<>(status.drops());
    missing.keySet().removeAll(HARMLESS);
    if (!missing.isEmpty()) {
      found.add(
          Finding.warning(
              "drops",
              "since its start: " + listed(missing),
              "what each means: docs/troubleshooting.md"));
    }
  }

  private static Optional<Finding> destination(DestinationStatus destination) {
    String name = Optional.ofNullable(destination.baseUrl()).orElse(destination.id());
    if (destination.parked() != null) {
      return Optional.of(
          Finding.problem(
              "destination",
              "%s: nothing is sent: %s".formatted(name, destination.parked()),
              "correct what it says; sending goes on by itself, or: turnpike outbox --retry"));
    }
    if (destination.deadLetters() > 0) {
      return Optional.of(
          Finding.warning(
              "destination",
              "%s refused %d batches for good".formatted(name, destination.deadLetters()),
              "see: turnpike outbox"));
    }
    boolean failing =
        destination.lastErrorAt() != null
            && (destination.lastSuccess() == null
                || destination.lastErrorAt().isAfter(destination.lastSuccess()));
    return failing
        ? Optional.of(
            Finding.warning(
                "destination",
                "%s: %s; %d batches wait and are tried again"
                    .formatted(name, destination.lastError(), destination.queuedBatches()),
                "nothing is lost; see: turnpike status"))
        : Optional.empty();
  }

  private static Finding hooks(AgentStatus agent, Instant started) {
    return agent.lastEvent() != null
        ? Finding.ok(agent.agent(), "last hook at %s".formatted(agent.lastEvent()))
        : Finding.warning(
            agent.agent(),
            "no hook has come since the daemon started at " + started,
            "a session of it that is open since before the installation must be started anew");
  }

  private static Optional<Finding> lines(AgentStatus agent) {
    long read = agent.lines().getOrDefault(READ, 0L);
    long odd =
        agent.lines().entrySet().stream()
            .filter(count -> !count.getKey().equals(READ))
            .mapToLong(Map.Entry::getValue)
            .sum();
    return odd >= ODD_LINES_LEAST && odd > (read + odd) * ODD_SHARE
        ? Optional.of(
            Finding.warning(
                agent.agent(),
                "%d%% of its rows are not understood: its format may have changed"
                    .formatted(Math.round(100.0 * odd / Math.max(1, read + odd))),
                "update Turnpike; which rows: turnpike status"))
        : Optional.empty();
  }

  private static String listed(Map<String, Long> counts) {
    return String.join(
        ", ",
        counts.entrySet().stream()
            .map(count -> count.getKey() + " " + count.getValue())
            .sorted()
            .toList());
  }
}
