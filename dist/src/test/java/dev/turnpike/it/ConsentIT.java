package dev.turnpike.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.testing.FakeLangfuse;
import dev.turnpike.testing.LangfuseRow;
import dev.turnpike.testing.Mode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is never sent: turns while tracing was off or paused, and what was there before us. */
class ConsentIT {
  /** Three turns of one session, four hooks each. */
  private static final String THREE_TURNS = "resume-twice";

  private static final int SECOND = 4;
  private static final int THIRD = 8;
  private static final int END = 12;

  @TempDir Path temp;

  @Test
  void aTurnWithTracingOffIsNeverSent() throws Exception {
    try (var place = Workplace.open(temp);
        var server = FakeLangfuse.start(Mode.EVENTS_ONLY)) {
      Map<String, String> on = RunningDaemon.tracedTo(server);
      try (Replay replay = place.replay(THREE_TURNS, on)) {
        replay.play(replay.part(0, SECOND));
        replay.environment(Workplace.with(on, "TRACE_TO_LANGFUSE", "false"));
        replay.play(replay.part(SECOND, THIRD));
        replay.environment(on);
        replay.play(replay.part(THIRD, END));
      }
      place.daemon().flush();
      assertPrompts(server, "Question 1", "Question 3");
    }
  }

  @Test
  void neitherIsItWhenNoDaemonWasThere() throws Exception {
    try (var place = Workplace.open(temp);
        var server = FakeLangfuse.start(Mode.EVENTS_ONLY)) {
      Map<String, String> on = RunningDaemon.tracedTo(server);
      try (Replay replay = place.replay(THREE_TURNS, on)) {
        replay.play(replay.part(0, SECOND));
        place.daemon().terminate();
        replay.environment(Workplace.with(on, "TRACE_TO_LANGFUSE", "false"));
        replay.play(replay.part(SECOND, THIRD));
        place.daemon().restart();
        replay.environment(on);
        replay.play(replay.part(THIRD, END));
      }
      place.daemon().flush();
      assertPrompts(server, "Question 1", "Question 3");
    }
  }

  @Test
  void neitherIsItWhenTheDaemonIsKilledAfterEachOfItsHooks() throws Exception {
    try (var place = Workplace.open(temp);
        var server = FakeLangfuse.start(Mode.EVENTS_ONLY)) {
      Map<String, String> on = RunningDaemon.tracedTo(server);
      try (Replay replay = place.replay(THREE_TURNS, on)) {
        replay.play(replay.part(0, SECOND));
        replay.environment(Workplace.with(on, "TRACE_TO_LANGFUSE", "false"));
        for (int hook = SECOND; hook < THIRD; hook++) {
          replay.play(replay.part(hook, hook + 1));
          place.daemon().kill();
          place.daemon().restart();
        }
        replay.environment(on);
        replay.play(replay.part(THIRD, END));
      }
      place.daemon().flush();
      server.assertWhole(); // the first turn may have been under way at the first kill
      assertOnlyThese(server, "Question 1", "Question 3");
    }
  }

  @Test
  void aTurnOfAPausedSessionIsNeverSent() throws Exception {
    try (var place = Workplace.open(temp);
        var server = FakeLangfuse.start(Mode.EVENTS_ONLY)) {
      String session = "claude-code/" + Fixture.named(THREE_TURNS).sessions().getFirst();
      try (Replay replay = place.replay(THREE_TURNS, RunningDaemon.tracedTo(server))) {
        replay.play(replay.part(0, SECOND));
        place.daemon().flush();
        assertEquals(0, place.daemon().command("pause", session).exit());
        replay.play(replay.part(SECOND, THIRD));
        place.daemon().flush();
        place.daemon().kill(); // it remembers
        place.daemon().restart();
        assertEquals(0, place.daemon().command("resume", session).exit());
        replay.play(replay.part(THIRD, END));
      }
      place.daemon().flush();
      assertPrompts(server, "Question 1", "Question 3");
    }
  }

  @Test
  void historyFromBeforeTheFirstContactIsNeverSent() throws Exception {
    try (var place = Workplace.open(temp);
        var server = FakeLangfuse.start(Mode.EVENTS_ONLY)) {
      try (Replay replay = place.replay(THREE_TURNS, RunningDaemon.tracedTo(server))) {
        replay.play(replay.part(THIRD, END));
      }
      place.daemon().flush();
      assertPrompts(server, "Question 3");
    }
  }

  @Test
  void ofAnUnknownSessionOnlyTheTurnThatAHookEndedGoesOut() throws Exception {
    try (var place = Workplace.open(temp);
        var server = FakeLangfuse.start(Mode.EVENTS_ONLY)) {
      try (Replay replay = place.replay(THREE_TURNS, RunningDaemon.tracedTo(server))) {
        int stop = THIRD + 2;
        assertEquals("Stop", replay.events().get(stop));
        replay.play(replay.part(stop, END));
      }
      place.daemon().flush();
      assertPrompts(server, "Question 3");
    }
  }

  private static void assertPrompts(FakeLangfuse server, String... prompts) {
    server.assertClean();
    assertOnlyThese(server, prompts);
  }

  private static void assertOnlyThese(FakeLangfuse server, String... prompts) {
    assertEquals(
        List.of(prompts),
        server.traces().stream()
            .map(trace -> ReadableText.text(trace.root().map(LangfuseRow::input).orElse("?")))
            .sorted()
            .toList());
    assertTrue(server.rows().stream().noneMatch(row -> row.toString().contains("Question 2")));
  }
}
