package dev.turnpike.agent.codex;

import static dev.turnpike.testing.Contents.parts;
import static dev.turnpike.testing.Contents.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every recording, played in every way, gives what its expected.json says, and the same spans
 * whichever way it was played.
 */
class GoldenTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Path ROOT = Path.of("../fixtures/codex");
  private static final Set<String> TERMINAL =
      Set.of("Stop", "SubagentStop", "Interrupt", "SessionEnd");
  private static final Set<String> REGISTERED =
      Set.of("UserPromptSubmit", "Stop", "Interrupt", "SubagentStop", "SessionEnd", "SessionStart");

  @TempDir Path home;

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
    /** A restart from memory after every hook. */
    RESTARTED_ALWAYS,
    /** The daemon looks, and restarts, after every row. */
    RESTARTED_AFTER_EVERY_ROW,
    /** Files grow by pieces that end anywhere. */
    CUT_ANYWHERE,
    /** Hooks are heard later than they fire: the files are any way ahead of them. */
    HOOKS_LATE
  }

  /** A row of a file, by when it was written. */
  private record Row(String file, String at, int end) {}

  /**
   * @param rows of the transcript when it fired
   */
  private record Hook(String event, String at, String file, int rows, String body) {}

  private record Recording(TreeMap<String, byte[]> files, List<Row> rows, List<Hook> hooks) {}

  @TestFactory
  Stream<DynamicTest> everyRecordingGivesWhatIsExpected() throws IOException {
    return Recordings.played(ROOT, "expected.json", Mode.class, this::judge);
  }

  private void judge(Path fixture, Mode mode, Sameness sameness) throws IOException {
    var rig = new Rig(mode == Mode.RESTARTED_ALWAYS || mode == Mode.RESTARTED_AFTER_EVERY_ROW);
    Path at = home.resolve(fixture.getFileName().toString()).resolve(mode.name());
    play(rig, recording(fixture, at), mode);
    rig.look(Rig.PATIENT);
    rig.look(Rig.IDLE);
    var traces = rig.told().traces();
    compare(JSON.readTree(Files.readString(fixture.resolve("expected.json"))), traces);
    assertTrue(rig.rests(), "nothing is open in the end");
    assertEquals(Map.of(), rig.counters());
    sameness.check(Told.canonical(traces));
  }

  // ---- playing

  private static Recording recording(Path fixture, Path home) throws IOException {
    var files = new TreeMap<String, byte[]>();
    var rows = new ArrayList<Row>();
    Path source = fixture.resolve("codex-home");
    try (Stream<Path> all = Files.walk(source)) {
      for (Path file : all.filter(f -> f.toString().endsWith(".jsonl")).sorted().toList()) {
        String name = home.resolve(".codex").resolve(source.relativize(file)).toString();
        byte[] bytes = Files.readAllBytes(file);
        files.put(name, bytes);
        Files.createDirectories(Path.of(name).getParent());
        int start = 0;
        for (int i = 0; i < bytes.length; i++) {
          if (bytes[i] == '\n') {
            JsonNode row = JSON.readTree(bytes, start, i - start);
            rows.add(new Row(name, row.path("timestamp").asText(), i + 1));
            start = i + 1;
          }
        }
      }
    }
    rows.sort((a, b) -> a.at().compareTo(b.at()));
    var hooks = new ArrayList<Hook>();
    for (String line : Files.readAllLines(fixture.resolve("hooks.jsonl"))) {
      JsonNode hook = JSON.readTree(line.replace("/home/dev/.codex", home + "/.codex"));
      hooks.add(
          new Hook(
              hook.path("event").asText(),
              hook.path("received_at").asText(),
              hook.path("stdin").path("transcript_path").asText(),
              hook.path("transcript_rows_at_receipt").asInt(),
              hook.path("stdin").toString()));
    }
    return new Recording(files, rows, hooks);
  }

  /** What is on the disk, by file. */
  private static final class Disk {
    private final Recording recording;
    private final Map<String, Integer> lengths = new TreeMap<>();

    Disk(Recording recording) {
      this.recording = recording;
    }

    void grow(String file, int length) throws IOException {
      if (length > lengths.getOrDefault(file, 0)) {
        lengths.put(file, length);
        byte[] bytes = recording.files().get(file);
        Files.write(Path.of(file), java.util.Arrays.copyOf(bytes, length));
      }
    }

    boolean has(Row row) {
      return lengths.getOrDefault(row.file(), 0) >= row.end();
    }

    int length(String file) {
      return lengths.getOrDefault(file, 0);
    }
  }

  private static void play(Rig rig, Recording recording, Mode mode) throws IOException {
    var disk = new Disk(recording);
    var random = new Random(11);
    if (mode == Mode.AT_ONCE) {
      for (Map.Entry<String, byte[]> file : recording.files().entrySet()) {
        disk.grow(file.getKey(), file.getValue().length);
      }
    }
    List<Hook> hooks = arranged(recording.hooks(), mode, random);
    for (int i = 0; i < hooks.size(); i++) {
      Hook hook = hooks.get(i);
      Hook reached =
          mode == Mode.HOOKS_LATE ? hooks.get(i + random.nextInt(hooks.size() - i)) : hook;
      for (Row row : recording.rows()) {
        if (before(row, reached, recording) && !disk.has(row)) {
          write(rig, disk, row, mode, random);
        }
      }
      rig.deliver(hook.body());
      if (mode == Mode.EVERY_HOOK_TWICE) {
        rig.deliver(hook.body());
      }
      if (mode == Mode.HOOKS_LATE && random.nextBoolean()) {
        rig.look(Rig.PATIENT);
      }
    }
    for (Row row : recording.rows()) {
      if (!disk.has(row)) {
        write(rig, disk, row, mode, random);
      }
    }
  }

  /** Of the file it names a hook tells how far it was; of others their rows' times do. */
  private static boolean before(Row row, Hook hook, Recording recording) {
    if (!row.file().equals(hook.file())) {
      return row.at().compareTo(hook.at()) <= 0;
    }
    long ahead =
        recording.rows().stream()
            .filter(other -> other.file().equals(row.file()) && other.end() <= row.end())
            .count();
    return ahead <= hook.rows();
  }

  private static void write(Rig rig, Disk disk, Row row, Mode mode, Random random)
      throws IOException {
    if (mode == Mode.CUT_ANYWHERE) {
      int length = disk.length(row.file());
      for (length += random.nextInt(700); length < row.end(); length += 1 + random.nextInt(700)) {
        disk.grow(row.file(), length);
        rig.look(Rig.EARLY);
      }
    }
    disk.grow(row.file(), row.end());
    if (mode == Mode.RESTARTED_AFTER_EVERY_ROW) {
      rig.look(Rig.EARLY);
    }
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
        if (!TERMINAL.contains(plan.get(i).event())
            && !TERMINAL.contains(plan.get(i + 1).event())
            && random.nextBoolean()) {
          plan.add(i, plan.remove(i + 1));
          i++;
        }
      }
    }
    return plan;
  }

  // ---- comparing

  private static void compare(JsonNode expected, List<Trace> told) {
    JsonNode turns = expected.path("turns");
    assertEquals(turns.size(), told.size(), "turns");
    for (int i = 0; i < told.size(); i++) {
      Trace trace = told.get(i);
      JsonNode turn = turns.get(i);
      Observation root = trace.root();
      assertEquals("codex turn", root.frame().name());
      assertEquals(turn.path("turn_id").asText(trace.key().value()), trace.key().value());
      assertEquals(turn.path("session_id").asText(), trace.session().session().value());
      assertEquals(turn.path("input").asText(), text(root.input()));
      assertEquals(level(turn), root.frame().level().name());
      String status = turn.path("error_contains").asText();
      assertTrue(String.valueOf(root.frame().statusMessage()).contains(status), status);
      assertEquals(
          1, trace.observations().stream().filter(o -> o.frame().parent() == null).count());
      var ids = new HashSet<SpanId>();
      trace.observations().forEach(o -> assertTrue(ids.add(o.frame().id()), o::toString));
      trace.observations().forEach(o -> assertParent(o, ids));
      within(trace, root, turn);
    }
  }

  private static void assertParent(Observation observation, Set<SpanId> ids) {
    SpanId parent = observation.frame().parent();
    assertTrue(parent == null || ids.contains(parent), observation::toString);
  }

  private static String level(JsonNode turn) {
    return switch (turn.path("status").asText()) {
      case "completed" -> "DEFAULT";
      case "failed" -> "ERROR";
      default -> "WARNING";
    };
  }

  private static void within(Trace trace, Observation agent, JsonNode turn) {
    if (turn.path("output").isTextual()) {
      assertEquals(turn.path("output").asText(), text(((AgentSpan) agent).output()));
    }
    List<Observation> below = trace.below(agent.frame().id());
    List<Generation> generations =
        below.stream().filter(Generation.class::isInstance).map(Generation.class::cast).toList();
    assertEquals(turn.path("generations").size(), generations.size(), "generations");
    for (int i = 0; i < generations.size(); i++) {
      generation(turn, turn.path("generations").get(i), generations.get(i));
    }
    var tools = new TreeMap<String, ToolCall>();
    below.stream()
        .filter(ToolCall.class::isInstance)
        .map(ToolCall.class::cast)
        .forEach(tool -> tools.put(tool.callId(), tool));
    List.copyOf(tools.values())
        .forEach(
            outer ->
                trace.below(outer.frame().id()).stream()
                    .filter(ToolCall.class::isInstance)
                    .map(ToolCall.class::cast)
                    .forEach(tool -> tools.put(tool.callId(), tool)));
    assertEquals(turn.path("tools").size(), tools.size(), "tools");
    boolean cut = level(turn).equals("WARNING");
    turn.path("tools").forEach(tool -> tool(tool, tools, cut));
    for (JsonNode child : turn.path("subagents")) {
      ToolCall call = tools.get(child.path("spawned_by").asText());
      List<Observation> spawned =
          trace.below(call.frame().id()).stream().filter(AgentSpan.class::isInstance).toList();
      assertEquals(1, spawned.size(), "sub-agents");
      assertEquals(child.path("input").asText(), text(spawned.getFirst().input()));
      within(trace, spawned.getFirst(), child);
    }
  }

  private static void generation(JsonNode turn, JsonNode expected, Generation got) {
    String name = got.toString();
    assertEquals(turn.path("model").asText(), got.model(), name);
    if (expected.path("text").isTextual()) {
      assertEquals(expected.path("text").asText(), text(got.output()), name);
    }
    for (Bucket bucket : Bucket.values()) {
      long wanted = expected.path("usage").path("langfuse").path(bucket.key()).asLong();
      assertEquals(wanted, got.usage() == null ? 0 : got.usage().of(bucket), bucket + " " + name);
    }
    assertEquals(
        expected.path("has_reasoning_text").asBoolean(),
        parts(got.output(), Part.Reasoning.class).findAny().isPresent(),
        name);
    assertEquals(
        expected.path("requests_tools").valueStream().map(JsonNode::asText).toList(),
        parts(got.output(), Part.ToolUse.class).map(Part.ToolUse::callId).toList(),
        name);
    boolean failed = expected.path("incomplete").asBoolean();
    assertEquals(failed ? "WARNING" : "DEFAULT", got.frame().level().name(), name);
  }

  private static void tool(JsonNode expected, Map<String, ToolCall> tools, boolean cut) {
    String id = expected.path("call_id").asText();
    ToolCall got = tools.get(id);
    assertTrue(got != null, id);
    String name = got.toString();
    assertEquals(expected.path("name").asText(), got.frame().name(), name);
    String level =
        switch (expected.path("status").asText()) {
          case "ok" -> "DEFAULT";
          case "error" -> cut ? "WARNING" : "ERROR";
          default -> "WARNING";
        };
    assertEquals(level, got.frame().level().name(), name);
    if (expected.path("exit_code").isNumber() && !cut) {
      assertEquals(
          expected.path("exit_code").asText(), got.frame().metadata().get("exit_code"), name);
    }
    long millis = java.time.Duration.between(got.frame().start(), got.frame().end()).toMillis();
    assertTrue(millis >= expected.path("min_duration_ms").asLong(), name);
    if (expected.has("parent")) {
      ToolCall outer = tools.get(expected.path("parent").asText());
      assertEquals(outer.frame().id(), got.frame().parent(), name);
    }
  }
}
