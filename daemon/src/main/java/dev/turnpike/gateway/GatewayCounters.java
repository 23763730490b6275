package dev.turnpike.gateway;

import dev.turnpike.model.AgentId;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;

/**
 * What the gateway turned away, by reason, the hook clients it saw, and why it receives no
 * telemetry. Read by status.
 */
public final class GatewayCounters {
  private static final int VERSIONS_MAX = 32;
  private static final int VERSION_CHARS_MAX = 40;

  private final Map<String, LongAdder> refused = new ConcurrentHashMap<>();
  private final Map<String, LongAdder> shortfalls = new ConcurrentHashMap<>();
  private final Map<AgentId, LongAdder> duplicates = new ConcurrentHashMap<>();
  private final Map<String, LongAdder> clients = new ConcurrentHashMap<>();
  private final AtomicReference<Optional<String>> telemetryProblem =
      new AtomicReference<>(Optional.empty());

  void refused(String reason) {
    refused.computeIfAbsent("gateway." + reason, _ -> new LongAdder()).increment();
  }

  /**
   * Something that is missing in what was kept: a hook client had no room for it and said so in the
   * head, or it was telemetry that is beyond a limit, not valid, or no part of a trace.
   */
  void shortfall(String reason, long amount) {
    shortfalls.computeIfAbsent(reason, _ -> new LongAdder()).add(amount);
  }

  /** An event that had been kept before. */
  void duplicate(AgentId agent) {
    duplicates.computeIfAbsent(agent, _ -> new LongAdder()).increment();
  }

  /**
   * @return what it was before
   */
  Optional<String> telemetryProblem(Optional<String> now) {
    return telemetryProblem.getAndSet(now);
  }

  /** Why telemetry that agents send does not come here, if so. */
  public Optional<String> telemetryProblem() {
    return telemetryProblem.get();
  }

  /** The version is the caller's word: it is cut, and beyond a number of them counted together. */
  void hookClient(String version) {
    LongAdder known = clients.get(version);
    if (known != null) {
      known.increment();
      return;
    }
    var name = version.length() > VERSION_CHARS_MAX || !printable(version) ? "other" : version;
    if (clients.size() >= VERSIONS_MAX && !clients.containsKey(name)) {
      name = "other";
    }
    clients.computeIfAbsent(name, _ -> new LongAdder()).increment();
  }

  /**
   * Requests and connections turned away, by reason: {@code gateway.peer}, {@code
   * gateway.too_large}, ...
   */
  public Map<String, Long> refused() {
    return sums(refused);
  }

  /** What is missing in what was kept, by reason. */
  public Map<String, Long> shortfalls() {
    return sums(shortfalls);
  }

  /** Events of this agent that came a second time over the socket. */
  public long duplicates(AgentId agent) {
    LongAdder counted = duplicates.get(agent);
    return counted == null ? 0 : counted.sum();
  }

  /** Events kept, by version of the hook client. */
  public Map<String, Long> hookClients() {
    return sums(clients);
  }

  private static boolean printable(String text) {
    return !text.isEmpty() && text.chars().allMatch(c -> c > ' ' && c < 127);
  }

  private static Map<String, Long> sums(Map<String, LongAdder> counters) {
    var sums = new TreeMap<String, Long>();
    counters.forEach((name, count) -> sums.put(name, count.sum()));
    return sums;
  }
}
