package dev.turnpike.agent.pi;

import static dev.turnpike.testing.Contents.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.turnpike.model.Level;
import dev.turnpike.model.Observation;
import dev.turnpike.model.Observation.AgentSpan;
import dev.turnpike.model.Observation.Generation;
import dev.turnpike.model.Observation.ToolCall;
import dev.turnpike.model.SpanId;
import dev.turnpike.model.Usage.Bucket;
import dev.turnpike.testing.Recordings;
import dev.turnpike.testing.Recordings.Sameness;
import dev.turnpike.testing.Told;
import dev.turnpike.testing.Told.Trace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every recording, played in every way, gives what its expected.json says, and the same spans
 * whichever way it was played.
 */
class GoldenTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Path ROOT = Path.of("../fixtures/pi");

  private enum Mode {
    AS_RECORDED,
    /** Final files first. */
    AT_ONCE,
    /** All requests before the files have anything. */
    FILES_LATE,
    EVERY_REQUEST_TWICE,
    /** Neighbours that end nothing are swapped. */
    REORDERED,
    /** A restart from memory after every request and every row. */
    RESTARTED_ALWAYS,
    /** Files grow by pieces that end anywhere. */
    CUT_ANYWHERE,
    /** Requests are heard later than they were made: the files are any way ahead of them. */
    REQUESTS_LATE,
    /**
     * A third of the requests that end nothing is lost: only times may differ, and what has no
     * file.
     */
    SOME_LOST
  }

  private record Request(String body, Map<String, Integer> rows, boolean ends, boolean pushed) {}

  private static final class Grown {
    final Path path;
    final byte[] bytes;
    final List<Integer> ends = new ArrayList<>();
    int length;

    Grown(Path path, byte[] bytes) {
      this.path = path;
      this.bytes = bytes;
      for (int i = 0; i < bytes.length; i++) {
        if (bytes[i] == '\n') {
          ends.add(i + 1);
        }
      }
    }
  }

  @TestFactory
  Stream<DynamicTest> everyRecordingGivesWhatIsExpected() throws IOException {
    return Recordings.played(ROOT, "events.jsonl", Mode.class, GoldenTest::judge);
  }

  private static void judge(Path fixture, Mode mode, Sameness sameness) throws IOException {
    Rig rig = play(fixture, mode);
    var traces = rig.told().traces();
    compare(JSON.readTree(Files.readString(fixture.resolve("expected.json"))), traces);
    assertTrue(rig.rests(), "nothing is open in the end");
    assertTrue(
        rig.counters().keySet().stream()
            .noneMatch(c -> c.startsWith("line.un") || c.startsWith("event.")),
        rig.counters()::toString);
    if (mode != Mode.SOME_LOST) {
      sameness.check(Told.canonical(traces));
    }
  }

  private static Rig play(Path fixture, Mode mode) throws IOException {
    var rig = new Rig(mode == Mode.RESTARTED_ALWAYS);
    var random = new Random(11);
    var files = new TreeMap<String, Grown>();
    try (Stream<Path> all = Files.walk(fixture.resolve("sessions"))) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        String name =
            "/home/dev/.pi/agent/sessions/" + fixture.resolve("sessions").relativize(file);
        files.put(name, new Grown(Path.of(name), Files.readAllBytes(file)));
      }
    }
    if (mode == Mode.AT_ONCE) {
      files.values().forEach(file -> grow(rig, file, file.bytes.length));
    }
    List<Request> plan = plan(fixture, mode, random);
    for (int i = 0; i < plan.size(); i++) {
      Request request = plan.get(i);
      int reached = mode == Mode.REQUESTS_LATE ? i + random.nextInt(plan.size() - i) : i;
      if (mode != Mode.FILES_LATE) {
        plan.get(reached)
            .rows()
            .forEach((name, rows) -> growTo(rig, files.get(name), rows, mode, random));
      }
      rig.deliver(request.body());
      if (mode == Mode.EVERY_REQUEST_TWICE) {
        rig.deliver(request.body());
      }
      if (mode != Mode.FILES_LATE) {
        rig.look(Rig.PATIENT);
      }
    }
    files.values().forEach(file -> grow(rig, file, file.bytes.length));
    rig.look(Rig.EARLY);
    rig.look(Rig.PATIENT);
    rig.look(Rig.GONE);
    return rig;
  }

  private static List<Request> plan(Path fixture, Mode mode, Random random) throws IOException {
    var plan = new ArrayList<Request>();
    for (String line : Files.readAllLines(fixture.resolve("events.jsonl"))) {
      JsonNode request = JSON.readTree(line);
      var rows = new TreeMap<String, Integer>();
      request.path("rows").properties().forEach(e -> rows.put(e.getKey(), e.getValue().asInt()));
      JsonNode body = request.path("body");
      boolean ends = List.of("settled", "end").contains(body.path("moment").asText());
      plan.add(new Request(body.toString(), rows, ends, body.path("push").asBoolean()));
    }
    if (mode == Mode.REORDERED) {
      for (int i = 0; i + 1 < plan.size(); i++) {
        if (!plan.get(i).ends() && !plan.get(i + 1).ends() && random.nextBoolean()) {
          plan.add(i, plan.remove(i + 1));
          i++;
        }
      }
    }
    if (mode == Mode.SOME_LOST) {
      plan.removeIf(r -> !r.ends() && !r.pushed() && random.nextInt(3) == 0);
    }
    return plan;
  }

  private static void growTo(Rig rig, Grown file, int rows, Mode mode, Random random) {
    int target = rows == 0 ? 0 : file.ends.get(rows - 1);
    while (file.length < target && (mode == Mode.CUT_ANYWHERE || mode == Mode.RESTARTED_ALWAYS)) {
      int next =
          mode == Mode.CUT_ANYWHERE
              ? Math.min(target, file.length + 1 + random.nextInt(2000))
              : file.ends.stream().filter(end -> end > file.length).findFirst().orElseThrow();
      grow(rig, file, next);
      rig.look(Rig.EARLY);
    }
    grow(rig, file, target);
  }

  private static void grow(Rig rig, Grown file, int length) {
    if (length > file.length) {
      file.length = length;
      rig.file(file.path, file.bytes, length);
    }
  }

  // ---- what is expected

  private static void compare(JsonNode expected, List<Trace> traces) {
    var roots =
        StreamSupport.stream(expected.path("sessions").spliterator(), false)
            .filter(session -> !session.has("subagentOf"))
            .flatMap(session -> StreamSupport.stream(session.path("turns").spliterator(), false))
            .toList();
    assertEquals(
        roots.stream().map(t -> t.path("input").asText()).sorted().toList(),
        traces.stream().map(t -> text(t.root().input())).sorted().toList());
    for (JsonNode turn : roots) {
      Trace trace =
          traces.stream()
              .filter(t -> text(t.root().input()).equals(turn.path("input").asText()))
              .findFirst()
              .orElseThrow();
      assertEquals("pi turn", trace.root().frame().name());
      scope(expected, turn, trace, trace.root());
      var ids = new HashSet<SpanId>();
      for (Observation o : trace.observations()) {
        assertTrue(ids.add(o.frame().id()), o.frame().name());
        assertFalse(o.frame().start().isBefore(trace.root().frame().start()), o.frame().name());
        assertFalse(o.frame().end().isAfter(trace.root().frame().end()), o.frame().name());
      }
    }
  }

  private static void scope(JsonNode expected, JsonNode turn, Trace trace, Observation agent) {
    Level level =
        switch (turn.path("status").asText()) {
          case "interrupted" -> Level.WARNING;
          case "error" -> Level.ERROR;
          default -> Level.DEFAULT;
        };
    assertEquals(level, agent.frame().level());
    if (turn.path("output").isTextual()) {
      assertEquals(turn.path("output").asText(), text(agent.output()));
    }
    List<Observation> below = trace.below(agent.frame().id());
    var generations =
        below.stream().filter(Generation.class::isInstance).map(Generation.class::cast).toList();
    assertEquals(turn.path("generations").size(), generations.size());
    for (int i = 0; i < generations.size(); i++) {
      generation(turn.path("generations").get(i), generations.get(i));
    }
    var tools =
        below.stream().filter(ToolCall.class::isInstance).map(ToolCall.class::cast).toList();
    assertEquals(
        StreamSupport.stream(turn.path("tools").spliterator(), false)
            .map(t -> t.path("callID").asText())
            .sorted()
            .toList(),
        tools.stream().map(ToolCall::callId).sorted().toList());
    for (JsonNode wanted : turn.path("tools")) {
      ToolCall call =
          tools.stream()
              .filter(t -> t.callId().equals(wanted.path("callID").asText()))
              .findFirst()
              .orElseThrow();
      tool(wanted, call);
      var launched = trace.below(call.frame().id());
      if (wanted.has("childSession")) {
        JsonNode child =
            expected.path("sessions").get(wanted.path("childSession").asInt()).path("turns").get(0);
        assertEquals(1, launched.size());
        assertTrue(launched.getFirst() instanceof AgentSpan);
        assertTrue(text(launched.getFirst().input()).contains(child.path("input").asText()));
        scope(expected, child, trace, launched.getFirst());
      } else {
        assertEquals(List.of(), launched);
      }
    }
  }

  private static void generation(JsonNode wanted, Generation got) {
    JsonNode tokens = wanted.path("tokens");
    assertEquals(tokens.path("input").asLong(), got.usage().of(Bucket.INPUT));
    assertEquals(tokens.path("output").asLong(), got.usage().of(Bucket.OUTPUT));
    assertEquals(tokens.path("reasoning").asLong(), got.usage().of(Bucket.OUTPUT_REASONING));
    assertEquals(tokens.path("cacheRead").asLong(), got.usage().of(Bucket.INPUT_CACHED));
    assertEquals(tokens.path("cacheWrite").asLong(), got.usage().of(Bucket.INPUT_CACHE_CREATION));
    double cost = got.costUsd() == null ? 0 : got.costUsd().doubleValue();
    assertEquals(wanted.path("costUsd").asDouble(), cost, 1e-12);
    Level level =
        switch (wanted.path("kind").asText()) {
          case "failed" -> Level.ERROR;
          case "interrupted", "aborted" -> Level.WARNING;
          default -> Level.DEFAULT;
        };
    assertEquals(level, got.frame().level());
    if (wanted.path("text").isTextual()) {
      assertEquals(wanted.path("text").asText(), text(got.output()));
    }
    if (level == Level.DEFAULT && !wanted.path("kind").asText().equals("compaction")) {
      assertTrue(got.frame().end().isAfter(got.frame().start()), "a model call lasts");
    }
  }

  private static void tool(JsonNode wanted, ToolCall got) {
    assertEquals(wanted.path("name").asText(), got.frame().name());
    boolean failed = wanted.path("status").asText().equals("error");
    assertEquals(failed ? Level.ERROR : Level.DEFAULT, got.frame().level());
    if (wanted.path("output").isTextual()) {
      assertEquals(wanted.path("output").asText(), text(got.output()));
    }
    if (wanted.path("error").isTextual()) {
      assertTrue(
          String.valueOf(got.frame().statusMessage()).contains(wanted.path("error").asText()));
    }
  }
}
