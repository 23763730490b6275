package dev.turnpike.testing;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Traces put together from rows. */
final class TraceViews {
  private TraceViews() {}

  static List<LangfuseTrace> ofOtlp(List<LangfuseRow> rows) {
    var ids = new LinkedHashSet<String>();
    rows.stream().filter(row -> row.source().equals("otlp")).forEach(row -> ids.add(row.traceId()));
    var views = new ArrayList<LangfuseTrace>();
    for (String id : ids) {
      List<LangfuseRow> own = rows.stream().filter(row -> row.traceId().equals(id)).toList();
      LangfuseRow last = own.getLast();
      LangfuseRow root = own.stream().filter(LangfuseRow::root).reduce((_, b) -> b).orElse(null);
      views.add(
          of(
              id,
              rows,
              last.traceName(),
              last.sessionId(),
              last.userId(),
              last.tags(),
              root == null ? null : root.input(),
              root == null ? null : root.output()));
    }
    return views;
  }

  static LangfuseTrace of(
      String id,
      List<LangfuseRow> rows,
      @Nullable String name,
      @Nullable String sessionId,
      @Nullable String userId,
      List<String> tags,
      @Nullable String input,
      @Nullable String output) {
    Map<String, LangfuseRow> newest = new LinkedHashMap<>();
    rows.stream().filter(row -> row.traceId().equals(id)).forEach(row -> newest.put(row.id(), row));
    List<LangfuseRow> own =
        newest.values().stream()
            .sorted(Comparator.comparing(LangfuseRow::start).thenComparingInt(LangfuseRow::seq))
            .toList();
    return new LangfuseTrace(
        id,
        name,
        sessionId,
        userId,
        tags,
        input,
        output,
        own,
        own.stream().filter(LangfuseRow::root).map(LangfuseRow::id).toList(),
        own.stream()
            .filter(row -> row.parentId() != null && !newest.containsKey(row.parentId()))
            .map(LangfuseRow::id)
            .toList());
  }
}
