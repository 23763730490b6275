package dev.turnpike.agent.copilot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.turnpike.agent.Finished.ClosedTurn;
import dev.turnpike.model.Content;
import dev.turnpike.model.Level;
import dev.turnpike.model.Observation;
import dev.turnpike.model.Observation.AgentSpan;
import dev.turnpike.model.Observation.Generation;
import dev.turnpike.model.Observation.ToolCall;
import dev.turnpike.testing.Recordings;
import dev.turnpike.testing.Recordings.Sameness;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every recording, played in every way, gives what its expected.json says, and the same spans
 * whichever way it was played.
 */
class GoldenTest {
  private static final JsonMapper MAPPER = new JsonMapper();

  @TestFactory
  Stream<DynamicTest> everyRecordingGivesWhatIsExpected() throws IOException {
    return Recordings.played(
        Path.of("../fixtures/copilot"),
        Recording::playable,
        Recording.Mode.class,
        GoldenTest::judge);
  }

  private static void judge(Path fixture, Recording.Mode mode, Sameness sameness) throws Exception {
    List<Recording.Told> told = new Recording(fixture).play(mode);
    sameness.check(canonical(told));
    JsonNode expected = MAPPER.readTree(fixture.resolve("expected.json").toFile());
    List<ClosedTurn> turns = told.stream().map(Recording.Told::turn).toList();
    assertEquals(expected.path("traces").size(), turns.size());
    for (int n = 0; n < turns.size(); n++) {
      compare(expected.path("traces").get(n), told.get(n));
      assertEquals(
          expected.path("agent_version").asText(), turns.get(n).facts().agentVersion().orElse(""));
      assertEquals(n + 1, turns.get(n).facts().number());
    }
  }

  private static String canonical(List<Recording.Told> told) {
    return told.stream()
        .flatMap(turn -> turn.all().stream().map(o -> turn.turn().trace() + " " + o))
        .sorted()
        .collect(Collectors.joining("\n"));
  }

  private static void compare(JsonNode wanted, Recording.Told told) {
    List<Observation> all = told.all();
    List<Observation> roots = all.stream().filter(o -> o.frame().parent() == null).toList();
    assertEquals(1, roots.size());
    Observation root = roots.getFirst();
    assertEquals("copilot turn", root.frame().name());
    assertEquals(Level.valueOf(wanted.path("level").asText()), root.frame().level());
    boolean content = wanted.path("content").asBoolean(true);
    assertEquals(content ? text(wanted.path("input")) : "", text(root.input()));
    assertEquals(content ? text(wanted.path("output")) : "", text(root.output()));
    var calls = all.stream().filter(o -> o instanceof Generation g && g.usage() != null).toList();
    assertEquals(wanted.path("generations").size(), calls.size());
    long total =
        calls.stream()
            .mapToLong(o -> o instanceof Generation g && g.usage() != null ? g.usage().total() : 0)
            .sum();
    assertEquals(
        StreamSupport.stream(wanted.path("generations").spliterator(), false)
            .mapToLong(g -> g.path("total").asLong())
            .sum(),
        total);
    assertEquals(
        StreamSupport.stream(wanted.path("tools").spliterator(), false)
            .map(t -> t.path("name").asText() + t.path("error").asBoolean())
            .sorted()
            .toList(),
        all.stream()
            .filter(o -> o instanceof ToolCall)
            .map(o -> o.frame().name() + (o.frame().level() == Level.ERROR))
            .sorted()
            .toList());
    var parents = all.stream().map(o -> o.frame().id()).collect(Collectors.toSet());
    assertTrue(
        all.stream()
            .allMatch(o -> o.frame().parent() == null || parents.contains(o.frame().parent())));
    assertEquals(
        wanted.path("subagents").size(),
        all.stream().filter(o -> o instanceof AgentSpan).count() - 1);
    if (!content) {
      assertFalse(all.toString().contains("apple 1.20"), "what was not to be captured");
    }
  }

  private static String text(JsonNode wanted) {
    return wanted.isNull() ? "" : wanted.asText("");
  }

  private static String text(Content content) {
    return content instanceof Content.Text(_, var text) ? text : "";
  }
}
