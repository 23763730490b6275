package dev.turnpike.agent.opencode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.agent.Circumstances;
import dev.turnpike.agent.Finished;
import dev.turnpike.agent.Finished.ClosedTurn;
import dev.turnpike.agent.Finished.Skipped;
import dev.turnpike.agent.Interpretation.Malformed;
import dev.turnpike.model.Level;
import dev.turnpike.model.Observation;
import dev.turnpike.testing.Contents;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OpenCodeAssemblerTest {
  private static final String ROOT = "ses_root";

  private final Rig rig = new Rig();
  private int batches;
  private int events;
  private long now = 1_795_000_000_000L;

  @Test
  void idleClosesATurnWhoseCallsAreDone() {
    tell(user("msg_1"), prompt("msg_1", "hello"));
    tell(call("msg_2", "msg_1", 0), text("msg_2", "hi"));
    assertTrue(rig.told().pieces().isEmpty());
    assertTrue(rig.open());
    tell(call("msg_2", "msg_1", now), idle());
    assertEquals(
        "hi",
        Contents.text(
            closed(0).observations().getLast() instanceof Observation.AgentSpan root
                ? root.output()
                : null));
    assertEquals(1, rig.told().pieces().size());
    assertEquals(0, rig.needed());
  }

  @Test
  void whatAnAbortTellsAfterIdleIsWaitedForUntilPatienceEnds() {
    tell(user("msg_1"), prompt("msg_1", "hello"), call("msg_2", "msg_1", 0), idle());
    assertTrue(rig.told().pieces().isEmpty());
    assertTrue(rig.awaitsRows());
    rig.look(Rig.PATIENT);
    assertEquals(Level.WARNING, root(closed(0)).frame().level());
    tell(text("msg_2", "late"), call("msg_2", "msg_1", now), idle());
    rig.look(Rig.GONE);
    assertEquals(1, rig.told().pieces().size());
    assertFalse(rig.open());
  }

  @Test
  void aMissingBatchIsWaitedFor() {
    String first = batch(user("msg_1"), prompt("msg_1", "hello"));
    String second = batch(call("msg_2", "msg_1", now), text("msg_2", "hi"));
    String third = batch(idle());
    rig.deliver(first);
    rig.deliver(third);
    assertTrue(rig.told().pieces().isEmpty());
    rig.deliver(second);
    assertEquals(1, rig.told().pieces().size());
    assertEquals(2, closed(0).observations().size());
  }

  @Test
  void whatTheSpoolMayHoldIsAskedForBeforeATurnIsToldWithoutIt() {
    String first = batch(user("msg_1"), prompt("msg_1", "hello"));
    String second = batch(call("msg_2", "msg_1", now), text("msg_2", "hi"));
    rig.deliver(first);
    rig.deliver(batch(idle()));
    rig.look(new Circumstances(true, false, false, true, false));
    assertTrue(rig.told().pieces().isEmpty());
    assertTrue(rig.first().awaitingSpool());
    rig.deliver(second);
    rig.look(Rig.HEARD);
    assertEquals(2, closed(0).observations().size());
  }

  @Test
  void anAnswerWhosePromptLiesInTheSpoolWaitsForIt() {
    String first = batch(user("msg_1"), prompt("msg_1", "hello"));
    rig.deliver(batch(call("msg_2", "msg_1", now), text("msg_2", "hi"), idle()));
    rig.look(new Circumstances(true, false, false, true, false));
    assertTrue(rig.told().pieces().isEmpty());
    assertTrue(rig.first().awaitingSpool());
    assertTrue(rig.open());
    rig.deliver(first);
    rig.look(Rig.HEARD);
    assertEquals(2, closed(0).observations().size());
  }

  @Test
  void anAnswerWhosePromptIsNowhereIsLetGo() {
    batch(user("msg_1"), prompt("msg_1", "hello"));
    rig.deliver(batch(call("msg_2", "msg_1", now), text("msg_2", "hi"), idle()));
    rig.look(Rig.HEARD);
    assertTrue(rig.told().pieces().isEmpty());
    assertFalse(rig.open());
    assertEquals(0, rig.needed());
  }

  @Test
  void aPromptWithoutAnyAnswerIsNoTurnUnlessItWasKilled() {
    tell(user("msg_1"), prompt("msg_1", "for the record"), idle());
    assertInstanceOf(Skipped.class, rig.told().pieces().getFirst().finished());
    tell(user("msg_3"), prompt("msg_3", "and now"));
    rig.look(Rig.GONE);
    assertEquals(Level.WARNING, root(closed(1)).frame().level());
  }

  @Test
  void anErrorBeforeAnyCallFailsTheTurn() {
    tell(
        user("msg_1"),
        prompt("msg_1", "hello"),
        event(
            "session.error",
            "\"error\":{\"name\":\"ProviderModelNotFoundError\",\"data\":{\"message\":\"no such"
                + " model\"}}"),
        idle());
    assertEquals(Level.ERROR, root(closed(0)).frame().level());
    assertEquals(
        "ProviderModelNotFoundError: no such model", root(closed(0)).frame().statusMessage());
  }

  @Test
  void aTurnThatIsQuietForTooLongIsInterrupted() {
    tell(user("msg_1"), prompt("msg_1", "hello"), call("msg_2", "msg_1", 0));
    rig.look(Rig.IDLE);
    assertEquals("interrupted", root(closed(0)).frame().metadata().get("outcome"));
  }

  @Test
  void aPromptOfAnotherProcessEndsATurnWhenNothingOfItIsInTheSpool() {
    tell(user("msg_1"), prompt("msg_1", "hello"), call("msg_2", "msg_1", 0));
    String last = batch(call("msg_2", "msg_1", now), idle());
    String others = other(user("msg_3"), prompt("msg_3", "again"));
    rig.deliver(others);
    assertTrue(rig.told().pieces().isEmpty());
    assertTrue(rig.first().awaitingSpool());
    rig.deliver(last);
    rig.look(Rig.HEARD);
    assertEquals(Level.DEFAULT, root(closed(0)).frame().level());
    assertFalse(rig.first().awaitingSpool());
  }

  @Test
  void aTurnThatAnotherProcessFollowsIsInterruptedIfTheSpoolHoldsNothingOfIt() {
    tell(user("msg_1"), prompt("msg_1", "hello"), call("msg_2", "msg_1", 0));
    rig.deliver(
        other(user("msg_3"), prompt("msg_3", "again"), call("msg_4", "msg_3", now), idle()));
    assertTrue(rig.told().pieces().isEmpty(), "that idle is not its own");
    rig.look(Rig.PATIENT);
    assertEquals(Level.WARNING, root(closed(0)).frame().level());
    assertEquals(Level.DEFAULT, root(closed(1)).frame().level());
  }

  @Test
  void anOldMessageOfAResumedSessionIsNoTurnAndNeedsNothing() {
    tell(user("msg_0"));
    assertEquals(1, rig.needed());
    tell(idle());
    assertEquals(0, rig.needed());
    assertFalse(rig.open());
    assertTrue(rig.told().pieces().isEmpty());
  }

  @Test
  void aTurnThatWasToldIsNotToldAgainAfterARestart() {
    String first = batch(user("msg_1"), prompt("msg_1", "hello"), call("msg_2", "msg_1", now));
    rig.deliver(first);
    tell(idle());
    rig.restart();
    rig.deliver(first);
    tell(idle());
    rig.look(Rig.GONE);
    assertEquals(1, rig.told().traces().size());
  }

  @Test
  void turnsAreNumberedThroughARestart() {
    tell(user("msg_1"), prompt("msg_1", "a"), call("msg_2", "msg_1", now), idle());
    rig.restart();
    tell(user("msg_3"), prompt("msg_3", "b"), call("msg_4", "msg_3", now), idle());
    assertEquals(2, closed(1).facts().number());
  }

  @Test
  void whatIsNotUnderstoodIsCounted() {
    assertInstanceOf(Malformed.class, rig.interpret("not json\n"));
    assertInstanceOf(Malformed.class, rig.interpret("{\"v\":1}\n"));
    rig.deliver(
        Recording.batch(
            ROOT,
            Path.of("run"),
            ++batches,
            null,
            List.of(event("something.new", "\"x\":1"), "{\"event\":{", "{}")));
    assertEquals(
        Map.of("line.unknown.something.new", 1, "line.malformed", 1, "line.unknown.no_event", 1),
        rig.counters());
  }

  private ClosedTurn closed(int index) {
    Finished finished = rig.told().pieces().get(index).finished();
    return assertInstanceOf(ClosedTurn.class, finished);
  }

  private static Observation root(ClosedTurn turn) {
    return turn.observations().stream()
        .filter(o -> o.frame().parent() == null)
        .findFirst()
        .orElseThrow();
  }

  private void tell(String... lines) {
    rig.deliver(batch(lines));
  }

  /** As another process tells it. */
  private String other(String... lines) {
    return Recording.batch(ROOT, Path.of("another"), 1, null, List.of(lines));
  }

  private String batch(String... lines) {
    return Recording.batch(ROOT, Path.of("run"), ++batches, null, List.of(lines));
  }

  private String event(String type, String properties) {
    now += 10;
    return "{\"t\":%d,\"event\":{\"id\":\"evt_%06d\",\"type\":\"%s\",\"properties\":{\"sessionID\":\"%s\",%s}}}"
        .formatted(now, ++events, type, ROOT, properties);
  }

  private String user(String id) {
    return event(
        "message.updated",
        "\"info\":{\"id\":\"%s\",\"role\":\"user\",\"agent\":\"build\",\"time\":{\"created\":%d}}"
            .formatted(id, now));
  }

  private String prompt(String message, String text) {
    return event(
        "message.part.updated",
        "\"part\":{\"id\":\"prt_%s\",\"messageID\":\"%s\",\"type\":\"text\",\"text\":\"%s\"},\"time\":%d"
            .formatted(message, message, text, now));
  }

  private String call(String id, String parent, long completed) {
    return event(
        "message.updated",
        "\"info\":{\"id\":\"%s\",\"role\":\"assistant\",\"parentID\":\"%s\",\"agent\":\"build\",\"modelID\":\"stub-1\",\"time\":{\"created\":%d%s}}"
            .formatted(
                id,
                parent,
                1_795_000_000_000L,
                completed == 0 ? "" : ",\"completed\":" + completed));
  }

  private String text(String message, String text) {
    return prompt(message, text);
  }

  private String idle() {
    return event("session.idle", "\"x\":0");
  }
}
