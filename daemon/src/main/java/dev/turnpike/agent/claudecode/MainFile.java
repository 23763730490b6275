package dev.turnpike.agent.claudecode;

import dev.turnpike.agent.SessionRef;
import dev.turnpike.agent.claudecode.ClaudeLine.AssistantRow;
import dev.turnpike.agent.claudecode.ClaudeLine.Chain;
import dev.turnpike.agent.claudecode.ClaudeLine.CompactBoundary;
import dev.turnpike.agent.claudecode.ClaudeLine.Injected;
import dev.turnpike.agent.claudecode.ClaudeLine.Opener;
import dev.turnpike.agent.claudecode.ClaudeLine.OpenerKind;
import dev.turnpike.model.TurnKey;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the rows of a session's main file into turns. A function of the rows from a position on:
 * which turn a row belongs to never depends on when it was read or on what a hook said.
 */
final class MainFile {
  private static final int TIPS = 8;
  private static final int INJECTED_LIMIT = 50;

  private final SessionRef ref;
  private final Predicate<String> toldByHooks;
  private final Deque<OpenTurn> turns = new ArrayDeque<>();
  private final List<String> tips = new ArrayList<>();
  private Between between = new Between();
  private Instant lastAt = Instant.EPOCH;
  private long end;
  private boolean rows;
  private boolean marks;
  private @Nullable Instant skipUpTo;

  /** What came after a turn was closed and before the next: it belongs to the next. */
  private static final class Between {
    long from = -1;
    List<String> tips = List.of();
    final List<Work.Compaction> compactions = new ArrayList<>();
    final List<Injected> injected = new ArrayList<>();
  }

  /**
   * @param toldByHooks prompts whose turn went out without a transcript, before one appeared
   */
  MainFile(SessionRef ref, long position, List<String> tips, Predicate<String> toldByHooks) {
    this.ref = ref;
    this.toldByHooks = toldByHooks;
    this.end = position;
    this.tips.addAll(tips);
  }

  /** The file begins anew; turns opened up to {@code skipUpTo} are accounted for. */
  void restart(@Nullable Instant skip) {
    turns.clear();
    tips.clear();
    between = new Between();
    end = 0;
    skipUpTo = skip;
  }

  Deque<OpenTurn> turns() {
    return turns;
  }

  /** Whether any row was ever seen. */
  boolean exists() {
    return rows;
  }

  void existed() {
    rows = true;
  }

  /** Whether this session's versions of the CLI write a row when the Stop hooks have run. */
  boolean marks() {
    return marks;
  }

  void marked() {
    marks = true;
  }

  /** Where reading must begin again to come to the present state. */
  long position() {
    return turns.isEmpty() ? (between.from >= 0 ? between.from : end) : turns.getFirst().from;
  }

  /** Tips of the branch as they stand at {@link #position()}. */
  List<String> tipsAtPosition() {
    if (!turns.isEmpty()) {
      return turns.getFirst().tipsBefore;
    }
    return between.from >= 0 ? between.tips : List.copyOf(tips);
  }

  void skip(long rowEnd) {
    end = rowEnd;
    rows = true;
  }

  void accept(long start, long rowEnd, ClaudeLine line) {
    rows = true;
    end = rowEnd;
    Chain chain = line.chain();
    Instant at = chain.at() == null ? lastAt : chain.at();
    OpenTurn current = current();
    boolean known = current != null && !(line instanceof Opener) && !current.work.first(chain);
    if (!known) {
      take(start, line, at, current);
    }
    if (current() != null) {
      current().grow(rowEnd - start);
    }
    if (chain.uuid() != null && !(line instanceof Opener)) {
      tip(chain.uuid());
    }
    lastAt = at.isAfter(lastAt) ? at : lastAt;
  }

  private @Nullable OpenTurn current() {
    OpenTurn last = turns.peekLast();
    return last == null || last.closedByRows() ? null : last;
  }

  private void tip(String uuid) {
    if (!tips.isEmpty() && tips.getLast().equals(uuid)) {
      return;
    }
    tips.add(uuid);
    if (tips.size() > TIPS) {
      tips.removeFirst();
    }
  }

  private void take(long start, ClaudeLine line, Instant at, @Nullable OpenTurn current) {
    switch (line) {
      case Opener opener -> open(start, opener, at, current);
      case AssistantRow row -> assistant(start, row, at, current);
      case ClaudeLine.ToolResults row -> results(row, at);
      case ClaudeLine.ApiRequest row -> {
        if (current != null) {
          current.work.request(row, at);
        }
      }
      case ClaudeLine.ApiRetry row -> {
        if (current != null) {
          current.work.retry(row, at);
        }
      }
      case ClaudeLine.TurnMark row -> mark(row, current);
      case CompactBoundary row -> compacted(start, row, at, current);
      case ClaudeLine.CompactSummary row -> summary(row.text(), current);
      case ClaudeLine.Steering row -> {
        if (current != null) {
          current.work.steered(row, at);
        } else {
          inject(start, new Injected(row.chain(), row.text(), null, false));
        }
      }
      case ClaudeLine.Interrupt _ -> {
        if (current != null) {
          current.work.interrupt(at);
        }
      }
      case Injected row -> injected(start, row, current);
      case ClaudeLine.LocalOutput row -> {
        if (current != null && row.shell()) {
          current.work.injected(row.text(), null);
        }
      }
      case ClaudeLine.Notified _, ClaudeLine.Passed _ -> {}
      case ClaudeLine.Unknown(var _, var type) -> ref.counters().count("line.unknown." + type);
      case ClaudeLine.Unreadable(var _, var reason) -> ref.counters().count(reason);
    }
  }

  private void open(long start, Opener opener, Instant at, @Nullable OpenTurn current) {
    String uuid = opener.chain().uuid();
    if (uuid == null) {
      ref.counters().count("line.opener_without_uuid");
      return;
    }
    var key = new TurnKey(uuid);
    if (turns.stream().anyMatch(turn -> turn.key.equals(key))) {
      return;
    }
    if (opener.kind() == OpenerKind.BUILT_IN_COMMAND
        && current != null
        && !current.work.over()
        && current.substantial()) {
      tip(uuid);
      return;
    }
    begin(start, key, new Work(opener, at));
    tip(uuid);
  }

  private void begin(long start, TurnKey key, Work work) {
    if (!turns.isEmpty()) {
      turns.getLast().follow();
    }
    if (between.from < 0) {
      touch(start);
    }
    Chain chain = work.opener.chain();
    boolean elsewhere =
        work.opener.kind() != OpenerKind.CONTINUATION
            && !tips.isEmpty()
            && (chain.parent() == null || !tips.contains(chain.parent()));
    boolean repeat =
        (skipUpTo != null && !work.start.isAfter(skipUpTo))
            || ref.exported().contains(key)
            || (chain.promptId() != null && toldByHooks.test(chain.promptId()));
    for (Injected text : between.injected) {
      work.injected(text.text(), text.toolUseId());
    }
    turns.addLast(
        new OpenTurn(
            key,
            work,
            between.from,
            between.tips,
            between.compactions,
            elsewhere ? tips.getLast() : null,
            repeat));
    between = new Between();
    tips.clear();
  }

  private void assistant(long start, AssistantRow row, Instant at, @Nullable OpenTurn current) {
    if (current != null) {
      current.sendBack(false);
      current.work.assistant(row, at);
      return;
    }
    if (row.synthetic()) {
      return;
    }
    // The model went on although the turn was closed, or was sent to work by rows that are no
    // prompt (a schedule, a wake-up). Nothing of
    // what was billed may be lost: it becomes a turn of its own.
    String uuid = row.chain().uuid();
    var key = new TurnKey(uuid == null ? row.messageId() : uuid);
    if (!between.injected.isEmpty() && between.injected.getFirst().chain().uuid() != null) {
      key = new TurnKey(between.injected.getFirst().chain().uuid());
    }
    begin(
        start,
        key,
        new Work(new Opener(row.chain(), OpenerKind.CONTINUATION, "", List.of(), null), at));
    turns.getLast().work.assistant(row, at);
  }

  private void results(ClaudeLine.ToolResults row, Instant at) {
    for (Iterator<OpenTurn> latestFirst = turns.descendingIterator(); latestFirst.hasNext(); ) {
      OpenTurn turn = latestFirst.next();
      if (turn.work.ownsAny(row)) {
        turn.work.results(row, at);
        return;
      }
    }
    ref.counters().count("line.result_without_call");
  }

  private void mark(ClaudeLine.TurnMark row, @Nullable OpenTurn current) {
    marks = true;
    if (current == null) {
      return;
    }
    if (row.goesOn()) {
      current.sendBack(true);
    } else if (!current.sentBack()) {
      current.mark();
    }
  }

  private void compacted(long start, CompactBoundary row, Instant at, @Nullable OpenTurn current) {
    var compaction = new Work.Compaction(row, at, null);
    tips.clear();
    // Only the CLI itself compacts inside a turn; /compact waits for its end.
    if (current != null && !row.trigger().equals("manual") && !current.work.over()) {
      current.work.compacted(compaction);
    } else {
      touch(start);
      between.compactions.add(compaction);
    }
  }

  private void summary(String text, @Nullable OpenTurn current) {
    if (!between.compactions.isEmpty()) {
      var latest = between.compactions.removeLast();
      between.compactions.add(latest.withSummary(text));
    } else if (current != null && current.work.summarised(text)) {
      current.work.injected(text, null);
    }
  }

  private void injected(long start, Injected row, @Nullable OpenTurn current) {
    if (current == null) {
      inject(start, row);
      return;
    }
    if (row.feedback()) {
      current.sendBack(true);
    }
    current.work.injected(row.text(), row.toolUseId());
  }

  private void inject(long start, Injected row) {
    if (row.text().startsWith("<local-command-caveat>") || row.text().isEmpty()) {
      return;
    }
    if (between.injected.size() < INJECTED_LIMIT) {
      touch(start);
      between.injected.add(row);
    }
  }

  private void touch(long start) {
    if (between.from < 0) {
      between.from = start;
      between.tips = List.copyOf(tips);
    }
  }
}
