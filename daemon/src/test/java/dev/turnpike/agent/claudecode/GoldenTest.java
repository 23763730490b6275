package dev.turnpike.agent.claudecode;

import static dev.turnpike.testing.Contents.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.turnpike.agent.claudecode.Replay.Mode;
import dev.turnpike.model.Level;
import dev.turnpike.model.Observation;
import dev.turnpike.model.Observation.AgentSpan;
import dev.turnpike.model.Observation.Generation;
import dev.turnpike.model.Observation.ToolCall;
import dev.turnpike.model.SpanId;
import dev.turnpike.model.Usage.Bucket;
import dev.turnpike.testing.Recordings;
import dev.turnpike.testing.Recordings.Sameness;
import dev.turnpike.testing.Told.Trace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every capture, played in every way, gives what its expected.json says: the same spans whichever
 * way it was played.
 */
class GoldenTest {
  private static final JsonMapper JSON = new JsonMapper();

  @TempDir Path temp;

  /** A further folder of captures can be named: {@code -Dturnpike.fixtures=DIR}. */
  private static Path root() {
    String more = System.getProperty("turnpike.fixtures");
    return Path.of(more == null ? "../fixtures/claude-code" : more);
  }

  private static boolean playable(Path folder) {
    return Files.exists(folder.resolve("hooks.jsonl"))
        && Files.exists(folder.resolve("expected.json"));
  }

  @TestFactory
  Stream<DynamicTest> everyCaptureGivesWhatIsExpected() throws IOException {
    return Recordings.played(root(), GoldenTest::playable, Mode.class, this::judge);
  }

  private void judge(Path fixture, Mode mode, Sameness sameness) throws IOException {
    // One home for all modes of a fixture, so that paths in texts are equal.
    Path home = temp.resolve(fixture.getFileName());
    delete(home);
    List<Trace> told = new Replay(fixture, home, mode, 7).play();
    JsonNode expected = JSON.readTree(Files.readString(fixture.resolve("expected.json")));
    compare(expected, told);
    if (mode == Mode.SOME_LOST
        && expected.path("turns").path(0).path("hooks_only").asBoolean(false)) {
      return;
    }
    sameness.check(canonical(told));
  }

  private static void delete(Path home) throws IOException {
    if (Files.exists(home)) {
      try (Stream<Path> all = Files.walk(home)) {
        for (Path path : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }

  /** Everything but what only hooks tell (metadata), as text, in an order of its own. */
  private static String canonical(List<Trace> traces) {
    return traces.stream()
        .flatMap(
            t -> t.observations().stream().map(o -> t.session() + " " + t.id() + " " + line(o)))
        .sorted()
        .collect(Collectors.joining("\n"));
  }

  private static String line(Observation o) {
    String usage =
        o instanceof Observation.Generation g
            ? g.model() + " " + (g.usage() == null ? "-" : g.usage().buckets())
            : "";
    var f = o.frame();
    return o.getClass().getSimpleName()
        + " "
        + f.id()
        + " <"
        + f.parent()
        + " "
        + f.name()
        + " "
        + f.start()
        + ".."
        + f.end()
        + " "
        + f.level()
        + " "
        + f.statusMessage()
        + " "
        + usage
        + " "
        + o.input()
        + " => "
        + o.output();
  }

  private static void compare(JsonNode expected, List<Trace> told) {
    var turns = StreamSupport.stream(expected.path("turns").spliterator(), false).toList();
    var sessions = turns.stream().map(t -> t.path("session_id").asText()).distinct().toList();
    // Sessions run beside each other; the order of turns is that of the conversation in each.
    assertEquals(
        turns.size(),
        told.size(),
        () -> "turns: " + told.stream().map(t -> head(text(t.root().input()))).toList());
    for (String session : sessions) {
      var mine = turns.stream().filter(t -> t.path("session_id").asText().equals(session)).toList();
      var got = told.stream().filter(t -> t.session().session().value().equals(session)).toList();
      assertEquals(
          mine.stream()
              .map(t -> t.path("prompt").asText())
              .map(GoldenTest::head)
              .toList()
              .toString(),
          got.stream().map(t -> head(text(t.root().input()))).toList().toString());
      for (int i = 0; i < mine.size(); i++) {
        turn(mine.get(i), got.get(i), expected.path("model").asText());
      }
    }
  }

  private static String head(String text) {
    return text.startsWith("<task-notification>") ? "<task-notification>" : text;
  }

  private static void turn(JsonNode turn, Trace trace, String model) {
    String name = turn.path("prompt").asText();
    assertEquals(turn.path("session_id").asText(), trace.session().session().value(), name);
    Observation root = trace.root();
    assertTrue(root instanceof AgentSpan, name);
    assertEquals("claude-code turn", root.frame().name());
    String outcome = turn.path("outcome").asText();
    Level level =
        switch (outcome) {
          case "interrupted" -> Level.WARNING;
          case "failed" -> Level.ERROR;
          default -> Level.DEFAULT;
        };
    if (!turn.path("warning").asBoolean(false)) {
      assertEquals(outcome, root.frame().metadata().get("outcome"), name);
    }
    JsonNode generations = turn.path("generations");
    String last =
        generations.isEmpty()
            ? ""
            : generations.get(generations.size() - 1).path("text").asText("");
    if (outcome.equals("completed") && !last.isEmpty()) {
      assertEquals(last, text(root.output()), name);
    }
    if (turn.path("hooks_only").asBoolean(false)) {
      assertEquals("no transcript", root.frame().metadata().get("degraded"));
      return;
    }
    if (root.frame().level() != level) {
      // Cut short by the model's limits counts as completed, with a warning.
      assertEquals(Level.WARNING, root.frame().level(), name + ": " + root.frame().statusMessage());
      assertEquals("completed", outcome, name);
      assertFalse(root.frame().metadata().isEmpty());
    }
    scope(turn, trace, root.frame().id(), model, outcome.equals("interrupted"));
    for (Observation o : trace.observations()) {
      assertFalse(o.frame().end().isBefore(o.frame().start()));
      assertFalse(
          o.frame().start().isBefore(root.frame().start().minusMillis(1000)), o.frame().name());
    }
  }

  private static void scope(
      JsonNode node, Trace trace, SpanId parent, String model, boolean interrupted) {
    List<Observation> below = trace.below(parent);
    var generations =
        below.stream().filter(Generation.class::isInstance).map(Generation.class::cast).toList();
    JsonNode wanted = node.path("generations");
    assertEquals(
        StreamSupport.stream(wanted.spliterator(), false)
            .map(g -> g.path("message_id").asText())
            .toList(),
        generations.stream().map(g -> g.frame().metadata().get("message_id")).toList());
    var tools = new ArrayList<JsonNode>();
    for (int i = 0; i < wanted.size(); i++) {
      generation(wanted.get(i), generations.get(i), model);
      wanted.get(i).path("tool_calls").forEach(tools::add);
    }
    var calls =
        below.stream().filter(ToolCall.class::isInstance).map(ToolCall.class::cast).toList();
    assertEquals(
        tools.stream().map(t -> t.path("id").asText()).sorted().toList(),
        calls.stream().map(ToolCall::callId).sorted().toList());
    for (JsonNode tool : tools) {
      ToolCall call =
          calls.stream()
              .filter(c -> c.callId().equals(tool.path("id").asText()))
              .findFirst()
              .orElseThrow();
      assertEquals(tool.path("name").asText(), call.frame().name());
      boolean error = tool.path("error").asBoolean();
      Level level = call.frame().level();
      assertTrue(
          error
              ? level == Level.ERROR || (interrupted && level == Level.WARNING)
              : level == Level.DEFAULT,
          call.frame().name() + " " + level + " " + call.frame().statusMessage());
      List<JsonNode> agents =
          StreamSupport.stream(node.path("subagents").spliterator(), false)
              .filter(a -> a.path("tool_use_id").equals(tool.path("id")))
              .toList();
      var spans = trace.below(call.frame().id());
      assertEquals(agents.size(), spans.size(), "agents below " + call.callId());
      for (int i = 0; i < agents.size(); i++) {
        assertTrue(spans.get(i) instanceof AgentSpan);
        assertEquals(agents.get(i).path("agent_type").asText(), spans.get(i).frame().name());
        scope(agents.get(i), trace, spans.get(i).frame().id(), model, interrupted);
      }
    }
  }

  private static void generation(JsonNode wanted, Generation got, String model) {
    JsonNode usage = wanted.path("usage");
    var buckets = got.usage();
    assertEquals(usage.path("input").asLong(), buckets.of(Bucket.INPUT));
    assertEquals(usage.path("output").asLong(), buckets.of(Bucket.OUTPUT));
    assertEquals(usage.path("cache_read").asLong(), buckets.of(Bucket.INPUT_CACHED));
    assertEquals(
        usage.path("cache_creation").asLong(),
        buckets.of(Bucket.INPUT_CACHE_CREATION)
            + buckets.of(Bucket.INPUT_CACHE_CREATION_5M)
            + buckets.of(Bucket.INPUT_CACHE_CREATION_1H));
    assertEquals(
        usage.path("cache_creation_5m").asLong(), buckets.of(Bucket.INPUT_CACHE_CREATION_5M));
    String wantedModel = wanted.path("model").asText(model);
    if (!wantedModel.isEmpty()) {
      assertEquals(wantedModel, got.model());
    }
    assertEquals(wanted.path("text").asText(""), text(got.output()));
    assertEquals(
        wanted.path("partial").asBoolean(false),
        "true".equals(got.frame().metadata().get("partial")));
    assertTrue(got.frame().end().isAfter(got.frame().start()), "a generation lasts");
  }
}
