package dev.turnpike.privacy;

import java.util.Map;
import java.util.TreeMap;

/** How many secrets of each kind were masked in one trace. */
final class Tally {
  private final Map<String, Integer> counts = new TreeMap<>();

  void count(String kind) {
    counts.merge(kind, 1, Integer::sum);
  }

  void add(Tally other) {
    other.counts.forEach((kind, count) -> counts.merge(kind, count, Integer::sum));
  }

  /** {@code masked} with the total, {@code masked_<kind>} for each; empty if nothing was masked. */
  Map<String, String> metadata() {
    var metadata = new TreeMap<String, String>();
    int total = 0;
    for (var entry : counts.entrySet()) {
      metadata.put("masked_" + entry.getKey(), Integer.toString(entry.getValue()));
      total += entry.getValue();
    }
    if (total > 0) {
      metadata.put("masked", Integer.toString(total));
    }
    return metadata;
  }
}
