package dev.turnpike.it;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnpike.testing.FakeLangfuse;
import dev.turnpike.testing.LangfuseRow;
import dev.turnpike.testing.LangfuseTrace;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Compares what a server has stored with what a capture must give. Says everything that is wrong,
 * not only the first.
 */
final class Judgement {
  /** What may be there besides the right traces. */
  enum Copies {
    NONE,
    /** Second copies of a span that are equal to the first. */
    IDENTICAL
  }

  private static final Duration TOLERANCE = Duration.ofSeconds(1);

  private final List<String> problems = new ArrayList<>();

  private Judgement() {}

  /** Everything the server has must be this capture. */
  static void assertRight(Fixture fixture, Path home, FakeLangfuse server) {
    var judgement = new Judgement();
    judgement.server(server, Copies.NONE);
    if (!fixture.toldOtherwise()) {
      judgement.turns(fixture.expected(home), server.traces());
    }
    judgement.done(fixture.name());
  }

  /** The server has these captures, each with its home, and nothing else. */
  static void assertRight(Map<Fixture, Path> played, FakeLangfuse server, Copies copies) {
    var judgement = new Judgement();
    judgement.server(server, copies);
    Map<String, List<LangfuseTrace>> traces =
        server.traces().stream()
            .collect(Collectors.groupingBy(trace -> String.valueOf(trace.sessionId())));
    for (var one : played.entrySet()) {
      var own =
          one.getKey().sessions().stream()
              .flatMap(session -> traces.getOrDefault(session, List.of()).stream())
              .toList();
      var inner = new Judgement();
      inner.turns(one.getKey().expected(one.getValue()), own);
      inner.problems.forEach(problem -> judgement.problems.add(one.getKey() + ": " + problem));
    }
    played.keySet().forEach(fixture -> traces.keySet().removeAll(fixture.sessions()));
    traces.values().stream()
        .flatMap(List::stream)
        .forEach(trace -> judgement.problems.add("a trace of no capture: " + trace.id()));
    judgement.done(played.keySet().toString());
  }

  private void done(String what) {
    if (!problems.isEmpty()) {
      throw new AssertionError(what + ":\n  " + String.join("\n  ", problems));
    }
  }

  private void check(boolean right, String problem) {
    if (!right) {
      problems.add(problem);
    }
  }

  private void equal(Object wanted, Object got, String what) {
    check(
        Objects.equals(wanted, got),
        "%s: wanted %s, got %s".formatted(what, shown(wanted), shown(got)));
  }

  private static String shown(Object value) {
    String text = String.valueOf(value);
    return text.length() > 200 ? text.substring(0, 200) + "…" : text;
  }

  private void server(FakeLangfuse server, Copies copies) {
    server.warnings().stream().distinct().forEach(warning -> problems.add("server: " + warning));
    equal(0, server.divergentDuplicates(), "spans that came again otherwise");
    if (copies == Copies.NONE) {
      equal(0, server.duplicates(), "spans that came again");
    }
  }

  private void turns(JsonNode expected, Collection<LangfuseTrace> traces) {
    List<JsonNode> turns = expected.path("turns").valueStream().toList();
    check(
        turns.size() == traces.size(),
        "turns: wanted %s, got %s"
            .formatted(
                turns.stream().map(turn -> turn.path("prompt").asText()).toList(),
                traces.stream().map(trace -> shown(input(trace))).toList()));
    Set<String> sessions =
        turns.stream().map(turn -> turn.path("session_id").asText()).collect(Collectors.toSet());
    for (String session : sessions) {
      var mine = turns.stream().filter(t -> t.path("session_id").asText().equals(session)).toList();
      var got =
          traces.stream()
              .filter(trace -> session.equals(trace.sessionId()))
              .filter(trace -> trace.root().isPresent())
              .sorted(Comparator.comparing(trace -> trace.root().orElseThrow().start()))
              .toList();
      equal(mine.size(), got.size(), "turns of session " + session);
      for (int i = 0; i < Math.min(mine.size(), got.size()); i++) {
        turn(mine.get(i), got.get(i), expected.path("model").asText());
      }
    }
  }

  private static String input(LangfuseTrace trace) {
    return ReadableText.text(trace.root().map(LangfuseRow::input).orElse("(no root)"));
  }

  private void turn(JsonNode turn, LangfuseTrace trace, String model) {
    String name = "turn '%s'".formatted(shown(turn.path("prompt").asText()));
    equal(1, trace.rootIds().size(), name + " roots");
    equal(List.of(), trace.orphans(), name + " orphans");
    ids(trace, name);
    context(trace, name);
    LangfuseRow root = trace.root().orElseThrow();
    equal("AGENT", root.type(), name + " type");
    equal(level(turn.path("outcome").asText()), root.level(), name + " level");
    boolean notification = turn.path("kind").asText().equals("task_notification");
    String prompt = turn.path("prompt").asText();
    check(
        notification
            ? ReadableText.holds(root.input(), prompt)
            : ReadableText.same(root.input(), prompt),
        name + " input: " + shown(root.input()));
    JsonNode generations = turn.path("generations");
    String last = generations.path(generations.size() - 1).path("text").asText("");
    if (turn.path("outcome").asText().equals("completed") && !last.isEmpty()) {
      check(ReadableText.same(root.output(), last), name + " output: " + shown(root.output()));
    }
    for (LangfuseRow row : trace.rows()) {
      check(!row.end().isBefore(row.start()), name + " ends before it starts: " + row.name());
      check(
          !row.start().isBefore(root.start().minus(TOLERANCE)),
          name + " begins before its turn: " + row.name());
      check(
          row.type().equals("GENERATION") || row.usage().isEmpty(),
          name + " usage on " + row.type() + " " + row.name());
    }
    if (!turn.path("hooks_only").asBoolean(false)) {
      scope(turn, trace, root, model, name);
    }
  }

  private static String level(String outcome) {
    return switch (outcome) {
      case "completed" -> "DEFAULT";
      case "interrupted" -> "WARNING";
      case "failed" -> "ERROR";
      default -> throw new AssertionError("unknown outcome " + outcome);
    };
  }

  private void ids(LangfuseTrace trace, String name) {
    check(trace.id().matches("(?!0+$)[0-9a-f]{32}"), name + " trace id " + trace.id());
    for (LangfuseRow row : trace.rows()) {
      check(row.id().matches("(?!0+$)[0-9a-f]{16}"), name + " span id " + row.id());
    }
  }

  /** Langfuse shows a trace by what stands on its spans: all must say the same. */
  private void context(LangfuseTrace trace, String name) {
    Map<String, Function<LangfuseRow, Object>> facts = new TreeMap<>();
    facts.put("session", row -> String.valueOf(row.sessionId()));
    facts.put("user", row -> String.valueOf(row.userId()));
    facts.put("tags", LangfuseRow::tags);
    facts.put("trace name", row -> String.valueOf(row.traceName()));
    facts.put("environment", row -> String.valueOf(row.environment()));
    facts.put("version", row -> String.valueOf(row.version()));
    boolean classic = trace.rows().stream().allMatch(row -> row.source().equals("classic"));
    facts.forEach(
        (fact, of) -> {
          var different = trace.rows().stream().map(of).collect(Collectors.toSet());
          check(different.size() == 1, name + " " + fact + " differs: " + different);
        });
    if (!classic) {
      LangfuseRow any = trace.rows().getFirst();
      check(
          any.sessionId() != null && any.userId() != null && any.traceName() != null,
          name + " lacks session, user or name");
      check(any.tags().contains("agent:claude-code"), name + " tags " + any.tags());
    }
  }

  private void scope(
      JsonNode node, LangfuseTrace trace, LangfuseRow agent, String model, String name) {
    List<LangfuseRow> below = below(trace, agent);
    var generations = below.stream().filter(row -> row.type().equals("GENERATION")).toList();
    List<JsonNode> wanted = node.path("generations").valueStream().toList();
    equal(
        wanted.stream().map(g -> g.path("message_id").asText()).toList(),
        generations.stream().map(row -> row.metadata().get("message_id")).toList(),
        name + " messages");
    for (int i = 0; i < Math.min(wanted.size(), generations.size()); i++) {
      generation(wanted.get(i), generations.get(i), model, name + " generation " + (i + 1));
    }
    List<JsonNode> tools =
        wanted.stream().flatMap(g -> g.path("tool_calls").valueStream()).toList();
    var calls = below.stream().filter(row -> row.type().equals("TOOL")).toList();
    equal(
        tools.stream().map(tool -> tool.path("id").asText()).sorted().toList(),
        calls.stream().map(Judgement::callId).sorted().toList(),
        name + " tool calls");
    check(
        below.stream().noneMatch(row -> row.type().equals("AGENT")),
        name + " has an agent that no call launched");
    boolean interrupted = trace.root().orElseThrow().level().equals("WARNING");
    for (JsonNode tool : tools) {
      String id = tool.path("id").asText();
      calls.stream()
          .filter(call -> callId(call).equals(id))
          .findFirst()
          .ifPresent(call -> tool(tool, node, trace, call, interrupted, model, name));
    }
  }

  private static String callId(LangfuseRow row) {
    return row.metadata().getOrDefault("tool_call_id", "");
  }

  private void tool(
      JsonNode wanted,
      JsonNode node,
      LangfuseTrace trace,
      LangfuseRow call,
      boolean interrupted,
      String model,
      String turn) {
    String name = turn + " tool " + callId(call);
    equal(wanted.path("name").asText(), call.name(), name + " name");
    boolean error = wanted.path("error").asBoolean();
    check(
        error
            ? call.level().equals("ERROR") || (interrupted && call.level().equals("WARNING"))
            : call.level().equals("DEFAULT"),
        name + " level " + call.level());
    List<JsonNode> agents =
        node.path("subagents")
            .valueStream()
            .filter(agent -> agent.path("tool_use_id").equals(wanted.path("id")))
            .toList();
    List<LangfuseRow> spans = below(trace, call);
    equal(agents.size(), spans.size(), name + " sub-agents");
    for (int i = 0; i < Math.min(agents.size(), spans.size()); i++) {
      equal("AGENT", spans.get(i).type(), name + " sub-agent type");
      scope(agents.get(i), trace, spans.get(i), model, name + " sub-agent " + (i + 1));
    }
  }

  private static List<LangfuseRow> below(LangfuseTrace trace, LangfuseRow parent) {
    return trace.rows().stream()
        .filter(row -> parent.id().equals(row.parentId()))
        .sorted(Comparator.comparing(LangfuseRow::start))
        .toList();
  }

  private void generation(JsonNode wanted, LangfuseRow got, String model, String name) {
    equal(usage(wanted.path("usage")), positive(got.usage()), name + " usage");
    String wantedModel = wanted.path("model").asText(model);
    if (!wantedModel.isEmpty()) {
      equal(wantedModel, got.model(), name + " model");
    }
    String text = wanted.path("text").asText("");
    check(ReadableText.holds(got.output(), text), name + " text: " + shown(got.output()));
    for (JsonNode call : wanted.path("tool_calls")) {
      check(
          String.valueOf(got.output()).contains(call.path("id").asText()),
          name + " does not name call " + call.path("id").asText());
    }
    if (wanted.path("thinking").asBoolean(false) || wanted.path("thinking").isTextual()) {
      check(
          String.valueOf(got.output()).matches("(?s).*(thinking|reasoning).*"),
          name + " lacks its reasoning: " + shown(got.output()));
    }
    if (!wanted.path("partial").asBoolean(false)) {
      check(!got.level().equals("ERROR"), name + " level " + got.level());
    }
    check(got.end().isAfter(got.start()), name + " does not last");
  }

  private static Map<String, Long> usage(JsonNode usage) {
    var buckets = new TreeMap<String, Long>();
    long fiveMinutes = usage.path("cache_creation_5m").asLong();
    long oneHour = usage.path("cache_creation_1h").asLong();
    long created = usage.path("cache_creation").asLong();
    buckets.put("input", usage.path("input").asLong());
    buckets.put("output", usage.path("output").asLong());
    buckets.put("input_cached_tokens", usage.path("cache_read").asLong());
    if (fiveMinutes + oneHour == created) {
      buckets.put("input_cache_creation_5m", fiveMinutes);
      buckets.put("input_cache_creation_1h", oneHour);
    } else {
      buckets.put("input_cache_creation", created);
    }
    return positive(buckets);
  }

  private static Map<String, Long> positive(Map<String, Long> usage) {
    var buckets = new TreeMap<>(usage);
    buckets.remove("total");
    buckets.values().removeIf(tokens -> tokens == 0);
    return buckets;
  }
}
