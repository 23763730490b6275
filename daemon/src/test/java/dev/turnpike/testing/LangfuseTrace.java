package dev.turnpike.testing;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A trace as Langfuse would show it: made of its rows, or with classic ingestion of its {@code
 * trace-create}.
 *
 * @param rows in order of start, each span once (its newest row)
 * @param rootIds more than one is an error of the sender
 * @param orphans spans whose parent never came
 */
public record LangfuseTrace(
    String id,
    @Nullable String name,
    @Nullable String sessionId,
    @Nullable String userId,
    List<String> tags,
    @Nullable String input,
    @Nullable String output,
    List<LangfuseRow> rows,
    List<String> rootIds,
    List<String> orphans) {
  public Optional<LangfuseRow> root() {
    return rows.stream().filter(LangfuseRow::root).findFirst();
  }

  public List<LangfuseRow> ofType(String type) {
    return rows.stream().filter(row -> row.type().equals(type)).toList();
  }

  public LangfuseRow row(String id) {
    return rows.stream()
        .filter(row -> row.id().equals(id))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no span " + id + " in trace " + this.id));
  }
}
