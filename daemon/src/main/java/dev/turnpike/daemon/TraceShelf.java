package dev.turnpike.daemon;

import dev.turnpike.config.Config;
import dev.turnpike.config.CredentialStore;
import dev.turnpike.config.Destination;
import dev.turnpike.config.Target;
import dev.turnpike.gateway.TraceArchive;
import dev.turnpike.gateway.TraceViews;
import dev.turnpike.gateway.api.SendReport;
import dev.turnpike.gateway.api.TraceList;
import dev.turnpike.gateway.api.TraceList.TraceSummary;
import dev.turnpike.gateway.api.Whereabouts;
import dev.turnpike.journal.BatchRef;
import dev.turnpike.journal.Buried;
import dev.turnpike.journal.Journal;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.Trace;
import dev.turnpike.model.TraceId;
import dev.turnpike.outbox.Batch;
import dev.turnpike.outbox.History;
import dev.turnpike.outbox.History.KeptTrace;
import dev.turnpike.outbox.HistoryEntry;
import dev.turnpike.outbox.Outbox;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;

/**
 * The traces this machine has: those still waiting in the outbox and those in the history. One
 * trace may lie in several parts, some sent and some waiting.
 */
final class TraceShelf implements TraceArchive {
  private static final int LIMIT_FOUND = 200;

  private final Journal journal;
  private final Outbox outbox;
  private final History history;
  private final CredentialStore credentials;
  private final Config config;
  private final SessionTraces bySession;
  private final BiFunction<Destination, TraceId, Optional<String>> link;

  /**
   * @param link where a trace can be looked at on its server, if that is known without asking it
   */
  TraceShelf(
      Journal journal,
      Outbox outbox,
      History history,
      CredentialStore credentials,
      Config config,
      SessionTraces bySession,
      BiFunction<Destination, TraceId, Optional<String>> link) {
    this.journal = journal;
    this.outbox = outbox;
    this.history = history;
    this.credentials = credentials;
    this.config = config;
    this.bySession = bySession;
    this.link = link;
  }

  @Override
  public TraceList traces(int limit, Optional<String> session) throws IOException {
    var summaries = new ArrayList<TraceSummary>();
    if (session.isPresent()) {
      for (Archived each : ofSession(session.get(), limit)) {
        summaries.add(TraceViews.summary(each));
      }
    } else {
      archived(limit, "").forEach(each -> summaries.add(TraceViews.summary(each)));
    }
    summaries.sort((a, b) -> b.start().compareTo(a.start()));
    List<TraceSummary> listed = summaries.subList(0, Math.min(limit, summaries.size()));
    long total = session.isPresent() ? summaries.size() : known();
    return new TraceList(listed, Math.max(total, listed.size()));
  }

  /** Those that still wait are in the journal; those in the history are found through the index. */
  private List<Archived> ofSession(String session, int limit) throws IOException {
    var ids = new LinkedHashSet<TraceId>();
    for (BatchRef ref : newestFirst(journal.view().pendingBatches())) {
      if (ref.session().session().value().equals(session)) {
        ids.add(ref.trace());
      }
    }
    ids.addAll(bySession.of(session, limit));
    var found = new ArrayList<Archived>();
    for (TraceId id : ids) {
      if (found.size() < limit) {
        found.addAll(archived(1, id.hex()));
      }
    }
    return found;
  }

  @Override
  public Lookup find(String prefix) throws IOException {
    List<Archived> found = archived(LIMIT_FOUND, prefix);
    return switch (found.size()) {
      case 0 -> new Lookup.Missing();
      case 1 -> new Lookup.Found(found.getFirst());
      default ->
          new Lookup.Ambiguous(found.stream().map(each -> each.parts().getFirst().id()).toList());
    };
  }

  @Override
  public SendReport sendLocal() throws IOException {
    return switch (config.resolve(null, Map.of()).target()) {
      case Target.Local() ->
          new SendReport(
              null,
              null,
              0,
              0,
              0,
              "no Langfuse keys are set: turnpike config set LANGFUSE_PUBLIC_KEY ...");
      case Target.Unusable(var problem) -> new SendReport(null, null, 0, 0, 0, problem);
      case Target.Remote(var destination, var keys) -> {
        credentials.put(destination, keys);
        yield send(destination);
      }
    };
  }

  private SendReport send(Destination destination) throws IOException {
    long traces = 0;
    long batches = 0;
    long sent = 0;
    for (String prefix : prefixes()) {
      int queued = outbox.requeue(prefix, destination.id());
      if (queued > 0) {
        traces++;
        batches += queued;
      } else {
        sent++;
      }
    }
    return new SendReport(
        destination.id().value(), destination.baseUrl(), traces, batches, sent, null);
  }

  private long known() {
    var all = new LinkedHashSet<>(prefixes());
    journal.view().pendingBatches().forEach(ref -> all.add(ref.trace().hex().substring(0, 16)));
    return all.size();
  }

  private Set<String> prefixes() {
    var all = new LinkedHashSet<String>();
    history.entries().forEach(entry -> all.add(entry.traceIdPrefix()));
    return all;
  }

  private static final class Gathered {
    final List<Trace> parts = new ArrayList<>();
    final Set<Whereabouts> places = new LinkedHashSet<>();
  }

  /** Traces whose id begins with {@code prefix}, the newest first, at most about {@code limit}. */
  private List<Archived> archived(int limit, String prefix) throws IOException {
    var byId = new LinkedHashMap<TraceId, Gathered>();
    for (BatchRef ref : newestFirst(journal.view().pendingBatches())) {
      if (ref.trace().hex().startsWith(prefix)
          && (byId.size() < limit || byId.containsKey(ref.trace()))) {
        add(byId, ref, state(ref));
      }
    }
    for (Buried dead : journal.view().buried()) {
      if (dead.ref().trace().hex().startsWith(prefix) && byId.size() < limit) {
        add(byId, dead.ref(), "dead");
      }
    }
    List<KeptTrace> kept = prefix.isEmpty() ? history.latest(limit) : history.find(prefix, limit);
    for (KeptTrace each : kept) {
      for (HistoryEntry entry : each.bodies()) {
        add(
            byId,
            each.trace(),
            whereabouts(each.trace().id(), entry.destination(), entry.sent() ? "sent" : "kept"));
      }
    }
    return byId.values().stream()
        .map(gathered -> new Archived(rootFirst(gathered.parts), List.copyOf(gathered.places)))
        .toList();
  }

  private String state(BatchRef ref) {
    boolean parked =
        outbox.status().queues().stream()
            .anyMatch(
                queue ->
                    queue.destination().equals(ref.destination()) && queue.parked().isPresent());
    return parked ? "parked" : "queued";
  }

  private void add(Map<TraceId, Gathered> byId, BatchRef ref, String state) throws IOException {
    Optional<Batch> batch = outbox.load(ref);
    if (batch.isPresent()) {
      add(byId, batch.get().trace(), whereabouts(ref.trace(), ref.destination(), state));
    }
  }

  private static void add(Map<TraceId, Gathered> byId, Trace part, Whereabouts place) {
    Gathered gathered = byId.computeIfAbsent(part.id(), id -> new Gathered());
    if (!gathered.parts.contains(part)) {
      gathered.parts.add(part);
    }
    gathered.places.add(place);
  }

  private static List<Trace> rootFirst(List<Trace> parts) {
    var sorted = new ArrayList<>(parts);
    sorted.sort((a, b) -> Boolean.compare(b.hasRoot(), a.hasRoot()));
    return sorted;
  }

  private static List<BatchRef> newestFirst(List<BatchRef> batches) {
    var sorted = new ArrayList<>(batches);
    sorted.sort((a, b) -> b.staged().compareTo(a.staged()));
    return sorted;
  }

  private Whereabouts whereabouts(TraceId trace, DestinationId to, String state) {
    Optional<Destination> destination =
        credentials.get(to).map(CredentialStore.Stored::destination);
    return new Whereabouts(
        to.value(),
        destination.map(Destination::baseUrl).orElse(null),
        state,
        destination.flatMap(known -> link.apply(known, trace)).orElse(null));
  }
}
