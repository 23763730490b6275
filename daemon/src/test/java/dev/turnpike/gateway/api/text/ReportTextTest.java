package dev.turnpike.gateway.api.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.gateway.api.ErrorReport;
import dev.turnpike.gateway.api.FlushReport;
import dev.turnpike.gateway.api.Report;
import dev.turnpike.gateway.api.Samples;
import dev.turnpike.gateway.api.SessionList;
import dev.turnpike.gateway.api.SessionList.SessionSummary;
import dev.turnpike.gateway.api.TraceList;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportTextTest {
  @Test
  void statusShowsProblemsFirstAndThenTheNumbers() {
    assertText(
        """
        Turnpike 0.1.0, pid 4711, up 2 h 5 min: ready
          warning: unknown setting LANGFUSE_PUBLICKEY in the settings file, line 3

        Agents
          agent        events  ignored  malformed  off  sessions  turns  spans  last event
          claude-code   1,234       30          1    5         2    100  2,200  5 s ago

        Destinations
          https://cloud.langfuse.com (3fa91c02d4e5b6a7, langfuse, otlp)
            waiting: 2 batches, 1.2 MiB, the oldest from 12 s ago, next attempt in 8 s
            sent: 98 batches, 2,150 spans, last 1 min 52 s ago
            given up: 1 batch (see: turnpike outbox)
            last error: 7 s ago, 503 Service Unavailable
          this machine (local, local, files)
            waiting: 0 batches, 0 B
            sent: 2 batches, 50 spans, last 2 h 5 min ago

        On disk
          store    entries   limit     size   limit
          inbox          3  10,000  4.0 KiB  64 MiB
          journal      400       -  512 KiB       -

        Dropped or turned away
          claude-code: duplicate events       2
          claude-code: ignored notification  30
          claude-code: line unknown.foo       7
          claude-code: malformed not_json     1
          gateway.too_large                   1

        Hook clients seen
          0.1.0  1,234
        """,
        Samples.status());
  }

  @Test
  void aSickDaemonSaysWhy() {
    assertText(
        """
        Turnpike 0.1.0, pid 4711: NOT READY
          problem: the disk is full: nothing is kept
        """,
        Samples.sick());
  }

  @Test
  void sessionsAreATable() {
    assertText(
        """
        session               state              turns  last activity        directory
        claude-code/0f3c8a52  active, in a turn     12  2026-11-21 12:05:07  /home/dev/shop
        codex/rollout-        paused                 0  -                    -
        """,
        Samples.sessions());
  }

  @Test
  void aSessionIsShownWithItsFiles() {
    assertText(
        """
        claude-code/0f3c8a52-7f0e-4a51-9c2e-5d8b7a1c2d3e
          state           active, in a turn
          turns           12
          last activity   2026-11-21 12:05:07
          directory       /home/dev/shop
          goes to         3fa91c02d4e5b6a7
          events waiting  1
          last trace      4bf92f3577b34da6a3ce929d0e0e4736 https://cloud.langfuse.com/trace/4bf92f3577b34da6a3ce929d0e0e4736
          reads           /home/dev/.claude/projects/shop/0f3c.jsonl (accounted for: 2.0 KiB of 4.0 KiB)
        """,
        Samples.sessionDetail());
  }

  @Test
  void forgettingSaysWhatIsGone() {
    assertText(
        """
        Forgotten: claude-code/0f3c8a52-7f0e-4a51-9c2e-5d8b7a1c2d3e
          events   1
          traces  12
        """,
        Samples.forgotten());
  }

  @Test
  void tracesAreATable() {
    assertText(
        """
        trace     started              length  tokens     cost  level  went to  name
        4bf92f35  2026-11-21 10:00:00  12.4 s  13,590  $0.0421         kept     Claude Code: fix the failing test
        and 2 more (--limit shows them)
        """,
        Samples.traces());
  }

  @Test
  void aTraceIsATree() {
    assertText(
        """
        Claude Code: fix the failing test
          trace    4bf92f3577b34da6a3ce929d0e0e4736
          agent    claude-code 2.0.1
          session  0f3c8a52-7f0e-4a51-9c2e-5d8b7a1c2d3e
          started  2026-11-21 10:00:00, took 12.4 s
          tokens   13,590 (input 10, input_cached_tokens 13,000, output 580)
          cost     $0.0421
          tags     agent:claude-code repo:shop
          went to  this machine: kept

        agent Claude Code: fix the failing test    +0 ms     12.4 s
        ├─ generation claude-sonnet-4-5          +100 ms      3.2 s  13,590 tokens  $0.0421
        └─ tool Bash                              +3.4 s  1 min 5 s                 ERROR: exit code 1
           └─ note compaction                     +4.0 s       0 ms                 DEBUG
        """,
        Samples.trace());
  }

  @Test
  void sendingSaysHowMuch() {
    assertText(
        """
        Queued for https://cloud.langfuse.com: 2 traces (50 spans). Already there: 1 trace.
        """,
        Samples.sent());
  }

  @Test
  void theOutboxShowsWhatWaitsAndWhatIsDead() {
    assertText(
        """
        Waiting
          destination       trace     spans    size  since                attempts  state                   reason
          3fa91c02d4e5b6a7  4bf92f35     22  40 KiB  2026-11-21 10:00:00         3  delayed until 10:01:00  503 Service Unavailable

        Given up (turnpike outbox --retry tries them again)
          destination       trace     spans   size  since                reason
          3fa91c02d4e5b6a7  4bf92f35      1  812 B  2026-11-21 10:00:05  400 Bad Request: invalid span
        """,
        Samples.outbox());
  }

  @Test
  void aFlushDoesNotCallParkedBatchesSent() {
    assertText(
        """
        Everything that can be sent is out after 12 ms: 0 turns closed, 0 batches (0 spans) sent.
          2 batches parked (see: turnpike status)
        """,
        new FlushReport(true, 12, 0, 0, 0, 0, 2, 2, 0));
  }

  @Test
  void idsOfSessionsAreCutToWhatTellsThemApart() {
    assertText(
        """
        session                 state  turns  last activity  directory
        codex/rollout-2026-1a-  idle       1  -              -
        codex/rollout-2026-1b-  idle       2  -              -
        """,
        new SessionList(
            List.of(
                session("rollout-2026-1a-and-so-on", 1), session("rollout-2026-1b-and-so-on", 2))));
  }

  private static SessionSummary session(String id, int turns) {
    return new SessionSummary("codex", id, "idle", turns, false, null, null);
  }

  @Test
  void aFlushSaysWhatIsLeft() {
    assertText(
        """
        Not everything is out yet after 10.0 s: 1 turn closed, 0 batches (0 spans) sent.
          1 event not handled yet
          2 batches still to send
          3 batches parked (see: turnpike status)
          1 turn still running
        """,
        Samples.notFlushed());
  }

  @Test
  void settingsAreATable() {
    assertText(
        """
        setting              value                   from
        LANGFUSE_BASE_URL    https://eu.example.com  project /home/dev/shop
        LANGFUSE_SECRET_KEY  sk-lf-...1234           file
        warning: the file names an unknown setting: FOO
        """,
        Samples.settings());
  }

  @Test
  void oneSettingIsExplained() {
    assertText(
        """
        LANGFUSE_BASE_URL: Where traces are sent.
          value       https://eu.example.com
          from        project /home/dev/shop
          instead of  https://cloud.langfuse.com from default
        """,
        Samples.setting());
  }

  @Test
  void everyReportEndsItsLastLineAndHasNoTrailingSpaces() {
    for (var report : Samples.all()) {
      var text = ReportText.of(report, ZoneOffset.UTC);
      assertTrue(text.endsWith("\n"), report.toString());
      assertFalse(text.lines().anyMatch(line -> line.endsWith(" ")), text);
    }
  }

  @Test
  void nothingThatATerminalObeysGetsThrough() {
    var hostile = "a\u001b[2Jb\u202ec\r\nd\u0007";
    var text = ReportText.of(ErrorReport.of("x", hostile), ZoneOffset.UTC);
    assertEquals("a [2Jb c  d\n", text);
  }

  @Test
  void noTracesIsSaidInWords() {
    assertText("No traces on this machine.\n", new TraceList(List.of(), 0));
  }

  @Test
  void longTextsAreCutAtWholeCharacters() {
    assertEquals("ab\u2026", Amounts.clean("abcd", 3));
    assertEquals("abc", Amounts.clean("abc", 3));
    assertEquals("\ud83d\ude00\u2026", Amounts.clean("\ud83d\ude00\ud83d\ude00\ud83d\ude00", 2));
  }

  @Test
  void amountsAreReadable() {
    assertEquals("1023 B", Amounts.bytes(1023));
    assertEquals("1.0 KiB", Amounts.bytes(1024));
    assertEquals("17 MiB", Amounts.bytes(17 << 20));
    assertEquals("999 ms", Amounts.length(999));
    assertEquals("59.9 s", Amounts.length(59_900));
    assertEquals("3 d 4 h", Amounts.length(Duration.ofHours(76)));
    assertEquals("$0.0421", Amounts.dollars(new BigDecimal("0.0421")));
    assertEquals("$12.50", Amounts.dollars(new BigDecimal("12.5")));
    assertEquals("$0.00", Amounts.dollars(BigDecimal.ZERO));
  }

  private static void assertText(String expected, Report report) {
    assertEquals(expected, ReportText.of(report, ZoneOffset.UTC));
  }
}
