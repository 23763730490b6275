package dev.turnpike.agent.gemini;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.agent.Circumstances;
import dev.turnpike.model.Content;
import dev.turnpike.model.Level;
import dev.turnpike.model.Observation.Generation;
import dev.turnpike.model.Observation.Note;
import dev.turnpike.testing.Told.Trace;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the recordings answer-refused* do not show. */
class RefusalTest {
  private static final Path FILE = Path.of("/home/dev/.gemini/tmp/shop/chats/session-1.jsonl");
  private static final Circumstances NOW = Circumstances.ORDINARY;

  private final Rig rig = new Rig(false);
  private final StringBuilder rows = new StringBuilder();

  @BeforeEach
  void somebodyElseIsAsked() {
    rig.others(true);
    hook("SessionStart", 0, ",\"source\":\"startup\"");
  }

  private static String at(int second) {
    return "2026-11-20T13:00:%02d.000Z".formatted(second);
  }

  private void hook(String event, int second, String more) {
    rig.deliver(
        "{\"session_id\":\"11111111-2222-4333-8444-555555555555\",\"transcript_path\":\"%s\",\"cwd\":\"/home/dev/shop\",\"hook_event_name\":\"%s\",\"timestamp\":\"%s\"%s}"
            .formatted(FILE, event, at(second), more));
  }

  private void ended(int second, String prompt) {
    hook("AfterAgent", second, ",\"prompt\":\"%s\",\"stop_hook_active\":false".formatted(prompt));
  }

  private void row(String row) {
    rows.append(row).append('\n');
    byte[] bytes = rows.toString().getBytes(StandardCharsets.UTF_8);
    rig.file(FILE, bytes, bytes.length);
  }

  private void said(String id, int second, String text, String more) {
    row(
        "{\"id\":\"%s\",\"timestamp\":\"%s\",\"type\":\"user\",\"content\":[{\"text\":\"%s\"}]%s}"
            .formatted(id, at(second), text, more));
  }

  private void answer(String id, int second, String text) {
    row(
        "{\"id\":\"%s\",\"timestamp\":\"%s\",\"type\":\"gemini\",\"content\":\"%s\",\"tokens\":{\"input\":10,\"output\":2,\"total\":12},\"model\":\"gemini-2.5-pro\"}"
            .formatted(id, at(second), text));
  }

  private List<Trace> told() {
    return rig.traces();
  }

  private long generations(int trace) {
    return told().get(trace).observations().stream().filter(Generation.class::isInstance).count();
  }

  private void asked(int second) {
    said("p1", second, "One", "");
    answer("a1", second + 1, "1");
    ended(second + 1, "One");
  }

  private void refused(int second) {
    said("c" + second, second, "Better!", "");
    answer("a" + second, second + 1, "2");
    ended(second + 1, "One");
  }

  @Test
  void anAnswerThatMayBeRefusedIsWaitedForNoLongerThanPatienceLasts() {
    asked(1);
    assertEquals(0, told().size());
    rig.look(Rig.PATIENT);
    assertEquals(Content.answer("1"), told().getFirst().root().output());
  }

  @Test
  void patienceDoesNotEndWhileTheRowOfWhatWasTakenUpIsToCome() {
    asked(1);
    hook("BeforeAgent", 3, ",\"prompt\":\"Better!\"");
    rig.look(Rig.PATIENT);
    assertEquals(0, told().size());
    refused(4);
    rig.look(Rig.PATIENT);
    assertEquals(1, told().size());
    assertEquals(Content.answer("2"), told().getFirst().root().output());
  }

  @Test
  void aClearedHistoryBeforeTheEndOfTheTurnIsHeardIsNoOtherProcess() {
    said("p1", 1, "One", "");
    answer("a1", 2, "1");
    header(3);
    rig.look(Rig.PATIENT);
    assertEquals(0, told().size());
    ended(2, "One");
    refused(4);
    rig.look(Rig.PATIENT);
    assertEquals(1, told().size());
    assertEquals(2, generations(0));
    said("p2", 11, "Two", "");
    header(20);
    hook("SessionStart", 20, ",\"source\":\"resume\"");
    rig.look(Rig.PATIENT);
    assertEquals(2, told().size());
  }

  private void header(int second) {
    row("{\"sessionId\":\"s\",\"startTime\":\"%s\",\"kind\":\"main\"}".formatted(at(second)));
  }

  @Test
  void theEndOfTheSessionEndsTheWaiting() {
    asked(1);
    hook("SessionEnd", 3, ",\"reason\":\"exit\"");
    assertEquals(1, told().size());
    assertTrue(rig.parts().isEmpty());
  }

  @Test
  void withNobodyElseNothingIsWaitedFor() {
    rig.others(false);
    asked(1);
    assertEquals(1, told().size());
  }

  @Test
  void theNextPromptIsATurnOfItsOwn() {
    asked(1);
    said("p2", 5, "Two", "");
    answer("a2", 6, "2");
    ended(6, "Two");
    assertEquals(1, told().size());
    rig.look(Rig.PATIENT);
    assertEquals(2, told().size());
    assertEquals(Content.prompt("Two"), told().get(1).root().input());
    assertEquals(1, generations(0));
  }

  @Test
  void onceTheProcessIsKnownToRunInATerminalTheNextPromptEndsTheWaiting() {
    asked(1);
    row(
        "{\"id\":\"i1\",\"timestamp\":\"%s\",\"type\":\"info\",\"content\":\"A new version is there.\"}"
            .formatted(at(3)));
    said("p2", 5, "Two", "");
    rig.look(NOW);
    assertEquals(1, told().size());
  }

  @Test
  void whoTypesTheSameTwiceAsksTwice() {
    asked(1);
    said("p2", 5, "One", "");
    answer("a2", 6, "1 again");
    ended(6, "One");
    rig.look(Rig.PATIENT);
    assertEquals(2, told().size());
  }

  @Test
  void aFileThatChangedBetweenTwoEqualPromptsIsNoRefusal() {
    String shown = ",\"displayContent\":[{\"text\":\"Explain @a now\"}]";
    said("p1", 1, "Explain @a/** now: old", shown);
    answer("a1", 2, "Old");
    ended(2, "Explain @a/** now: old");
    said("p2", 5, "Explain @a/** now: new", shown);
    answer("a2", 6, "New");
    ended(6, "Explain @a/** now: new");
    rig.look(Rig.PATIENT);
    assertEquals(2, told().size());
  }

  @Test
  void anAnswerMayBeRefusedAgainAndAgain() {
    asked(1);
    said("c1", 3, "Better!", ",\"displayContent\":[{\"text\":\"One\"}]");
    answer("a2", 4, "2");
    hook("AfterAgent", 4, ",\"prompt\":\"One\",\"stop_hook_active\":true");
    refused(6);
    rig.look(Rig.PATIENT);
    assertEquals(1, told().size());
    assertEquals(3, generations(0));
    assertEquals(Content.answer("2"), told().getFirst().root().output());
    assertEquals(
        List.of(Content.prompt("Better!")),
        told().getFirst().observations().stream()
            .filter(Note.class::isInstance)
            .map(note -> note.input())
            .distinct()
            .toList());
  }

  @Test
  void aLongPromptIsKnownAgain() {
    String prompt = "word ".repeat(2000);
    said("p1", 1, prompt, "");
    answer("a1", 2, "1");
    ended(2, prompt);
    said("c1", 3, "Better!", "");
    answer("a2", 4, "2");
    ended(4, prompt);
    rig.look(Rig.PATIENT);
    assertEquals(1, told().size());
    assertEquals(2, generations(0));
  }

  @Test
  void whatOtherHooksAddToAPromptIsNoPartOfIt() {
    row(
        "{\"id\":\"p1\",\"timestamp\":\"%s\",\"type\":\"user\",\"content\":[{\"text\":\"One\"},{\"text\":\"<hook_context>Monday</hook_context>\"}]}"
            .formatted(at(1)));
    answer("a1", 2, "1");
    ended(2, "One");
    refused(3);
    rig.look(Rig.PATIENT);
    assertEquals(1, told().size());
  }

  @Test
  void killedWhileItWorkedOnTheRefusalItIsAWarningWithTheLastWords() {
    asked(1);
    said("c1", 3, "Better!", ",\"displayContent\":[{\"text\":\"One\"}]");
    rig.look(Rig.GONE);
    assertEquals(1, told().size());
    assertEquals(Level.WARNING, told().getFirst().root().frame().level());
    assertEquals(Content.answer("1"), told().getFirst().root().output());
  }

  @Test
  void anotherProcessDoesNotGoOnWithWhatWasRefused() {
    asked(1);
    rig.look(Rig.PATIENT);
    hook("SessionStart", 8, ",\"source\":\"resume\"");
    said("p2", 9, "Two", ",\"displayContent\":[{\"text\":\"One\"}]");
    answer("a2", 10, "2");
    hook("AfterAgent", 10, "");
    rig.look(Rig.PATIENT);
    assertEquals(2, told().size());
  }

  @Test
  void aRefusalAfterPatienceIsALaterPartAndTheNextPromptEndsTheParts() {
    asked(1);
    rig.look(Rig.PATIENT);
    refused(20);
    assertEquals(2, generations(0));
    assertFalse(rig.parts().getLast().last());
    said("p2", 30, "Two", "");
    answer("a3", 31, "3");
    ended(31, "Two");
    rig.look(Rig.PATIENT);
    assertEquals(2, told().size());
    assertTrue(rig.parts().getLast().last());
    assertFalse(rig.open());
  }

  @Test
  void aRewrittenFileTellsNoPartAgain() {
    asked(1);
    refused(3);
    rig.look(Rig.PATIENT);
    said("p2", 10, "Two", "");
    answer("a3", 11, "3");
    ended(11, "Two");
    rig.look(Rig.PATIENT);
    rig.restarted(FILE);
    rig.look(Rig.PATIENT);
    assertEquals(2, told().size());
    assertEquals(2, generations(0));
    assertEquals(3, rig.counters().get("skipped.already_told"));
  }
}
