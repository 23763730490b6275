package dev.turnpike.gateway.api;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The daemon at a glance. Whatever is dropped anywhere is in {@code drops}, by reason.
 *
 * @param problems what keeps the daemon from doing its work, the worst first; it is ready when
 *     there is none
 * @param warnings what deserves a look but stops nothing
 * @param drops by reason, since the daemon started
 * @param hookClients events by version of the hook client that brought them
 */
public record StatusReport(
    String version,
    long pid,
    Instant started,
    long uptimeSeconds,
    boolean ready,
    List<String> problems,
    List<String> warnings,
    List<AgentStatus> agents,
    List<DestinationStatus> destinations,
    List<StoreStatus> stores,
    Map<String, Long> drops,
    Map<String, Long> hookClients)
    implements Report {
  public StatusReport {
    problems = List.copyOf(problems);
    warnings = List.copyOf(warnings);
    agents = List.copyOf(agents);
    destinations = List.copyOf(destinations);
    stores = List.copyOf(stores);
    drops = Ordered.copyOf(drops);
    hookClients = Ordered.copyOf(hookClients);
  }

  /**
   * Counts since the daemon started.
   *
   * @param agent the id, as in the socket's URLs
   * @param name as people know it
   * @param ignored events that mean nothing to us, by reason
   * @param malformed events that could not be read, by reason
   * @param lines rows of the agent's own files that were not understood, by reason
   */
  public record AgentStatus(
      String agent,
      String name,
      long accepted,
      long duplicates,
      long off,
      Map<String, Long> ignored,
      Map<String, Long> malformed,
      Map<String, Long> lines,
      long sessions,
      long turns,
      long spans,
      @Nullable Instant lastEvent) {
    public AgentStatus {
      ignored = Ordered.copyOf(ignored);
      malformed = Ordered.copyOf(malformed);
      lines = Ordered.copyOf(lines);
    }
  }

  /**
   * One place traces go to.
   *
   * @param kind {@code langfuse} or {@code local}
   * @param exporter the path in use: {@code otlp}, {@code classic}, {@code files}, or {@code
   *     undecided} before the first contact
   * @param oldest when the oldest waiting batch was queued
   * @param parked why nothing is sent until something changes, e.g. refused keys
   */
  public record DestinationStatus(
      String id,
      @Nullable String baseUrl,
      String kind,
      String exporter,
      long queuedBatches,
      long queuedBytes,
      @Nullable Instant oldest,
      long sentBatches,
      long sentSpans,
      long deadLetters,
      @Nullable Instant lastSuccess,
      @Nullable Instant lastErrorAt,
      @Nullable String lastError,
      @Nullable String parked,
      @Nullable Instant nextAttempt) {}

  /**
   * Something of ours that takes space.
   *
   * @param name inbox, spool, journal, outbox, history, index
   * @param limitEntries absent where entries are not limited
   */
  public record StoreStatus(
      String name,
      long entries,
      long bytes,
      @Nullable Long limitEntries,
      @Nullable Long limitBytes) {}
}
