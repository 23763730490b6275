package dev.turnpike.agent.gemini;

import static dev.turnpike.testing.Contents.parts;
import static dev.turnpike.testing.Contents.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.turnpike.model.Content;
import dev.turnpike.model.Observation;
import dev.turnpike.model.Observation.AgentSpan;
import dev.turnpike.model.Observation.Generation;
import dev.turnpike.model.Observation.ToolCall;
import dev.turnpike.model.Part;
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
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Every recording, played in every way, gives what its expected.json says, and the same spans
 * whichever way it was played.
 */
class GoldenTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Path ROOT = Path.of("../fixtures/gemini-cli");
  private static final List<String> TERMINAL = List.of("AfterAgent", "SessionEnd");
  private static final List<String> REGISTERED = HookEntries.EVENTS;

  private enum Mode {
    AS_RECORDED,
    /** Final files first. */
    AT_ONCE,
    EVERY_HOOK_TWICE,
    /** Neighbours that end nothing are swapped. */
    REORDERED,
    /** Only what we register. */
    REGISTERED,
    /** A third of the hooks that end nothing is lost. */
    SOME_LOST,
    /** A restart from memory after every hook and every row. */
    RESTARTED_ALWAYS,
    /** Files grow by pieces that end anywhere. */
    CUT_ANYWHERE,
    /** Hooks are heard later than they fire: the file is any way ahead of them. */
    HOOKS_LATE
  }

  /**
   * @param length of the session's file when it fired
   */
  private record Hook(String event, String body, String file, int length) {}

  /**
   * @param others somebody else has hooks
   */
  private record Run(TreeMap<String, byte[]> files, List<Hook> hooks, boolean others) {}

  @TestFactory
  Stream<DynamicTest> everyRecordingGivesWhatIsExpected() throws IOException {
    return Recordings.played(ROOT, "expected.json", Mode.class, GoldenTest::judge);
  }

  private static void judge(Path fixture, Mode mode, Sameness sameness) throws IOException {
    var rig = new Rig(mode == Mode.RESTARTED_ALWAYS);
    var random = new Random(11);
    for (Run run : runs(fixture)) {
      play(rig, run, mode, random);
    }
    rig.look(Rig.PATIENT);
    rig.look(Rig.GONE);
    var traces = rig.traces();
    compare(JSON.readTree(Files.readString(fixture.resolve("expected.json"))), traces);
    assertTrue(rig.rests(), "nothing is open in the end");
    assertTrue(
        rig.counters().keySet().stream().noneMatch(c -> !c.startsWith("skipped.")),
        rig.counters()::toString);
    sameness.check(Told.canonical(traces));
  }

  /** The root has gone out with the answer that was refused; all the rest is the same. */
  @Test
  void aRefusalThatComesLateChangesTheRootOnly() throws IOException {
    for (String name :
        List.of("answer-refused", "answer-refused-cleared", "answer-refused-terminal")) {
      Run run = run(ROOT.resolve(name));
      var early = new Rig(false);
      play(early, run, Mode.REGISTERED, new Random(11));
      var late = new Rig(true);
      late.others(true);
      int reached = 0;
      for (Hook hook : arranged(run.hooks(), Mode.REGISTERED, new Random(11))) {
        byte[] main = run.files().get(hook.file());
        reached =
            grow(
                late,
                Path.of(hook.file()),
                main,
                reached,
                hook.length(),
                Mode.REGISTERED,
                new Random(11));
        late.deliver(hook.body());
        late.look(Rig.PATIENT);
      }
      assertEquals(early.traces().size(), late.traces().size(), name);
      assertTrue(late.parts().stream().anyMatch(part -> !part.observations().isEmpty()), name);
      Trace first = late.traces().getFirst();
      assertEquals("An apple costs 1.30.", text(first.root().output()), name);
      assertEquals(Told.canonical(withoutRoots(early)), Told.canonical(withoutRoots(late)), name);
    }
  }

  private static List<Trace> withoutRoots(Rig rig) {
    return rig.traces().stream()
        .map(
            told ->
                new Trace(
                    told.session(),
                    told.turn(),
                    told.observations().stream().filter(o -> o.frame().parent() != null).toList()))
        .toList();
  }

  // ---- playing

  private static List<Run> runs(Path fixture) throws IOException {
    var runs = new ArrayList<Run>();
    try (Stream<Path> all = Files.list(fixture)) {
      for (Path run :
          all.filter(f -> f.getFileName().toString().matches("run-\\d")).sorted().toList()) {
        runs.add(run(run));
      }
    }
    return runs.isEmpty() ? List.of(run(fixture)) : runs;
  }

  private static Run run(Path folder) throws IOException {
    var files = new TreeMap<String, byte[]>();
    try (Stream<Path> all = Files.walk(folder.resolve("session"))) {
      for (Path file : all.filter(f -> f.toString().endsWith(".jsonl")).toList()) {
        files.put(
            "/home/dev/" + folder.resolve("session").relativize(file), Files.readAllBytes(file));
      }
    }
    var hooks = new ArrayList<Hook>();
    for (String line : Files.readAllLines(folder.resolve("hooks.jsonl"))) {
      JsonNode hook = JSON.readTree(line);
      JsonNode payload = hook.path("payload");
      hooks.add(
          new Hook(
              hook.path("event").asText(),
              payload.toString(),
              payload.path("transcript_path").asText(),
              hook.path("transcript_bytes").asInt()));
    }
    return new Run(files, hooks, Files.exists(folder.resolve("session/.gemini/settings.json")));
  }

  private static void play(Rig rig, Run run, Mode mode, Random random) {
    rig.others(run.others());
    List<Hook> hooks = arranged(run.hooks(), mode, random);
    if (mode == Mode.AT_ONCE) {
      run.files().forEach((path, bytes) -> rig.grow(Path.of(path), bytes, bytes.length));
    }
    int reached = 0;
    for (int i = 0; i < hooks.size(); i++) {
      Hook hook = hooks.get(i);
      byte[] main = run.files().get(hook.file());
      if (mode != Mode.AT_ONCE && main != null) {
        Hook ahead =
            mode == Mode.HOOKS_LATE ? hooks.get(i + random.nextInt(hooks.size() - i)) : hook;
        int length = ahead.file().equals(hook.file()) ? ahead.length() : hook.length();
        reached = grow(rig, Path.of(hook.file()), main, reached, length, mode, random);
        // sub-agents end before the call that launched them is written
        run.files()
            .forEach(
                (path, bytes) -> {
                  if (!path.equals(hook.file())) {
                    rig.grow(Path.of(path), bytes, bytes.length);
                  }
                });
      }
      rig.deliver(hook.body());
      if (mode == Mode.EVERY_HOOK_TWICE) {
        rig.deliver(hook.body());
      }
      // with somebody who may refuse an answer, what he says comes before patience ends
      if (TERMINAL.contains(hook.event()) && !run.others()) {
        rig.look(Rig.PATIENT);
      }
    }
    run.files().forEach((path, bytes) -> rig.grow(Path.of(path), bytes, bytes.length));
    rig.look(Rig.PATIENT);
  }

  private static int grow(
      Rig rig, Path file, byte[] bytes, int from, int to, Mode mode, Random random) {
    if (mode == Mode.RESTARTED_ALWAYS) {
      for (int i = from; i < to; i++) {
        if (bytes[i] == '\n') {
          rig.grow(file, bytes, i + 1);
          rig.look(Rig.EARLY);
        }
      }
    }
    if (mode == Mode.CUT_ANYWHERE) {
      for (int length = from; length < to; length += 1 + random.nextInt(700)) {
        rig.grow(file, bytes, length);
        rig.look(Rig.EARLY);
      }
    }
    int reached = Math.max(from, to);
    rig.grow(file, bytes, reached);
    return reached;
  }

  private static List<Hook> arranged(List<Hook> hooks, Mode mode, Random random) {
    var plan = new ArrayList<>(hooks);
    if (mode == Mode.REGISTERED) {
      plan.removeIf(hook -> !REGISTERED.contains(hook.event()));
    }
    if (mode == Mode.SOME_LOST) {
      plan.removeIf(hook -> !TERMINAL.contains(hook.event()) && random.nextInt(3) == 0);
    }
    if (mode == Mode.REORDERED) {
      for (int i = 0; i + 1 < plan.size(); i++) {
        Hook a = plan.get(i);
        Hook b = plan.get(i + 1);
        if (!TERMINAL.contains(a.event())
            && !TERMINAL.contains(b.event())
            && random.nextBoolean()) {
          plan.set(i, new Hook(b.event(), b.body(), b.file(), a.length()));
          plan.set(i + 1, new Hook(a.event(), a.body(), a.file(), b.length()));
          i++;
        }
      }
    }
    return plan;
  }

  // ---- comparing

  private static void compare(JsonNode expected, List<Trace> told) {
    JsonNode traces = expected.path("traces");
    assertEquals(traces.size(), told.size(), "turns");
    for (int i = 0; i < told.size(); i++) {
      turn(traces.get(i), told.get(i));
    }
  }

  private static void turn(JsonNode turn, Trace trace) {
    String name = turn.path("input").asText();
    Observation root = trace.root();
    assertEquals("gemini-cli turn", root.frame().name());
    assertEquals(name, text(root.input()));
    assertEquals(turn.path("level").asText(), root.frame().level().name(), name);
    if (turn.path("output").isTextual()) {
      assertEquals(turn.path("output").asText(), text(root.output()), name);
    }
    if (turn.path("level").asText().equals("ERROR")) {
      assertEquals(Content.NONE, root.output(), name);
    }
    String status = turn.path("status_message").asText("");
    assertTrue(String.valueOf(root.frame().statusMessage()).contains(status), name);
    var main = new ArrayList<JsonNode>();
    var nested = new ArrayList<JsonNode>();
    turn.path("generations").forEach(g -> (g.has("agent") ? nested : main).add(g));
    var tools = new ArrayList<JsonNode>();
    var nestedTools = new ArrayList<JsonNode>();
    turn.path("tools")
        .forEach(t -> (t.path("parent").asText().equals("agent") ? tools : nestedTools).add(t));
    within(trace, root.frame().id(), main, tools);
    List<Observation> agents =
        trace.observations().stream()
            .filter(o -> o instanceof AgentSpan && o.frame().parent() != null)
            .toList();
    assertEquals(nested.isEmpty() ? 0 : 1, agents.size(), name);
    for (Observation agent : agents) {
      Observation launcher =
          trace.observations().stream()
              .filter(o -> o.frame().id().equals(agent.frame().parent()))
              .findFirst()
              .orElseThrow();
      assertEquals("invoke_agent", launcher.frame().name());
      assertEquals(nested.getFirst().path("agent").asText(), agent.frame().name());
      within(trace, agent.frame().id(), nested, nestedTools);
    }
    long total =
        trace.observations().stream()
            .mapToLong(o -> o instanceof Generation g && g.usage() != null ? g.usage().total() : 0)
            .sum();
    assertEquals(turn.path("sum").path("total").asLong(total), total, name);
  }

  private static void within(
      Trace trace, SpanId parent, List<JsonNode> generations, List<JsonNode> tools) {
    List<Observation> below = trace.below(parent);
    List<Observation> gotGenerations = below.stream().filter(Generation.class::isInstance).toList();
    List<Observation> gotTools = below.stream().filter(ToolCall.class::isInstance).toList();
    assertEquals(generations.size(), gotGenerations.size(), "generations");
    assertEquals(tools.size(), gotTools.size(), "tools");
    for (int i = 0; i < generations.size(); i++) {
      generation(generations.get(i), (Generation) gotGenerations.get(i));
    }
    for (int i = 0; i < tools.size(); i++) {
      tool(tools.get(i), (ToolCall) gotTools.get(i));
    }
  }

  private static void generation(JsonNode expected, Generation got) {
    String name = got.toString();
    assertEquals(expected.path("model").asText(), got.model(), name);
    assertEquals(expected.path("text").asText(), text(got.output()), name);
    for (Bucket bucket : Bucket.values()) {
      long wanted = expected.path("usage_details").path(bucket.key()).asLong();
      assertEquals(wanted, got.usage() == null ? 0 : got.usage().of(bucket), bucket + " " + name);
    }
    assertEquals(
        expected.path("tool_calls").valueStream().map(JsonNode::asText).toList(),
        parts(got.output(), Part.ToolUse.class).map(Part.ToolUse::name).toList(),
        name);
    assertFalse(got.frame().end().isBefore(got.frame().start()), name);
  }

  private static void tool(JsonNode expected, ToolCall got) {
    String name = got.toString();
    assertEquals(expected.path("name").asText(), got.frame().name(), name);
    String level = expected.path("error").asBoolean() ? "ERROR" : "DEFAULT";
    assertEquals(expected.path("level").asText(level), got.frame().level().name(), name);
    assertTrue(text(got.output()).contains(expected.path("output_contains").asText()), name);
    if (expected.has("exit_code")) {
      assertEquals(
          expected.path("exit_code").asText(), got.frame().metadata().get("exit_code"), name);
    }
    assertTrue(got.frame().end().isAfter(got.frame().start()), name);
  }
}
