package dev.turnpike.daemon;

import dev.turnpike.agent.Agent;
import dev.turnpike.config.Config;
import dev.turnpike.config.Consents;
import dev.turnpike.config.CredentialStore;
import dev.turnpike.config.Destination;
import dev.turnpike.config.Permits;
import dev.turnpike.config.SeenHosts;
import dev.turnpike.export.DeliveryCounts;
import dev.turnpike.gateway.GatewayCounters;
import dev.turnpike.gateway.StatusSource;
import dev.turnpike.gateway.api.HealthReport;
import dev.turnpike.gateway.api.StatusReport;
import dev.turnpike.gateway.api.StatusReport.AgentStatus;
import dev.turnpike.gateway.api.StatusReport.DestinationStatus;
import dev.turnpike.gateway.api.StatusReport.StoreStatus;
import dev.turnpike.inbox.Inbox;
import dev.turnpike.inbox.InboxLimits;
import dev.turnpike.inbox.InboxStatus;
import dev.turnpike.index.TraceIndex;
import dev.turnpike.journal.Journal;
import dev.turnpike.journal.JournalHealth;
import dev.turnpike.model.DestinationId;
import dev.turnpike.outbox.History;
import dev.turnpike.outbox.Outbox;
import dev.turnpike.outbox.OutboxStatus;
import dev.turnpike.platform.Counters;
import dev.turnpike.platform.Paths;
import dev.turnpike.platform.Version;
import dev.turnpike.session.Sessions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The daemon at a glance: gathers what each room knows of itself. */
final class StatusBoard implements StatusSource {
  /** The rooms it asks. */
  record Rooms(
      List<Agent<?>> agents,
      Config config,
      CredentialStore credentials,
      Permits permits,
      Consents consents,
      Journal journal,
      Inbox inbox,
      Outbox outbox,
      History history,
      Sessions sessions,
      SendLedger ledger,
      GatewayCounters gateway,
      Counters drops,
      Counters exports,
      TraceIndex index,
      PlaceWatch places) {}

  private static final String EVENT = "event.";
  private static final String MALFORMED = "event.malformed.";
  private static final String LINE = "line.";

  /** Counts of an agent that are no loss. */
  private static final Set<String> HANDLED =
      Set.of(
          "event.accepted", "event.declined", "session.started", "turn.exported", "span.exported");

  private final Rooms rooms;
  private final Path state;
  private final Path spool;
  private final InstantSource clock;
  private final Instant started;
  private final long historyLimitBytes;

  StatusBoard(Rooms rooms, Paths paths, InstantSource clock, long historyLimitBytes) {
    this.rooms = rooms;
    this.state = paths.state();
    this.spool = paths.spool();
    this.clock = clock;
    this.started = clock.instant();
    this.historyLimitBytes = historyLimitBytes;
  }

  @Override
  public HealthReport health() {
    List<String> problems = problems();
    return new HealthReport(
        problems.isEmpty(), Version.current(), ProcessHandle.current().pid(), problems);
  }

  @Override
  public StatusReport status() {
    List<String> problems = problems();
    return new StatusReport(
        Version.current(),
        ProcessHandle.current().pid(),
        started,
        Duration.between(started, clock.instant()).toSeconds(),
        problems.isEmpty(),
        problems,
        warnings(),
        agents(),
        destinations(),
        stores(),
        drops(),
        rooms.gateway().hookClients());
  }

  private List<String> problems() {
    var problems = new ArrayList<String>();
    JournalHealth journal = rooms.journal().health();
    if (!journal.ok()) {
      problems.add("the journal cannot write: " + journal.problem().orElse("unknown reason"));
    }
    DiskSpace.problem(state).ifPresent(problems::add);
    problems.addAll(rooms.places().problems());
    OutboxStatus outbox = rooms.outbox().status();
    if (outbox.full()) {
      problems.add("the outbox is full: turns wait in the agents' own files until it drains");
    }
    return problems;
  }

  private List<String> warnings() {
    var warnings = new ArrayList<String>();
    for (OutboxStatus.Queue queue : rooms.outbox().status().queues()) {
      queue
          .parked()
          .ifPresent(
              why -> warnings.add("nothing is sent to " + name(queue.destination()) + ": " + why));
    }
    for (Sessions.Trouble trouble : rooms.sessions().troubles()) {
      warnings.add("session " + trouble.session() + " is stuck: " + trouble.what());
    }
    int bad = rooms.journal().health().badSegments();
    if (bad > 0) {
      warnings.add(bad + " damaged journal segments were set aside (*.bad)");
    }
    warnings.addAll(rooms.places().remade());
    LogSetup.problem().ifPresent(why -> warnings.add("the log cannot be written: " + why));
    rooms
        .history()
        .problem()
        .ifPresent(why -> warnings.add("traces cannot be kept on this machine: " + why));
    rooms
        .index()
        .problem()
        .ifPresent(
            why ->
                warnings.add(
                    "the index of traces cannot be written, looking for a session's is slow: "
                        + why));
    rooms.gateway().telemetryProblem().ifPresent(warnings::add);
    warnings.addAll(rooms.config().warnings());
    warnings.addAll(rooms.config().resolve(null, Map.of()).problems());
    warnings.addAll(rooms.consents().problems());
    warnings.addAll(rooms.credentials().problems());
    rooms.permits().seen().stream().flatMap(seen -> word(seen).stream()).forEach(warnings::add);
    return warnings;
  }

  private Optional<String> word(SeenHosts.Seen seen) {
    String from = seen.cwd().isEmpty() ? "" : " (first in " + seen.cwd() + ")";
    return switch (rooms.permits().standing(seen.server())) {
      case HELD ->
          Optional.of(
              "an agent's environment names %s%s: its traces are held back until you say turnpike destinations allow %1$s, or deny %1$s"
                  .formatted(seen.server(), from));
      case ALL_ALLOWED ->
          Optional.of(
              "traces go to a server that only an agent's environment names: %s%s"
                  .formatted(seen.server(), from));
      case NAMED, ALLOWED, DENIED -> Optional.empty();
    };
  }

  private String name(DestinationId id) {
    return destination(id).map(Destination::baseUrl).orElseGet(id::value);
  }

  private Optional<Destination> destination(DestinationId id) {
    return rooms.credentials().get(id).map(CredentialStore.Stored::destination);
  }

  private List<AgentStatus> agents() {
    var all = new ArrayList<AgentStatus>();
    for (Agent<?> agent : rooms.agents()) {
      Counters counters = rooms.sessions().counters(agent.id());
      Map<String, Long> counts = counters.snapshot();
      all.add(
          new AgentStatus(
              agent.id().value(),
              agent.displayName(),
              counters.of("event.accepted"),
              rooms.gateway().duplicates(agent.id()),
              counters.of("event.declined"),
              ignored(counts),
              below(counts, MALFORMED),
              below(counts, LINE),
              counters.of("session.started"),
              counters.of("turn.exported"),
              counters.of("span.exported"),
              rooms.sessions().lastEvent(agent.id()).orElse(null)));
    }
    return all;
  }

  /** Every event that was handed over and then dropped, however its reason is called. */
  private static Map<String, Long> ignored(Map<String, Long> counts) {
    var ignored = below(counts, EVENT);
    ignored.keySet().removeIf(reason -> HANDLED.contains(EVENT + reason));
    ignored.keySet().removeIf(reason -> (EVENT + reason).startsWith(MALFORMED));
    return ignored;
  }

  /** The counts whose names begin with {@code prefix}, by the rest of the name. */
  private static Map<String, Long> below(Map<String, Long> counts, String prefix) {
    var some = new TreeMap<String, Long>();
    counts.forEach(
        (name, count) -> {
          if (name.startsWith(prefix)) {
            some.put(name.substring(prefix.length()), count);
          }
        });
    return some;
  }

  private List<DestinationStatus> destinations() {
    var queues = new TreeMap<String, OutboxStatus.Queue>();
    OutboxStatus outbox = rooms.outbox().status();
    outbox.queues().forEach(queue -> queues.put(queue.destination().value(), queue));
    var ids = new TreeMap<String, DestinationId>();
    queues.values().forEach(queue -> ids.put(queue.destination().value(), queue.destination()));
    rooms
        .credentials()
        .all()
        .forEach(stored -> ids.put(stored.destination().id().value(), stored.destination().id()));
    ids.putIfAbsent(DestinationId.LOCAL.value(), DestinationId.LOCAL);
    var all = new ArrayList<DestinationStatus>();
    ids.values().forEach(id -> all.add(status(id, queues.get(id.value()), outbox)));
    return all;
  }

  private DestinationStatus status(
      DestinationId id, OutboxStatus.@Nullable Queue queue, OutboxStatus outbox) {
    SendLedger.Account account = rooms.ledger().account(id).orElse(SendLedger.Account.NEW);
    long dead =
        outbox.deadLetters().stream()
            .filter(buried -> buried.ref().destination().equals(id))
            .count();
    return new DestinationStatus(
        id.value(),
        destination(id).map(Destination::baseUrl).orElse(null),
        id.local() ? "local" : "langfuse",
        id.local() ? "files" : account.path(),
        queue == null ? 0 : queue.batches(),
        queue == null ? 0 : queue.bytes(),
        queue == null ? null : queue.oldest().orElse(null),
        rooms.exports().of(DeliveryCounts.batchesSent(id)),
        rooms.exports().of(DeliveryCounts.spansSent(id)),
        dead,
        account.lastSuccess(),
        account.lastErrorAt(),
        account.lastError(),
        queue == null ? null : queue.parked().orElse(null),
        queue == null ? null : queue.ripeAt().orElse(null));
  }

  private List<StoreStatus> stores() {
    InboxStatus inbox = rooms.inbox().status();
    JournalHealth journal = rooms.journal().health();
    OutboxStatus outbox = rooms.outbox().status();
    return List.of(
        new StoreStatus(
            "inbox",
            inbox.events(),
            inbox.bytes(),
            (long) InboxLimits.STANDARD.events(),
            InboxLimits.STANDARD.bytes()),
        new StoreStatus("spool", inbox.spooled(), spoolBytes(), 10_000L, 64L * 1024 * 1024),
        new StoreStatus("journal", journal.segments(), journal.bytes(), null, null),
        new StoreStatus(
            "outbox",
            outbox.batches(),
            outbox.bytes(),
            (long) outbox.limitBatches(),
            outbox.limitBytes()),
        new StoreStatus(
            "history",
            rooms.history().entries().size(),
            rooms.history().bytes(),
            null,
            historyLimitBytes));
  }

  private long spoolBytes() {
    try (var files = Files.list(spool)) {
      return files.mapToLong(StatusBoard::size).sum();
    } catch (IOException | UncheckedIOException e) {
      return 0; // not there yet: nothing was ever spooled
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      return 0; // taken over meanwhile
    }
  }

  private Map<String, Long> drops() {
    var all = new TreeMap<String, Long>(rooms.drops().snapshot());
    if (LogSetup.dropped() > 0) {
      all.put("log.lines", LogSetup.dropped());
    }
    all.putAll(rooms.sessions().unrouted().snapshot());
    all.putAll(rooms.gateway().refused());
    rooms.gateway().shortfalls().forEach((name, count) -> all.merge(name, count, Long::sum));
    rooms
        .exports()
        .snapshot()
        .forEach(
            (name, count) -> {
              if (!DeliveryCounts.isSuccess(name)) {
                all.put(name, count);
              }
            });
    for (Agent<?> agent : rooms.agents()) {
      rooms
          .sessions()
          .counters(agent.id())
          .snapshot()
          .forEach(
              (name, count) -> {
                if (!HANDLED.contains(name) && !name.startsWith(EVENT) && !name.startsWith(LINE)) {
                  all.put(agent.id() + "." + name, count);
                }
              });
    }
    return all;
  }
}
