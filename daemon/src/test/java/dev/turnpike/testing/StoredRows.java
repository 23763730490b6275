package dev.turnpike.testing;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a server has stored: an append-only table, in which a span that comes again is a second row.
 * Not thread-safe.
 */
final class StoredRows {
  private final List<LangfuseRow> rows = new ArrayList<>();
  private final Map<String, LangfuseRow> firstOfSpan = new HashMap<>();
  private int duplicates;
  private int divergent;

  void add(List<LangfuseRow> arrived) {
    for (LangfuseRow row : arrived) {
      LangfuseRow first = firstOfSpan.putIfAbsent(row.traceId() + "/" + row.id(), row);
      if (first != null && same(first, row)) {
        duplicates++;
      } else if (first != null) {
        divergent++;
      }
      rows.add(row);
    }
  }

  private static boolean same(LangfuseRow a, LangfuseRow b) {
    return a.start().equals(b.start())
        && a.end().equals(b.end())
        && a.type().equals(b.type())
        && a.usage().equals(b.usage())
        && String.valueOf(a.input()).equals(String.valueOf(b.input()))
        && String.valueOf(a.output()).equals(String.valueOf(b.output()));
  }

  List<LangfuseRow> rows() {
    return List.copyOf(rows);
  }

  /** How many different spans. */
  int distinct() {
    return firstOfSpan.size();
  }

  int duplicates() {
    return duplicates;
  }

  int divergent() {
    return divergent;
  }
}
