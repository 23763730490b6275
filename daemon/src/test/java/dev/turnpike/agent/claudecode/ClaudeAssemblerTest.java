package dev.turnpike.agent.claudecode;

import static dev.turnpike.testing.Contents.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.agent.Circumstances;
import dev.turnpike.agent.Finished;
import dev.turnpike.model.Level;
import dev.turnpike.model.Observation.Generation;
import dev.turnpike.model.Observation.Note;
import dev.turnpike.model.Observation.ToolCall;
import dev.turnpike.model.Usage.Bucket;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Cases no capture shows, made by hand. */
class ClaudeAssemblerTest extends ScriptCase {
  @Test
  void usageComesOnceFromTheRowWithTheMostOutput() throws IOException {
    script.user("Old version");
    script.block("m1", "{\"type\":\"text\",\"text\":\"One.\"}", "end_turn", 1, 0);
    script.block("m1", "{\"type\":\"text\",\"text\":\"Two.\"}", "end_turn", 40, 1);
    script.block("m1", "{\"type\":\"text\",\"text\":\"Three.\"}", "end_turn", 1, 2);
    script.mark();
    script.look(Rig.EARLY);
    var generations = script.only().all(Generation.class);
    assertEquals(1, generations.size());
    assertEquals(40, generations.getFirst().usage().of(Bucket.OUTPUT));
    assertEquals("One.\nTwo.\nThree.", text(script.only().root().output()));
  }

  @Test
  void aRepeatedRowChangesNothing() throws IOException {
    script.user("Hello");
    script.uses("m1", "t1", "Bash", "{\"command\":\"ls\"}");
    script.result("t1", "a");
    script.result("t1", "b");
    script.uses("m1", "t1", "Bash", "{\"command\":\"ls\"}");
    script.says("m2", "Done.");
    script.mark();
    script.look(Rig.EARLY);
    assertEquals(1, script.only().all(ToolCall.class).size());
    assertEquals("a", text(script.only().all(ToolCall.class).getFirst().output()));
  }

  @Test
  void severalResultsInOneRowAllCount() throws IOException {
    script.user("Both");
    script.uses("m1", "t1", "Bash", "{}");
    script.uses("m1", "t2", "Read", "{}");
    script.row(
        "{\"type\":\"user\",\"message\":{\"role\":\"user\",\"content\":["
            + "{\"type\":\"tool_result\",\"tool_use_id\":\"t2\",\"content\":\"two\",\"is_error\":true},"
            + "{\"type\":\"tool_result\",\"tool_use_id\":\"t1\",\"content\":[{\"type\":\"text\",\"text\":\"one\"}]}]}}");
    script.says("m2", "Done.");
    script.mark();
    script.look(Rig.EARLY);
    var tools = script.only().all(ToolCall.class);
    assertEquals(List.of("one", "two"), tools.stream().map(t -> text(t.output())).toList());
    assertEquals(
        List.of(Level.DEFAULT, Level.ERROR), tools.stream().map(t -> t.frame().level()).toList());
  }

  @Test
  void aBlockingStopHookDoesNotEndTheTurn() throws IOException {
    script.user("Do it");
    script.says("m1", "Done, I think.");
    script.stops("Done, I think.");
    script.row(
        "{\"type\":\"user\",\"isMeta\":true,\"message\":{\"role\":\"user\",\"content\":\"Stop hook"
            + " feedback:\\n"
            + "[test.sh]: tests fail\"}}");
    script.row(
        "{\"type\":\"system\",\"subtype\":\"stop_hook_summary\",\"hookErrors\":[\"tests"
            + " fail\"],\"failedHookErrorIndexes\":[]}");
    script.look(Rig.PATIENT);
    assertTrue(script.traces().isEmpty());
    script.says("m2", "Now really.");
    script.stops("Now really.");
    script.mark();
    script.look(Rig.EARLY);
    assertEquals(2, script.only().all(Generation.class).size());
    assertEquals("Now really.", text(script.only().root().output()));
  }

  @Test
  void rowsAfterTheEndBecomeATurnOfTheirOwn() throws IOException {
    script.user("Do it");
    script.says("m1", "Done.");
    script.mark();
    script.look(Rig.EARLY);
    script.row(
        "{\"type\":\"user\",\"isMeta\":true,\"message\":{\"role\":\"user\",\"content\":\"Scheduled:"
            + " look again\"}}");
    script.says("m2", "Looked again.");
    script.mark();
    script.look(Rig.EARLY);
    assertEquals(2, script.traces().size());
    assertEquals("continuation", script.traces().get(1).root().frame().metadata().get("kind"));
    assertEquals("Looked again.", text(script.traces().get(1).root().output()));
  }

  @Test
  void aPromptWithoutAnAnswerIsNoTurn() throws IOException {
    script.user("Blocked");
    script.prompt = "p2";
    script.user("Answered");
    script.says("m1", "Yes.");
    script.mark();
    script.look(Rig.EARLY);
    assertEquals("Answered", text(script.only().root().input()));
  }

  @Test
  void theAnnouncedTextStandsInForARowThatNeverCame() throws IOException {
    script.user("Hello");
    script.uses("m1", "t1", "Bash", "{}");
    script.result("t1", "x");
    script.stops("The end.");
    script.look(Rig.PATIENT);
    assertTrue(script.traces().isEmpty(), "the row may still come");
    assertTrue(script.rig.first().awaitingRows());
    script.hook("SessionEnd", ",\"reason\":\"other\"");
    script.look(Rig.PATIENT);
    assertEquals("The end.", text(script.only().root().output()));
    assertEquals("completed", script.only().root().frame().metadata().get("outcome"));
    assertFalse(script.rig.first().open());
  }

  @Test
  void aGoodbyeThatIsHeardLateEndsNothingThatBeganAfterIt() throws IOException {
    script.user("First");
    script.says("m1", "One.");
    script.mark();
    Script.Fired goodbye = script.fires("SessionEnd", ",\"reason\":\"other\"");
    script.prompt = "p2";
    script.user("Second");
    goodbye.isHeard();
    script.look(Rig.PATIENT);
    script.says("m2", "Two.");
    script.mark();
    script.look(Circumstances.ORDINARY);
    assertEquals(
        List.of("First: One.", "Second: Two."),
        script.traces().stream()
            .map(trace -> trace.root())
            .map(turn -> text(turn.input()) + ": " + text(turn.output()))
            .toList());
  }

  @Test
  void aKilledTurnIsInterruptedWithTheLastText() throws IOException {
    script.user("Hello");
    script.block("m1", "{\"type\":\"text\",\"text\":\"Working.\"}", "tool_use", 5, 0);
    script.uses("m1", "t1", "Bash", "{}");
    script.look(Rig.GONE);
    var trace = script.only();
    assertEquals(Level.WARNING, trace.root().frame().level());
    assertEquals("Working.", text(trace.root().output()));
    assertEquals(Level.WARNING, trace.all(ToolCall.class).getFirst().frame().level());
  }

  @Test
  void aRewrittenFileRepeatsNothing() throws IOException {
    script.user("One");
    script.says("m1", "1.");
    script.mark();
    script.prompt = "p2";
    script.user("Two");
    script.says("m2", "2.");
    script.mark();
    script.look(Rig.EARLY);
    assertEquals(2, script.traces().size());
    List<String> lines = Files.readAllLines(script.main);
    Files.write(
        script.main,
        String.join("\n", lines.subList(3, 6)).concat("\n").getBytes(StandardCharsets.UTF_8));
    script.look(Rig.EARLY);
    script.prompt = "p3";
    script.user("Three");
    script.says("m3", "3.");
    script.mark();
    script.look(Rig.PATIENT);
    assertEquals(
        List.of("One", "Two", "Three"),
        script.traces().stream().map(t -> text(t.root().input())).toList());
  }

  @Test
  void oddRowsAreCountedAndPassedOver() throws IOException {
    script.user("Odd");
    script.row("{\"type\":\"hologram\",\"shape\":1}");
    script.raw("{\"type\":\"user\",\n".getBytes(StandardCharsets.UTF_8));
    script.raw("\n".getBytes(StandardCharsets.UTF_8));
    script.uses("m1", "t1", "Bash", "{}");
    byte[] torn =
        "{\"type\":\"user\",\"uuid\":\"x1\",\"timestamp\":\"2026-11-20T10:01:00Z\",\"sessionId\":\""
            .concat(Script.SESSION)
            .concat(
                "\",\"message\":{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"t1\",\"content\":\"caf?\"}]}}\n")
            .getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < torn.length; i++) {
      torn[i] = torn[i] == '?' ? (byte) 0xe9 : torn[i];
    }
    script.raw(torn);
    script.says("m2", "x".repeat(1_200_000));
    script.mark();
    script.look(Rig.EARLY);
    assertEquals(1, script.rig.counters().get("line.unknown.hologram"));
    assertEquals(2, script.rig.counters().get("line.unreadable"));
    assertEquals("caf\ufffd", text(script.only().all(ToolCall.class).getFirst().output()));
    assertEquals(1_200_000, text(script.only().root().output()).length());
  }

  @Test
  void anAnswerCutByItsLimitIsCompletedWithAWarning() throws IOException {
    script.user("Long");
    script.block("m1", "{\"type\":\"text\",\"text\":\"And so\"}", "max_tokens", 5, 0);
    script.mark();
    script.look(Rig.EARLY);
    assertEquals(Level.WARNING, script.only().root().frame().level());
    assertEquals("completed", script.only().root().frame().metadata().get("outcome"));
    assertEquals("max_tokens", script.only().root().frame().statusMessage());
  }

  @Test
  void anImageIsNamedAndNeverCarried() throws IOException {
    script.row(
        "{\"type\":\"user\",\"message\":{\"role\":\"user\",\"content\":[{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"media_type\":\"image/png\",\"data\":\"QUJDREVG\"}}]}}");
    script.says("m1", "A picture.");
    script.mark();
    script.look(Rig.EARLY);
    assertEquals(
        "Messages[messages=[Message[role=user, parts=[Media[mimeType=image/png, bytes=6]]]]]",
        script.only().root().input().toString());
  }

  @Test
  void aCompactionInsideATurnIsANoteOfIt() throws IOException {
    script.user("Long work");
    script.uses("m1", "t1", "Bash", "{}");
    script.result("t1", "x");
    script.row(
        "{\"type\":\"system\",\"subtype\":\"compact_boundary\",\"parentUuid\":null,\"compactMetadata\":{\"trigger\":\"auto\",\"preTokens\":900,\"postTokens\":90,\"durationMs\":500}}");
    script.row(
        "{\"type\":\"user\",\"isCompactSummary\":true,\"message\":{\"role\":\"user\",\"content\":\"This"
            + " session is being continued\"}}");
    script.says("m2", "Done.");
    script.mark();
    script.look(Rig.EARLY);
    var note = script.only().all(Note.class).getFirst();
    assertEquals("compaction", note.frame().name());
    assertEquals("auto", note.frame().metadata().get("compaction_trigger"));
    assertEquals(500, note.frame().end().toEpochMilli() - note.frame().start().toEpochMilli());
    assertEquals("Done.", text(script.only().root().output()));
  }

  @Test
  void firstContactTellsOnlyTheTurnTheEventSpeaksOf() throws IOException {
    var late = new Script(home.resolve("late"));
    late.prompt = "old";
    late.user("History");
    late.says("m1", "Long ago.");
    late.mark();
    late.prompt = "now";
    late.user("Present");
    late.uses("m2", "t1", "Bash", "{}");
    late.hook("PreToolUse", ",\"tool_name\":\"Bash\",\"tool_use_id\":\"t1\"");
    late.result("t1", "x");
    late.says("m3", "Today.");
    late.mark();
    late.look(Rig.PATIENT);
    assertEquals("Present", text(late.only().root().input()));
    assertTrue(late.rig.told().pieces().getFirst().finished() instanceof Finished.Skipped);
  }

  @Test
  void resumingAnUnknownSessionTellsNoHistory() throws IOException {
    var late = new Script(home.resolve("late"));
    late.prompt = "old";
    late.user("History");
    late.says("m1", "Long ago.");
    late.mark();
    late.prompt = "new";
    late.hook("SessionStart", ",\"source\":\"resume\"");
    late.look(Rig.PATIENT);
    assertTrue(late.traces().isEmpty());
    late.rig.restart();
    late.hook("UserPromptSubmit", ",\"prompt\":\"Next\"");
    late.user("Next");
    late.says("m2", "Yes.");
    late.mark();
    late.look(Rig.EARLY);
    assertEquals("Next", text(late.only().root().input()));
  }

  @Test
  void slicesOfALongFileCloseOnlyWhatALaterRowClosed() throws IOException {
    var slices = new Circumstances(false, false, false, false, false);
    script.user("One");
    script.says("m1", "1.");
    script.mark();
    script.look(slices);
    assertTrue(script.traces().isEmpty());
    script.prompt = "p2";
    script.user("Two");
    script.look(slices);
    assertEquals("One", text(script.only().root().input()));
  }

  /** What is certainly history is not read again when the session has rested. */
  @Test
  void historyOfASessionThatIsNotTracedYetIsNotReadAgainFromItsStart() throws IOException {
    var script = new Script(home.resolve("late"));
    String filler = "x".repeat(1_000_000);
    for (int n = 0; n < 30; n++) {
      script.user(n + " " + filler);
      script.says("m" + n, "Done.");
    }
    script.prompt = "not-there-yet";
    script.hook("PostToolUse", ",\"tool_name\":\"Read\",\"tool_use_id\":\"t1\"");
    assertTrue(script.traces().isEmpty());
    long size = java.nio.file.Files.size(script.main);
    long from = script.rig.first().memory().positions().values().iterator().next().offset();
    assertTrue(from > size / 3, from + " of " + size);
    script.rig.restart();
    script.user("now");
    script.says("m-now", "Traced.");
    script.mark();
    script.look(Rig.PATIENT);
    assertEquals("Traced.", text(script.only().root().output()));
  }
}
