package dev.turnpike.agent.gemini;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.model.Content;
import dev.turnpike.model.Level;
import dev.turnpike.model.Observation;
import dev.turnpike.model.Observation.AgentSpan;
import dev.turnpike.model.Observation.Generation;
import dev.turnpike.model.Observation.ToolCall;
import dev.turnpike.model.Usage.Bucket;
import dev.turnpike.testing.Told.Trace;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What recordings do not show. */
class GeminiAssemblerTest {
  private static final Path FILE = Path.of("/home/dev/.gemini/tmp/shop/chats/session-1.jsonl");
  private static final String SESSION = "11111111-2222-4333-8444-555555555555";

  private final Rig rig = new Rig(false);
  private final StringBuilder rows = new StringBuilder();

  private static String at(int second) {
    return "2026-11-20T13:00:%02d.000Z".formatted(second);
  }

  private void hook(String event, int second, String more) {
    rig.deliver(
        "{\"session_id\":\"%s\",\"transcript_path\":\"%s\",\"cwd\":\"/home/dev/shop\",\"hook_event_name\":\"%s\",\"timestamp\":\"%s\"%s}"
            .formatted(SESSION, FILE, event, at(second), more));
  }

  private void start() {
    hook("SessionStart", 0, ",\"source\":\"startup\"");
  }

  private void row(String row) {
    rows.append(row.strip()).append('\n');
    byte[] bytes = rows.toString().getBytes(StandardCharsets.UTF_8);
    rig.file(FILE, bytes, bytes.length);
  }

  private void header(int second) {
    row(
        "{\"sessionId\":\"%s\",\"startTime\":\"%s\",\"kind\":\"main\"}"
            .formatted(SESSION, at(second)));
  }

  private void prompt(String id, int second, String text) {
    row(
        "{\"id\":\"%s\",\"timestamp\":\"%s\",\"type\":\"user\",\"content\":[{\"text\":\"%s\"}]}"
            .formatted(id, at(second), text));
  }

  private void answer(String id, int second, String text, String more) {
    row(
        "{\"id\":\"%s\",\"timestamp\":\"%s\",\"type\":\"gemini\",\"content\":\"%s\",\"tokens\":{\"input\":10,\"output\":2,\"cached\":4,\"thoughts\":3,\"tool\":5,\"total\":20},\"model\":\"gemini-2.5-pro\"%s}"
            .formatted(id, at(second), text, more));
  }

  private static String call(String id, int second, String more) {
    return "{\"id\":\"%s\",\"name\":\"read_file\",\"args\":{},\"result\":[],\"status\":\"success\",\"timestamp\":\"%s\"%s}"
        .formatted(id, at(second), more);
  }

  private List<Trace> told() {
    return rig.traces();
  }

  private static Generation generation(Trace trace) {
    return trace.observations().stream()
        .filter(Generation.class::isInstance)
        .map(Generation.class::cast)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void bucketsDoNotOverlapAndToolTokensAreInput() {
    start();
    prompt("p1", 1, "Hello");
    answer("a1", 2, "Hi", "");
    hook("AfterAgent", 2, "");
    var usage = generation(told().getFirst()).usage();
    assertEquals(11, usage == null ? 0 : usage.of(Bucket.INPUT));
    assertEquals(4, usage == null ? 0 : usage.of(Bucket.INPUT_CACHED));
    assertEquals(20, usage == null ? 0 : usage.total());
  }

  @Test
  void nothingBeforeTheTurnThatIsSpokenOfGoesOut() {
    prompt("p1", 1, "Old");
    answer("a1", 2, "Old answer", "");
    prompt("p2", 5, "New");
    answer("a2", 6, "New answer", "");
    hook("AfterAgent", 6, "");
    assertEquals(1, told().size());
    assertEquals(Content.prompt("New"), told().getFirst().root().input());
    assertEquals(1, rig.counters().get("skipped.before_first_contact"));
  }

  @Test
  void aResumedSessionBeginsWithItsNewPrompt() {
    prompt("p1", 1, "Old");
    answer("a1", 2, "Old answer", "");
    header(10);
    hook("SessionStart", 10, ",\"source\":\"resume\"");
    hook("BeforeAgent", 11, ",\"prompt\":\"New\"");
    prompt("p2", 11, "New");
    answer("a2", 12, "New answer", "");
    hook("AfterAgent", 12, "");
    assertEquals(1, told().size());
    assertEquals(Content.prompt("New"), told().getFirst().root().input());
  }

  @Test
  void aRewrittenFileDoublesNothing() {
    start();
    prompt("p1", 1, "One");
    answer("a1", 2, "1", "");
    hook("AfterAgent", 2, "");
    prompt("p2", 3, "Two");
    answer("a2", 4, "2", "");
    hook("AfterAgent", 4, "");
    rig.restarted(FILE);
    rig.look(Rig.PATIENT);
    prompt("p3", 5, "Three");
    answer("a3", 6, "3", "");
    hook("AfterAgent", 6, "");
    assertEquals(3, told().size());
    assertEquals(2, rig.counters().get("skipped.already_told"));
  }

  @Test
  void aRowThatIsWrittenOnceMoreAfterItsTurnChangesNothing() {
    start();
    prompt("p1", 1, "One");
    answer("a1", 2, "1", "");
    hook("AfterAgent", 2, "");
    answer("a1", 2, "1", ",\"toolCalls\":[" + call("c1", 3, "") + "]");
    rig.look(Rig.GONE);
    assertEquals(1, told().size());
    assertEquals(1, rig.counters().get("line.late"));
    assertTrue(rig.rests());
  }

  @Test
  void tokensMayComeInALaterRowAndASyntheticAnswerIsNoModelCall() {
    start();
    prompt("p1", 1, "Look at the picture");
    row(
        "{\"id\":\"a1\",\"timestamp\":\"%s\",\"type\":\"gemini\",\"content\":\"I look.\",\"thoughts\":[],\"tokens\":null,\"model\":\"gemini-2.5-pro\"}"
            .formatted(at(2)));
    answer("a1", 2, "I look.", "");
    row(
        "{\"id\":\"s1\",\"timestamp\":\"%s\",\"type\":\"gemini\",\"content\":[{\"text\":\"Binary content received.\",\"thought\":true}],\"thoughts\":[],\"tokens\":null}"
            .formatted(at(3)));
    answer("a2", 4, "A cat.", "");
    hook("AfterAgent", 4, "");
    Trace trace = told().getFirst();
    assertEquals(2, trace.observations().stream().filter(Generation.class::isInstance).count());
    assertEquals(Content.answer("A cat."), trace.root().output());
  }

  @Test
  void whatIsNamedInAPromptIsForTheModelAndTheTraceShowsWhatWasTyped() {
    start();
    row(
        "{\"id\":\"p1\",\"timestamp\":\"%s\",\"type\":\"user\",\"content\":[{\"text\":\"Explain @a.txt\"},{\"text\":\"--- Content of a.txt ---\"}],\"displayContent\":[{\"text\":\"Explain @a.txt\"}]}"
            .formatted(at(1)));
    answer("a1", 2, "It is a.", "");
    hook("AfterAgent", 2, "");
    assertEquals(Content.prompt("Explain @a.txt"), told().getFirst().root().input());
    assertTrue(generation(told().getFirst()).input().toString().contains("Content of a.txt"));
  }

  @Test
  void compactingIsNoFailure() {
    start();
    prompt("p1", 1, "Long work");
    answer("a1", 2, "", ",\"toolCalls\":[" + call("c1", 3, "") + "]");
    row("{\"$set\":{\"messages\":[{\"id\":\"summary\"}],\"lastUpdated\":\"%s\"}}".formatted(at(4)));
    rig.look(Rig.PATIENT);
    answer("a2", 5, "Done", "");
    hook("AfterAgent", 5, "");
    assertEquals(Level.DEFAULT, told().getFirst().root().frame().level());
    assertEquals(Content.answer("Done"), told().getFirst().root().output());
  }

  @Test
  void goingBackClosesAndTakesNothingAway() {
    start();
    prompt("p1", 1, "One");
    answer("a1", 2, "1", "");
    row("{\"$rewindTo\":\"p1\"}");
    prompt("p2", 3, "Two");
    answer("a2", 4, "2", "");
    hook("AfterAgent", 4, "");
    assertEquals(2, told().size());
    assertTrue(rig.rests());
  }

  @Test
  void anEndOfTheSessionOnlyIsNoAnswer() {
    start();
    prompt("p1", 1, "Run it");
    answer("a1", 2, "I run it.", ""); // its tools are written when all have ended
    hook("SessionEnd", 9, ",\"reason\":\"exit\"");
    assertEquals(0, told().size());
    rig.look(Rig.PATIENT);
    assertEquals(Level.WARNING, told().getFirst().root().frame().level());
    assertEquals(Content.answer("I run it."), told().getFirst().root().output());
  }

  @Test
  void anAnnouncedEndWaitsForItsRows() {
    start();
    prompt("p1", 1, "Hello");
    hook("AfterAgent", 3, "");
    assertEquals(0, told().size());
    assertTrue(rig.open());
    answer("a1", 2, "Hi", "");
    rig.look(Rig.EARLY);
    assertEquals(Content.answer("Hi"), told().getFirst().root().output());
    assertTrue(rig.rests());
  }

  @Test
  void anEndWithoutAnyRowsIsWaitedForOnce() {
    start();
    hook("AfterAgent", 3, "");
    assertTrue(rig.awaitsRows());
    rig.look(Rig.PATIENT);
    assertTrue(rig.rests());
  }

  @Test
  void aKilledAgentLeavesAWarning() {
    start();
    prompt("p1", 1, "Hello");
    rig.look(Rig.PATIENT);
    assertEquals(0, told().size());
    rig.look(Rig.GONE);
    assertEquals(Level.WARNING, told().getFirst().root().frame().level());
    assertEquals("ended before its answer", told().getFirst().root().frame().statusMessage());
  }

  @Test
  void aSubAgentWithoutAFileIsStillThere() {
    start();
    prompt("p1", 1, "Delegate");
    answer("a1", 2, "", ",\"toolCalls\":[" + call("c1", 4, ",\"agentId\":\"gone-1\"") + "]");
    answer("a2", 5, "Done", "");
    hook("AfterAgent", 5, "");
    assertEquals(0, told().size());
    rig.look(Rig.PATIENT);
    assertEquals(1, rig.counters().get("subagent.file_missing"));
    assertTrue(told().getFirst().observations().stream().anyMatch(ToolCall.class::isInstance));
  }

  @Test
  void aSubAgentThatGaveUpIsAWarning() {
    start();
    prompt("p1", 1, "Delegate");
    Path file = FILE.resolveSibling(SESSION).resolve("agent-1.jsonl");
    byte[] bytes =
        "{\"sessionId\":\"agent-1\",\"startTime\":\"%s\",\"kind\":\"subagent\"}\n"
            .formatted(at(3))
            .getBytes(StandardCharsets.UTF_8);
    rig.file(file, bytes, bytes.length);
    answer(
        "a1",
        2,
        "",
        ",\"toolCalls\":[{\"id\":\"c1\",\"name\":\"invoke_agent\",\"args\":{\"agent_name\":\"helper\",\"prompt\":\"Help\"},\"result\":[],\"status\":\"success\",\"timestamp\":\"%s\",\"agentId\":\"agent-1\",\"resultDisplay\":{\"terminateReason\":\"MAX_TURNS\",\"result\":\"half\"}}]"
            .formatted(at(4)));
    answer("a2", 5, "Done", "");
    hook("AfterAgent", 5, "");
    Observation agent =
        told().getFirst().observations().stream()
            .filter(o -> o instanceof AgentSpan && o.frame().name().equals("helper"))
            .findFirst()
            .orElseThrow();
    assertEquals(Level.WARNING, agent.frame().level());
    assertEquals("MAX_TURNS", agent.frame().statusMessage());
    assertEquals(Content.prompt("Help"), agent.input());
    assertEquals(Content.answer("half"), agent.output());
  }

  @Test
  void namesThatLeadElsewhereAreNotFollowed() {
    start();
    prompt("p1", 1, "Delegate");
    answer(
        "a1", 2, "", ",\"toolCalls\":[" + call("c1", 4, ",\"agentId\":\"../../etc/passwd\"") + "]");
    rig.look(Rig.PATIENT);
    assertTrue(rig.counters().get("subagent.odd_id") > 0);
  }

  @Test
  void unknownAndUnreadableRowsAreCountedAndPassedOver() {
    start();
    prompt("p1", 1, "Hello");
    row("{\"id\":\"x\",\"timestamp\":\"%s\",\"type\":\"novelty\"}".formatted(at(1)));
    row("{\"half");
    row("{\"id\":\"y\",\"type\":\"user\",\"content\":\"no time\"}");
    answer("a1", 2, "Hi", "");
    hook("AfterAgent", 2, "");
    assertEquals(1, rig.counters().get("line.unknown.novelty"));
    assertEquals(2, rig.counters().get("line.unreadable"));
    assertEquals(1, told().size());
    assertNull(told().getFirst().root().frame().statusMessage());
  }

  @Test
  void whatTheCliSaysToGoOnBelongsToTheTurn() {
    start();
    row(
        "{\"id\":\"p1\",\"timestamp\":\"%s\",\"type\":\"user\",\"content\":[{\"text\":\"Work\"}]}"
            .formatted(at(1)));
    answer("a1", 2, "Half", "");
    row(
        "{\"id\":\"p2\",\"timestamp\":\"%s\",\"type\":\"user\",\"content\":[{\"text\":\"Please continue.\"}],\"displayContent\":[{\"text\":\"Work\"}]}"
            .formatted(at(3)));
    answer("a2", 4, "Whole", "");
    hook("AfterAgent", 4, "");
    assertEquals(1, told().size());
    assertEquals(Content.answer("Whole"), told().getFirst().root().output());
  }

  @Test
  void aResumedSessionStaysInItsFileWhateverItsStartNames() {
    start();
    prompt("p1", 1, "One");
    answer("a1", 2, "1", "");
    hook("AfterAgent", 2, "");
    rig.deliver(
        "{\"session_id\":\"%s\",\"transcript_path\":\"%s\",\"hook_event_name\":\"SessionStart\",\"timestamp\":\"%s\",\"source\":\"resume\"}"
            .formatted(SESSION, FILE.resolveSibling("session-2.jsonl"), at(5)));
    hook("BeforeAgent", 6, "");
    prompt("p2", 6, "Two");
    answer("a2", 7, "2", "");
    hook("AfterAgent", 7, "");
    assertEquals(2, told().size());
    assertTrue(rig.counters().isEmpty(), rig.counters()::toString);
  }

  @Test
  void whoTakesTheSessionUpAfterAKillWithdrawsNothing() {
    start();
    prompt("p1", 1, "One");
    row("{\"$set\":{\"sessionId\":\"%s\"}}".formatted(SESSION));
    row(
        "{\"$set\":{\"messages\":[{\"id\":\"context\"}],\"lastUpdated\":\"%s\"}}"
            .formatted(at(10)));
    prompt("p2", 20, "Two");
    answer("a2", 21, "2", "");
    hook("AfterAgent", 21, "");
    rig.look(Rig.PATIENT);
    assertEquals(2, told().size());
    assertEquals(Level.WARNING, told().getFirst().root().frame().level());
  }
}
