package dev.turnpike.platform;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts by reason, for {@code status}: what was dropped, ignored or odd. Safe for all threads.
 * Reasons may come from input (a row's type), so there is a limit to how many are told apart; the
 * rest is counted under {@code other}.
 */
public final class Counters {
  private static final int LIMIT_REASONS = 500;
  private static final int LIMIT_REASON_CHARS = 80;
  private static final String OTHER = "other";

  private final ConcurrentHashMap<String, LongAdder> counts = new ConcurrentHashMap<>();

  public void count(String reason) {
    add(reason, 1);
  }

  public void add(String reason, long amount) {
    String name =
        reason.length() <= LIMIT_REASON_CHARS ? reason : reason.substring(0, LIMIT_REASON_CHARS);
    LongAdder known = counts.get(name);
    if (known == null) {
      String kept = counts.size() < LIMIT_REASONS ? name : OTHER;
      known = counts.computeIfAbsent(kept, key -> new LongAdder());
    }
    known.add(amount);
  }

  public long of(String reason) {
    LongAdder known = counts.get(reason);
    return known == null ? 0 : known.sum();
  }

  /** All counts by name, sorted. */
  public Map<String, Long> snapshot() {
    var copy = new TreeMap<String, Long>();
    counts.forEach((reason, adder) -> copy.put(reason, adder.sum()));
    return copy;
  }
}
