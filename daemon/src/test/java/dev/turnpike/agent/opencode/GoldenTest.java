package dev.turnpike.agent.opencode;

import static dev.turnpike.testing.Contents.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnpike.model.Level;
import dev.turnpike.model.Observation;
import dev.turnpike.model.Observation.AgentSpan;
import dev.turnpike.model.Observation.Generation;
import dev.turnpike.model.Observation.ToolCall;
import dev.turnpike.model.SpanId;
import dev.turnpike.model.Usage;
import dev.turnpike.model.Usage.Bucket;
import dev.turnpike.testing.Recordings;
import dev.turnpike.testing.Recordings.Sameness;
import dev.turnpike.testing.Told;
import dev.turnpike.testing.Told.Trace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every recording, played in every way, gives what its expected.json says, and the same spans
 * whichever way it was played.
 */
class GoldenTest {
  enum Mode {
    IN_ORDER,
    EVERY_LINE_ALONE,
    /** The daemon is restarted after every batch. */
    RESTARTED_ALWAYS,
    EVERY_BATCH_TWICE,
    /** Batches overtake each other: what was spooled comes late. */
    SHUFFLED,
    /** That the agent ended is noticed before its next run. */
    GONE_BETWEEN
  }

  @TestFactory
  Stream<DynamicTest> everyRecordingGivesWhatIsExpected() throws IOException {
    return Recordings.played(
        Path.of("../fixtures/opencode"), "expected.json", Mode.class, GoldenTest::judge);
  }

  private static void judge(Path fixture, Mode mode, Sameness sameness) throws IOException {
    var recording = new Recording(fixture);
    List<Trace> told = play(recording, mode);
    sameness.check(Told.canonical(told));
    compare(recording.expected(), told);
  }

  private static List<Trace> play(Recording recording, Mode mode) throws IOException {
    var rig = new Rig();
    var random = new Random(7);
    int atMost = mode == Mode.EVERY_LINE_ALONE ? 1 : 8;
    for (List<String> run : recording.runs(random, atMost)) {
      List<String> batches = mode == Mode.SHUFFLED ? shuffled(run, random) : run;
      for (String batch : batches) {
        rig.deliver(batch);
        if (mode == Mode.EVERY_BATCH_TWICE) {
          rig.deliver(batch);
        }
        if (mode == Mode.RESTARTED_ALWAYS) {
          rig.restart();
          rig.look(Rig.EARLY);
        }
      }
      if (mode == Mode.GONE_BETWEEN) {
        rig.look(Rig.GONE);
      }
    }
    rig.look(Rig.PATIENT);
    assertFalse(rig.open(), "something stayed open");
    rig.look(Rig.GONE);
    assertEquals(0, rig.needed(), "events of closed turns are needed");
    assertEquals(Map.of(), rig.counters());
    return rig.told().traces();
  }

  /** Neighbours swapped, within one turn: the plugin sends what it spooled before what is newer. */
  private static List<String> shuffled(List<String> run, Random random) {
    var batches = new ArrayList<>(run);
    for (int i = 1; i + 1 < batches.size(); i++) {
      if (random.nextBoolean() && turn(batches.get(i)).equals(turn(batches.get(i + 1)))) {
        String one = batches.set(i, batches.get(i + 1));
        batches.set(++i, one);
      }
    }
    return batches;
  }

  private static String turn(String batch) {
    var found = java.util.regex.Pattern.compile("\"turn\":\"(\\w+)\"").matcher(batch);
    return found.find() ? found.group(1) : "";
  }

  private static void compare(JsonNode expected, List<Trace> told) {
    var wanted = new ArrayList<JsonNode>();
    for (JsonNode session : expected.path("sessions")) {
      if (!session.has("subagentOf")) {
        session.path("turns").forEach(wanted::add);
      }
    }
    assertEquals(wanted.size(), told.size(), () -> Told.canonical(told));
    for (int i = 0; i < wanted.size(); i++) {
      turn(wanted.get(i), told.get(i), expected);
    }
  }

  private static void turn(JsonNode wanted, Trace told, JsonNode expected) {
    List<Observation> all = told.observations();
    var roots = all.stream().filter(o -> o.frame().parent() == null).toList();
    assertEquals(1, roots.size());
    Observation root = roots.getFirst();
    assertTrue(root instanceof AgentSpan);
    assertEquals("opencode turn", root.frame().name());
    assertEquals("1.18.33", told.turn().facts().agentVersion().orElse(""));
    assertEquals(wanted.path("input").asText(""), text(root.input()).replace("null", ""));
    Level level =
        switch (wanted.path("status").asText()) {
          case "interrupted", "aborted" -> Level.WARNING;
          case "error" -> Level.ERROR;
          default -> Level.DEFAULT;
        };
    assertEquals(level, root.frame().level());
    if (wanted.path("output").isTextual()) {
      assertEquals(wanted.path("output").asText(), text(root.output()));
    }
    scope(wanted, all, root.frame().id(), expected);
    for (Observation o : all) {
      assertFalse(o.frame().start().isBefore(root.frame().start()), o.frame().name());
      assertFalse(o.frame().end().isAfter(root.frame().end()), o.frame().name());
      assertEquals(1, all.stream().filter(p -> p.frame().id().equals(o.frame().id())).count());
    }
  }

  private static void scope(
      JsonNode wanted, List<Observation> all, SpanId parent, JsonNode expected) {
    List<Observation> below =
        all.stream()
            .filter(o -> parent.equals(o.frame().parent()))
            .sorted((a, b) -> a.frame().start().compareTo(b.frame().start()))
            .toList();
    var generations =
        below.stream().filter(Generation.class::isInstance).map(Generation.class::cast).toList();
    assertEquals(wanted.path("generations").size(), generations.size());
    for (int i = 0; i < generations.size(); i++) {
      generation(wanted.path("generations").get(i), generations.get(i));
    }
    var calls =
        below.stream().filter(ToolCall.class::isInstance).map(ToolCall.class::cast).toList();
    assertEquals(wanted.path("tools").size(), calls.size());
    for (JsonNode tool : wanted.path("tools")) {
      tool(tool, calls, all, expected);
    }
  }

  private static void generation(JsonNode wanted, Generation got) {
    JsonNode tokens = wanted.path("tokens");
    Usage usage = got.usage() == null ? Usage.none() : got.usage();
    assertEquals(tokens.path("input").asLong(), usage.of(Bucket.INPUT));
    assertEquals(tokens.path("output").asLong(), usage.of(Bucket.OUTPUT));
    assertEquals(tokens.path("reasoning").asLong(), usage.of(Bucket.OUTPUT_REASONING));
    assertEquals(tokens.path("cacheRead").asLong(), usage.of(Bucket.INPUT_CACHED));
    assertEquals(tokens.path("cacheWrite").asLong(), usage.of(Bucket.INPUT_CACHE_CREATION));
    double cost = got.costUsd() == null ? 0 : got.costUsd().doubleValue();
    assertEquals(wanted.path("costUsd").asDouble(), cost, 1e-9);
    boolean failed =
        List.of("failed", "aborted", "interrupted").contains(wanted.path("kind").asText());
    assertEquals(failed, got.frame().level() != Level.DEFAULT);
    if (!failed) {
      assertTrue(got.frame().end().isAfter(got.frame().start()));
      assertTrue(got.completionStart() != null);
    }
    if (wanted.path("text").isTextual()) {
      assertEquals(wanted.path("text").asText(), text(got.output()));
    }
    assertEquals(
        wanted.path("kind").asText().equals("compaction"),
        "compaction".equals(got.frame().metadata().get("kind")));
  }

  private static void tool(
      JsonNode wanted, List<ToolCall> calls, List<Observation> all, JsonNode expected) {
    String id = wanted.path("callID").asText();
    ToolCall call =
        calls.stream()
            .filter(c -> wanted.path("callID").isNull() || c.callId().equals(id))
            .findFirst()
            .orElseThrow();
    assertEquals(wanted.path("name").asText(), call.frame().name());
    Level level =
        switch (wanted.path("status").asText()) {
          case "error" -> Level.ERROR;
          case "interrupted" -> Level.WARNING;
          default -> wanted.path("exit").asInt(0) == 0 ? Level.DEFAULT : Level.WARNING;
        };
    assertEquals(level, call.frame().level(), call.frame().statusMessage());
    JsonNode output = wanted.has("output") ? wanted.path("output") : wanted.path("partialOutput");
    if (output.isTextual()) {
      assertEquals(output.asText(), text(call.output()));
    }
    var runs =
        StreamSupport.stream(expected.path("sessions").spliterator(), false)
            .filter(s -> !id.isEmpty() && s.path("subagentOf").asText().equals(id))
            .toList();
    var spans = all.stream().filter(o -> call.frame().id().equals(o.frame().parent())).toList();
    assertEquals(runs.size(), spans.size());
    for (int i = 0; i < runs.size(); i++) {
      JsonNode run = runs.get(i).path("turns").get(0);
      assertEquals(runs.get(i).path("agentName").asText(), spans.get(i).frame().name());
      assertEquals(run.path("input").asText(), text(spans.get(i).input()));
      assertEquals(run.path("output").asText(), text(spans.get(i).output()));
      scope(run, all, spans.get(i).frame().id(), expected);
    }
  }
}
