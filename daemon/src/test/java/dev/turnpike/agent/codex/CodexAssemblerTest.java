package dev.turnpike.agent.codex;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.model.Level;
import dev.turnpike.model.Observation;
import dev.turnpike.model.Observation.Generation;
import dev.turnpike.model.Observation.Note;
import dev.turnpike.model.TurnKey;
import dev.turnpike.model.Usage.Bucket;
import dev.turnpike.testing.Told.Trace;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What recordings do not show: turns and model calls. */
class CodexAssemblerTest extends Played {
  // ---- when a turn is over

  @Test
  void stopDoesNotEndATurn() {
    started();
    main.meta("").begin(1, T1, "").prompt(1.1, T1, "Go").says(2, "First").tokens(2, T1, "r1", 5, 1);
    stopped(T1);
    assertEquals(0, told().size());
    assertTrue(rig.open());
    rig.look(Rig.PATIENT);
    assertEquals(0, told().size(), "another Stop hook may make it go on");
    main.says(3, "Second").tokens(3, T1, "r2", 6, 1).complete(3.5, T1, "Second");
    rig.look(Rig.EARLY);
    assertEquals(1, told().size());
    assertEquals("Second", output(told().getFirst()));
    assertTrue(rig.rests());
  }

  @Test
  void turnWithoutAnEndIsClosedByTheNext() {
    started();
    main.meta("").begin(1, T1, "").prompt(1.1, T1, "Go").calls(2, "c1", "exec_command", "{}");
    main.row(90, "world_state", "{}").turn(100 - 50, T2, "Again", "Done");
    stopped(T2);
    assertEquals(2, told().size());
    Observation root = told().getFirst().root();
    assertEquals(Level.WARNING, root.frame().level());
    assertEquals("no end recorded", root.frame().statusMessage());
    assertEquals(Instant.parse(Script.at(2)), root.frame().end());
    assertEquals(Level.WARNING, tool(told().getFirst(), "c1").frame().level());
    assertEquals(Level.DEFAULT, told().getLast().root().frame().level());
  }

  @Test
  void sessionsEndClosesWhatBeganBefore() {
    started();
    main.meta("").begin(1, T1, "").prompt(1.1, T1, "Go").says(2, "Half an answer");
    hook("SessionEnd", ",'reason':'other'");
    assertEquals(0, told().size());
    rig.look(Rig.PATIENT);
    assertEquals(1, told().size());
    assertEquals("Half an answer", output(told().getFirst()));
    assertEquals(Level.WARNING, told().getFirst().root().frame().level());
  }

  @Test
  void endOfAnEarlierProcessIsNotTheEnd() {
    started();
    main.meta("").turn(1, T1, "One", "1");
    stopped(T1);
    hook("SessionEnd", ",'reason':'other'");
    hook("SessionStart", ",'source':'resume'");
    main.begin(5, T2, "").prompt(5.1, T2, "Two");
    rig.look(Rig.PATIENT);
    assertEquals(1, told().size());
    assertTrue(rig.open());
  }

  @Test
  void interruptedTurnKeepsWhatWasSaid() {
    started();
    main.meta("")
        .begin(1, T1, "")
        .prompt(1.1, T1, "Go")
        .says(2, "Starting")
        .tokens(2, T1, "r", 5, 1);
    main.event(3, "{'type':'turn_aborted','turn_id':'turn-1','reason':'interrupted'}");
    hook("Interrupt", ",'turn_id':'turn-1'");
    assertEquals("Starting", output(told().getFirst()));
    assertEquals("interrupted", told().getFirst().root().frame().statusMessage());
  }

  // ---- where tracing begins

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void historyBeforeFirstContactStaysHome(boolean restarts) {
    rig = new Rig(restarts);
    main.meta("").turn(1, T1, "Old", "secret").begin(10, T2, "").prompt(10.1, T2, "New");
    hook("SessionStart", ",'source':'resume'");
    assertEquals(0, told().size());
    hook("UserPromptSubmit", ",'turn_id':'turn-2'");
    main.says(11, "Fine").tokens(11, T2, "r2", 5, 1).complete(12, T2, "Fine");
    stopped(T2);
    assertEquals(1, told().size());
    assertEquals(new TurnKey(T2), told().getFirst().key());
    assertEquals(1, rig.counters().get("skipped.before_first_contact"));
  }

  @Test
  void sessionsEndAloneSendsNothing() {
    main.meta("").turn(1, T1, "Old", "secret");
    hook("SessionEnd", ",'reason':'other'");
    rig.look(Rig.PATIENT);
    rig.look(Rig.IDLE);
    assertEquals(0, told().size());
    assertTrue(rig.rests());
  }

  @Test
  void rewrittenFileRepeatsNothing() {
    started();
    main.meta("").turn(1, T1, "One", "1");
    stopped(T1);
    rig.restarted(main.file);
    main.turn(5, T2, "Two", "2");
    stopped(T2);
    assertEquals(2, told().size());
    assertEquals(1, rig.counters().get("skipped.already_told"));
  }

  @Test
  void copiesInAForkAreNotToldAgain() {
    rig.exported(new TurnKey(T1));
    main.meta(",'forked_from_id':'x'").turn(1, T1, "Copied", "1").turn(5, T2, "New", "2");
    hook("SessionStart", ",'source':'fork'");
    stopped(T2);
    assertEquals(1, told().size());
    assertEquals(new TurnKey(T2), told().getFirst().key());
  }

  // ---- model calls

  @Test
  void recordsCountAndRepetitionsDoNot() {
    started();
    main.meta("").begin(1, T1, "").prompt(1.1, T1, "Go").says(2, "A").tokens(2, T1, "r1", 10, 2);
    main.tokens(2, T1, "r1", 10, 2).count(2.1, 12, 12).count(2.2, 12, 12).complete(3, T1, "A");
    stopped(T1);
    List<Generation> calls = generations(told().getFirst());
    assertEquals(1, calls.size());
    assertEquals(12, calls.getFirst().usage().total());
  }

  @Test
  void withoutRecordsOnlyAChangedTotalCounts() {
    started();
    main.meta("").begin(1, T1, "").prompt(1.1, T1, "Go").count(1.2, 0, 0);
    main.calls(2, "c1", "exec_command", "{}").answers(3, "c1", "ok").count(3, 20, 20);
    main.count(3.1, 20, 20).says(4, "Done").count(4, 20, 20).count(4.1, 50, 30);
    main.complete(5, T1, "Done");
    stopped(T1);
    List<Generation> calls = generations(told().getFirst());
    assertEquals(List.of(20L, 30L), calls.stream().map(g -> g.usage().total()).toList());
    assertEquals(Instant.parse(Script.at(2)), calls.getFirst().frame().end());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void totalThatBeginsAnewStillCounts(boolean restarts) {
    rig = new Rig(restarts);
    started();
    main.meta("").begin(1, T1, "").prompt(1.1, T1, "One").says(2, "1").count(2, 20, 20);
    main.complete(3, T1, "1");
    stopped(T1);
    main.begin(5, T2, "").prompt(5.1, T2, "Two").says(6, "2").count(6, 15, 15);
    hook("PostToolUse", ",'turn_id':'turn-2'");
    main.complete(7, T2, "2");
    stopped(T2);
    assertEquals(15, generations(told().getLast()).getFirst().usage().total());
  }

  @Test
  void cachedTokensAndReasoningAreCountedOnce() {
    started();
    main.meta("").begin(1, T1, "").prompt(1.1, T1, "Go").says(2, "A");
    main.row(
        2,
        "token_usage_record",
        "{'turn_id':'turn-1','response_id':'r','usage':{'input_tokens':100,'cached_input_tokens':60,'cache_write_input_tokens':10,'output_tokens':50,'reasoning_output_tokens':20,'total_tokens':150}}");
    main.complete(3, T1, "A");
    stopped(T1);
    var usage = generations(told().getFirst()).getFirst().usage();
    assertEquals(30, usage.of(Bucket.INPUT));
    assertEquals(60, usage.of(Bucket.INPUT_CACHED));
    assertEquals(10, usage.of(Bucket.INPUT_CACHE_CREATION));
    assertEquals(30, usage.of(Bucket.OUTPUT));
    assertEquals(20, usage.of(Bucket.OUTPUT_REASONING));
    assertEquals(150, usage.total());
  }

  @Test
  void smallModelsAreBilledForReasoningAsOutput() {
    started();
    main.meta("").begin(1, T1, "").row(1, "turn_context", "{'model':'gpt-5.4-mini'}");
    main.prompt(1.1, T1, "Go").says(2, "A");
    main.row(
        2,
        "token_usage_record",
        "{'turn_id':'turn-1','response_id':'r','usage':{'input_tokens':1,'output_tokens':50,'reasoning_output_tokens':20}}");
    main.complete(3, T1, "A");
    stopped(T1);
    Generation call = generations(told().getFirst()).getFirst();
    assertEquals(50, call.usage().of(Bucket.OUTPUT));
    assertEquals("20", call.frame().metadata().get("reasoning_tokens"));
  }

  @Test
  void whatIsSaidMeanwhileIsNoted() {
    started();
    main.meta("").begin(1, T1, "").prompt(1.1, T1, "Go").calls(2, "c1", "exec_command", "{}");
    main.tokens(2, T1, "r1", 1, 1).answers(3, "c1", "ok").prompt(3.5, T1, "Hurry");
    main.says(4, "Done").tokens(4, T1, "r2", 1, 1).complete(5, T1, "Done");
    stopped(T1);
    Trace trace = told().getFirst();
    assertEquals("Go", text(trace.root().input()));
    assertTrue(
        trace.observations().stream()
            .anyMatch(o -> o instanceof Note note && text(note.input()).equals("Hurry")));
    assertTrue(generations(trace).getLast().input().toString().contains("Hurry"));
  }

  // ---- bad input

  @Test
  void whatIsNoRowIsCounted() {
    started();
    main.meta("").raw("nonsense").raw("{}").row(1, "new_kind", "{}").begin(1, T1, "");
    main.prompt(1.1, T1, "Go")
        .item(1.2, T1, "{'type':'NewItem','id':'x'}")
        .event(2, "{'type':'novel'}");
    main.response(2, "{'type':'strange'}").says(3, "A").tokens(3, T1, "r", 1, 1);
    main.complete(4, T1, "A");
    stopped(T1);
    assertEquals(1, told().size());
    assertEquals(2, rig.counters().remove("line.unreadable"));
    assertEquals(1, rig.counters().remove("line.unknown.new_kind"));
    assertEquals(1, rig.counters().remove("line.unknown.item.NewItem"));
    assertEquals(1, rig.counters().remove("line.unknown.item.strange"));
    assertEquals(1, rig.counters().remove("line.unknown.event.novel"));
    assertTrue(rig.counters().isEmpty(), rig.counters()::toString);
  }
}
