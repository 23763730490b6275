package dev.turnpike.agent.pi;

import static dev.turnpike.agent.pi.Script.T0;
import static dev.turnpike.agent.pi.Script.answer;
import static dev.turnpike.agent.pi.Script.call;
import static dev.turnpike.agent.pi.Script.record;
import static dev.turnpike.agent.pi.Script.result;
import static dev.turnpike.agent.pi.Script.userMessage;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.model.Content;
import dev.turnpike.model.Level;
import dev.turnpike.model.Observation;
import dev.turnpike.model.Observation.AgentSpan;
import dev.turnpike.model.Observation.Generation;
import dev.turnpike.model.Observation.Note;
import dev.turnpike.model.Observation.ToolCall;
import dev.turnpike.model.Usage.Bucket;
import dev.turnpike.testing.Told.Trace;
import java.util.List;
import org.junit.jupiter.api.Test;

class PiAssemblerTest {
  private static final String SESSION = "01a1f907-7217-754b-9bd8-000000000001";
  private static final String CHILD = "01a1f907-7217-754b-9bd8-000000000002";

  private final Rig rig = new Rig(false);
  private final Script pi = new Script(rig, SESSION);

  private List<Trace> told() {
    return rig.told().traces();
  }

  private List<String> inputs() {
    return told().stream().map(t -> text(t.root().input())).toList();
  }

  private static String text(Content content) {
    return switch (content) {
      case Content.Text(var _, var text) -> text;
      default -> "";
    };
  }

  private static <T extends Observation> List<T> all(Trace trace, Class<T> type) {
    return trace.observations().stream().filter(type::isInstance).map(type::cast).toList();
  }

  private void simpleTurn(long at, String prompt) {
    pi.prompt(at, prompt);
    pi.user(at, prompt);
    pi.message(at + 20, answer(at + 10, "Done.", "stop", ""));
    pi.settled(at, at + 30);
  }

  @Test
  void firstContactSendsNothingFromBefore() {
    pi.header(0);
    pi.user(1_000, "Before");
    pi.message(1_020, answer(1_010, "Old.", "stop", ""));
    pi.tell("start", -1, record("start", 5_000, ",\"reason\":\"resume\""));
    simpleTurn(6_000, "After");
    assertEquals(List.of("After"), inputs());
    assertEquals(2, rig.counters().get("line.history"));
    assertEquals(1, rig.counters().get("skipped.before_first_contact"));
  }

  @Test
  void rowsOfASessionThatWasForkedAreNotSentAgain() {
    pi.header(5_000);
    pi.user(1_000, "Of the parent");
    pi.message(1_020, answer(1_010, "Old.", "stop", ""));
    simpleTurn(6_000, "In the fork");
    assertEquals(List.of("In the fork"), inputs());
  }

  @Test
  void aFileThatIsReadAgainFromItsStartTellsNothingTwice() {
    pi.header(0);
    simpleTurn(1_000, "One");
    rig.restarted(pi.file);
    simpleTurn(2_000, "Two");
    assertEquals(List.of("One", "Two"), inputs());
  }

  @Test
  void messagesThatComeWhileATurnRunsBelongToIt() {
    pi.header(0);
    pi.prompt(1_000, "Count");
    pi.user(1_000, "Count");
    pi.message(1_020, answer(1_010, "One.", "stop", ""));
    pi.user(1_030, "And on");
    pi.message(1_060, answer(1_050, "Two.", "stop", ""));
    rig.look(Rig.PATIENT);
    pi.tell("activity", 1_000, record("said", 1_030, ",\"m\":" + (T0 + 1_030)));
    rig.look(Rig.PATIENT);
    assertEquals(List.of(), told());
    pi.settled(1_000, 1_070);
    Trace turn = told().getFirst();
    assertEquals("Two.", text(turn.root().output()));
    assertEquals(2, all(turn, Generation.class).size());
    assertEquals("And on", text(all(turn, Note.class).getFirst().input()));
  }

  @Test
  void whatWasSaidInARunThatIsNotTracedBelongsToNoOtherTurn() {
    pi.header(0);
    pi.prompt(1_000, "Killed");
    pi.user(1_000, "Killed");
    pi.message(1_020, answer(1_010, "Wait.", "toolUse", call("c1", "bash", "{}")));
    pi.message(1_040, result(1_040, "c1", "ok", false, ""));
    pi.user(5_000, "Private");
    pi.message(5_020, answer(5_010, "Hidden.", "stop", ""));
    rig.look(Rig.PATIENT);
    assertEquals(List.of(), told());
    simpleTurn(9_000, "Open again");
    rig.look(Rig.GONE);
    // the session room knows which of them was declined: each has a key of its own
    assertEquals(List.of("Killed", "Private", "Open again"), inputs());
    assertFalse(told().getFirst().observations().toString().contains("Private"));
    assertEquals(Level.WARNING, told().getFirst().root().frame().level());
  }

  @Test
  void workBetweenTurnsMakesTracesOfItsOwn() {
    pi.header(0);
    simpleTurn(1_000, "One");
    pi.row(
        2_000,
        "{\"type\":\"compaction\",\"summary\":\"All.\",\"tokensBefore\":9,\"usage\":{\"input\":7,\"output\":2,\"cost\":{\"total\":0.25}}}");
    pi.message(
        3_000,
        "{\"role\":\"bashExecution\",\"command\":\"ls\",\"output\":\"a\",\"exitCode\":2,\"timestamp\":%d}"
            .formatted(T0 + 2_900));
    pi.message(
        3_100,
        "{\"role\":\"bashExecution\",\"command\":\"secret\",\"output\":\"a\",\"excludeFromContext\":true,\"timestamp\":%d}"
            .formatted(T0 + 3_050));
    pi.row(
        4_000,
        "{\"type\":\"usage\",\"kind\":\"cache_warm\",\"model\":\"m\",\"usage\":{\"input\":1,\"output\":0}}");
    rig.look(Rig.PATIENT);
    assertEquals(List.of("One", "compaction", "!ls", "cache warm"), inputs());
    Generation compaction = all(told().get(1), Generation.class).getFirst();
    assertEquals(7, compaction.usage().of(Bucket.INPUT));
    assertEquals(0.25, compaction.costUsd().doubleValue());
    assertEquals(Level.ERROR, all(told().get(2), ToolCall.class).getFirst().frame().level());
  }

  @Test
  void anAbortedTurnIsAWarningAndSoIsWhatItCut() {
    pi.header(0);
    pi.prompt(1_000, "Go");
    pi.user(1_000, "Go");
    pi.message(1_020, answer(1_010, "Wait.", "toolUse", call("c1", "bash", "{}")));
    pi.message(1_040, result(1_040, "c1", "Command aborted", true, ""));
    pi.message(1_060, answer(1_050, "", "aborted", ""));
    pi.settled(1_000, 1_070);
    Trace turn = told().getFirst();
    assertEquals(Level.WARNING, turn.root().frame().level());
    assertEquals("Wait.", text(turn.root().output()));
    assertEquals(Level.WARNING, all(turn, ToolCall.class).getFirst().frame().level());
  }

  @Test
  void aSessionThatEndsWithinATurnInterruptsIt() {
    pi.header(0);
    pi.prompt(1_000, "Go");
    pi.user(1_000, "Go");
    pi.message(1_020, answer(1_010, "", "toolUse", call("c1", "bash", "{}")));
    pi.tell("activity", 1_000, record("tool", 1_021, ",\"id\":\"c1\",\"name\":\"bash\""));
    pi.end(1_500);
    assertEquals(List.of(), told(), "what was announced may still come");
    rig.look(Rig.PATIENT);
    Trace turn = told().getFirst();
    assertEquals(Level.WARNING, turn.root().frame().level());
    ToolCall tool = all(turn, ToolCall.class).getFirst();
    assertEquals(Level.WARNING, tool.frame().level());
    assertEquals(T0 + 1_021, tool.frame().start().toEpochMilli());
  }

  @Test
  void aPromptThatNoFileEverHeldIsAnInterruptedTurn() {
    pi.prompt(1_000, "Go");
    pi.tell("activity", 1_000, record("request", 1_005, ",\"model\":\"claude-sonnet-4.5\""));
    rig.look(Rig.PATIENT);
    assertEquals(List.of(), told());
    rig.look(Rig.GONE);
    assertEquals(List.of("Go"), inputs());
    assertEquals(Level.WARNING, told().getFirst().root().frame().level());
    Generation call = all(told().getFirst(), Generation.class).getFirst();
    assertEquals("claude-sonnet-4-5", call.model());
    assertEquals(0, call.usage().total());
    assertTrue(rig.rests());
  }

  @Test
  void whatIsToldOfATurnThatWentOutIsLateAndChangesNothing() {
    pi.header(0);
    simpleTurn(1_000, "One");
    pi.tell("activity", 1_000, record("toolend", 1_015, ",\"id\":\"c9\""));
    rig.look(Rig.GONE);
    assertEquals(List.of("One"), inputs());
    assertTrue(rig.rests());
  }

  @Test
  void anHourOfCacheIsPricedApart() {
    pi.header(0);
    pi.prompt(1_000, "Go");
    pi.user(1_000, "Go");
    pi.message(
        1_020,
        answer(1_010, "Done.", "stop", "")
            .replace("\"cacheWrite\":0", "\"cacheWrite\":30,\"cacheWrite1h\":20,\"reasoning\":2"));
    pi.settled(1_000, 1_030);
    var usage = all(told().getFirst(), Generation.class).getFirst().usage();
    assertEquals(20, usage.of(Bucket.INPUT_CACHE_CREATION_1H));
    assertEquals(10, usage.of(Bucket.INPUT_CACHE_CREATION_5M));
    assertEquals(0, usage.of(Bucket.INPUT_CACHE_CREATION));
    assertEquals(3, usage.of(Bucket.OUTPUT));
    assertEquals(2, usage.of(Bucket.OUTPUT_REASONING));
  }

  @Test
  void callsThatAToolsCodeMadeLieBelowIt() {
    pi.header(0);
    pi.prompt(1_000, "Go");
    pi.user(1_000, "Go");
    pi.message(1_020, answer(1_010, "", "toolUse", call("c1", "code", "{}")));
    pi.tell(
        "activity",
        1_000,
        record("tool", 1_025, ",\"id\":\"c1/1\",\"name\":\"read\",\"parent\":\"c1\""),
        record("toolend", 1_030, ",\"id\":\"c1/1\",\"parent\":\"c1\",\"ms\":4"));
    pi.message(
        1_040,
        result(
            1_040,
            "c1",
            "ok",
            false,
            ",\"usage\":{\"input\":3,\"output\":1},\"nestedCalls\":{\"complete\":true,\"calls\":[{\"id\":\"c1/1\",\"name\":\"read\",\"arguments\":{\"path\":\"a\"},\"status\":\"error\",\"error\":\"no"
                + " file\"}]}"));
    pi.message(1_060, answer(1_050, "Done.", "stop", ""));
    pi.settled(1_000, 1_070);
    Trace turn = told().getFirst();
    ToolCall outer = all(turn, ToolCall.class).getFirst();
    List<Observation> below = turn.below(outer.frame().id());
    assertEquals(2, below.size());
    ToolCall inner = (ToolCall) below.get(1);
    assertEquals("read", inner.frame().name());
    assertEquals(Level.ERROR, inner.frame().level());
    assertEquals(T0 + 1_029, inner.frame().end().toEpochMilli());
    assertEquals(3, ((Generation) below.get(0)).usage().of(Bucket.INPUT));
  }

  private Script turnWithTwoCalls() {
    pi.header(0);
    pi.prompt(1_000, "Delegate");
    pi.user(1_000, "Delegate");
    String calls =
        call("c1", "subagent", "{\"agent\":\"reader\",\"task\":\"read the file\"}")
            + ","
            + call("c2", "subagent", "{\"agent\":\"writer\",\"task\":\"write the file\"}");
    pi.message(1_020, answer(1_010, "", "toolUse", calls));
    pi.tell(
        "activity",
        1_000,
        record("tool", 1_021, ",\"id\":\"c1\",\"name\":\"subagent\""),
        record("tool", 1_022, ",\"id\":\"c2\",\"name\":\"subagent\""));
    Script child = Script.launched(rig, CHILD, SESSION);
    child.prompt(1_100, "Task: write the file");
    return child;
  }

  private void finishParent() {
    pi.tell(
        "activity",
        1_000,
        record("toolend", 1_300, ",\"id\":\"c1\""),
        record("toolend", 1_300, ",\"id\":\"c2\""));
    pi.message(1_310, result(1_300, "c1", "r", false, ""));
    pi.message(1_310, result(1_300, "c2", "w", false, ""));
    pi.message(1_400, answer(1_350, "Done.", "stop", ""));
    pi.settled(1_000, 1_410);
  }

  @Test
  void ofCallsThatRunTogetherTheOneThatSpeaksOfThePromptLaunchedIt() {
    Script child = turnWithTwoCalls();
    child.push(1_100, 1_200, answer(1_150, "Written.", "stop", ""));
    child.settled(1_100, 1_210);
    child.end(1_211);
    finishParent();
    Trace turn = told().getFirst();
    AgentSpan agent =
        all(turn, AgentSpan.class).stream()
            .filter(a -> a.frame().parent() != null)
            .findFirst()
            .orElseThrow();
    ToolCall launcher =
        all(turn, ToolCall.class).stream()
            .filter(t -> t.callId().equals("c2"))
            .findFirst()
            .orElseThrow();
    assertEquals(launcher.frame().id(), agent.frame().parent());
    assertEquals("writer", agent.frame().name());
    assertEquals("Written.", text(agent.output()));
    assertEquals(1, turn.below(agent.frame().id()).size());
    assertTrue(rig.rests());
  }

  @Test
  void aSubAgentThatWorksOnComesLater() {
    Script child = turnWithTwoCalls();
    finishParent();
    assertEquals(List.of(), told(), "its last words may be on their way");
    rig.look(Rig.PATIENT);
    Trace turn = told().getFirst();
    assertEquals(1, all(turn, AgentSpan.class).size());
    assertTrue(rig.open());
    child.push(1_100, 9_000, answer(8_000, "Written.", "stop", ""));
    child.settled(1_100, 9_010);
    assertEquals(2, all(turn, AgentSpan.class).size());
    assertEquals(1, told().size());
    assertTrue(rig.rests());
  }

  @Test
  void aSubAgentOfATurnNobodyKnowsMakesATraceOfItsOwn() {
    Script child = Script.launched(rig, CHILD, SESSION);
    child.prompt(1_100, "Alone");
    child.push(1_100, 1_200, answer(1_150, "Done.", "stop", ""));
    child.settled(1_100, 1_210);
    assertEquals(List.of(), told());
    rig.look(Rig.PATIENT);
    assertEquals(List.of("Alone"), inputs());
    assertNull(told().getFirst().root().frame().parent());
    assertTrue(rig.rests());
  }

  @Test
  void aGapInWhatWasPushedIsWaitedFor() {
    Script alone = new Script(rig, SESSION, "", true);
    alone.prompt(1_000, "No file");
    String lost =
        alone.body(
            "activity",
            1_000,
            3,
            record("message", 1_020, ",\"message\":" + answer(1_010, "Found.", "stop", "")));
    rig.deliver(alone.body("settled", 1_000, 4, record("settled", 1_030, "")));
    rig.look(Rig.PATIENT);
    rig.look(Rig.GONE);
    assertEquals(List.of(), told());
    rig.deliver(lost);
    assertEquals(List.of("No file"), inputs());
    assertEquals("Found.", text(told().getFirst().root().output()));
  }

  @Test
  void aGapThatNothingFillsIsGivenUp() {
    Script alone = new Script(rig, SESSION, "", true);
    alone.prompt(1_000, "No file");
    rig.deliver(alone.body("settled", 1_000, 9, record("settled", 1_030, "")));
    rig.look(Rig.IDLE);
    assertEquals(List.of("No file"), inputs());
  }

  @Test
  void steeringOfASessionWithoutAFileIsNoTurn() {
    Script alone = new Script(rig, SESSION, "", true);
    alone.prompt(1_000, "Go");
    alone.push(1_000, 1_020, answer(1_010, "One.", "toolUse", call("c1", "bash", "{}")));
    alone.push(1_000, 1_030, userMessage(1_030, "Stop it"));
    alone.push(1_000, 1_050, answer(1_040, "Stopped.", "stop", ""));
    alone.settled(1_000, 1_060);
    assertEquals(List.of("Go"), inputs());
    assertEquals(1, all(told().getFirst(), Note.class).size());
  }

  @Test
  void oddRowsAreCountedAndStopNothing() {
    pi.header(0);
    pi.prompt(1_000, "Go");
    pi.row(1_000, "{\"type\":\"marvel\"}");
    pi.row(1_000, "{\"type\":\"message\",\"message\":{\"role\":\"oracle\"}}");
    pi.user(1_000, "Go");
    pi.message(1_020, answer(1_010, "Done.", "stop", ""));
    pi.settled(1_000, 1_030);
    assertEquals(List.of("Go"), inputs());
    assertEquals(1, rig.counters().get("line.unknown.marvel"));
    assertEquals(1, rig.counters().get("line.unknown.message.oracle"));
  }
}
