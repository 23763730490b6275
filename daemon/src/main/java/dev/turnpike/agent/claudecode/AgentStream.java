package dev.turnpike.agent.claudecode;

import dev.turnpike.agent.claudecode.ClaudeLine.Chain;
import dev.turnpike.agent.claudecode.ClaudeLine.Injected;
import dev.turnpike.agent.claudecode.ClaudeLine.Opener;
import dev.turnpike.agent.claudecode.ClaudeLine.OpenerKind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one sub-agent, cut into runs: one for its launch, a further one each time it is
 * written to after it had stopped. Lies in a file of its own or, before about 2.0, among the rows
 * of the main file.
 */
final class AgentStream {
  /** {@code from} is the offset of its first row; {@code launch}: the run it was launched for. */
  static final class Run {
    final Work work;
    final long from;
    final boolean launch;

    Run(Work work, long from, boolean launch) {
      this.work = work;
      this.from = from;
      this.launch = launch;
    }
  }

  final String id;
  private final List<Run> runs = new ArrayList<>();
  private Instant lastAt = Instant.EPOCH;
  private long end;

  AgentStream(String id, long position) {
    this.id = id;
    this.end = position;
  }

  List<Run> runs() {
    return runs;
  }

  long end() {
    return end;
  }

  /** Where reading must begin again to have the runs that are still here. */
  long position() {
    return runs.isEmpty() ? end : runs.getFirst().from;
  }

  void skip(long rowEnd) {
    end = rowEnd;
  }

  /** The text it was launched with, once read. */
  @Nullable String prompt() {
    return runs.isEmpty() ? null : runs.getFirst().work.opener.readable();
  }

  void accept(long start, long rowEnd, ClaudeLine line) {
    end = rowEnd;
    Chain chain = line.chain();
    Instant at = chain.at() == null ? lastAt : chain.at();
    lastAt = at.isAfter(lastAt) ? at : lastAt;
    Work current = runs.isEmpty() ? null : runs.getLast().work;
    if (current != null && !current.first(chain)) {
      return;
    }
    switch (line) {
      case Opener opener -> open(start, opener, at, current);
      case Injected row -> {
        // A skill with a context of its own begins with the skill's text; a message to an agent
        // that had stopped is text of the CLI's own
        // making too (2.1.329, fixtures skill-fork and send-message).
        if (current == null || (row.coordinator() && current.over())) {
          open(start, opener(row.chain(), row.text()), at, current);
        } else {
          current.injected(row.text(), row.toolUseId());
        }
      }
      case ClaudeLine.AssistantRow row -> {
        if (current == null) {
          current = open(start, opener(row.chain(), ""), at, null);
        }
        current.assistant(row, at);
      }
      case ClaudeLine.ToolResults row -> {
        if (current != null) {
          current.results(row, at);
        }
      }
      case ClaudeLine.ApiRequest row -> {
        if (current != null) {
          current.request(row, at);
        }
      }
      case ClaudeLine.ApiRetry row -> {
        if (current != null) {
          current.retry(row, at);
        }
      }
      case ClaudeLine.CompactBoundary row -> {
        if (current != null) {
          current.compacted(new Work.Compaction(row, at, null));
        }
      }
      case ClaudeLine.CompactSummary row -> {
        if (current != null && current.summarised(row.text())) {
          current.injected(row.text(), null);
        }
      }
      case ClaudeLine.Steering row -> {
        if (current != null) {
          current.steered(row, at);
        }
      }
      case ClaudeLine.Interrupt _ -> {
        if (current != null) {
          current.interrupt(at);
        }
      }
      case ClaudeLine.TurnMark _,
          ClaudeLine.LocalOutput _,
          ClaudeLine.Notified _,
          ClaudeLine.Passed _,
          ClaudeLine.Unknown _,
          ClaudeLine.Unreadable _ -> {}
    }
  }

  private static Opener opener(Chain chain, String text) {
    return new Opener(chain, OpenerKind.CONTINUATION, text, List.of(), null);
  }

  private Work open(long start, Opener opener, Instant at, @Nullable Work current) {
    if (current != null && !current.over()) {
      current.injected(opener.readable(), null);
      return current;
    }
    var work = new Work(opener, at);
    boolean launch = runs.isEmpty() && (start == 0 || opener.chain().parent() == null);
    runs.add(new Run(work, start, launch));
    return work;
  }
}
