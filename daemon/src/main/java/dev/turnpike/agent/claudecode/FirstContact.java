package dev.turnpike.agent.claudecode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.turnpike.agent.Circumstances;
import dev.turnpike.agent.Signal.Moment;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where tracing of a session begins that was there before we were. Nothing that lies before the
 * turn an event speaks of may go out. A file that was begun under our eyes (startup, clear) counts
 * from its first row, and so does a fork, whose copies are known by their rows.
 */
final class FirstContact {
  private static final int PROMPT_LIMIT = 50;

  /**
   * While it is not known where to begin, at most this much is held; the oldest turns are history
   * in any case.
   */
  private static final long HELD_LIMIT_BYTES = 16L * 1024 * 1024;

  private boolean settled;
  private final Set<String> prompts = new LinkedHashSet<>();
  private boolean spoken;
  private @Nullable String text;

  /** When the last turn began that was dropped for want of room. */
  private Instant dropped = Instant.MIN;

  boolean settled() {
    return settled;
  }

  void settle() {
    settled = true;
  }

  /**
   * The turns that will be told as far as that can be said by now; none while it cannot. Their
   * sub-agents are to be read before any of them is closed, and that may be in the very look that
   * settles where to begin.
   */
  List<OpenTurn> told(Deque<OpenTurn> turns) {
    var list = new ArrayList<>(turns);
    int begin = settled ? 0 : begin(list, true);
    return begin < 0 ? List.of() : list.subList(begin, list.size());
  }

  void heard(ClaudeSignal signal) {
    if (settled) {
      return;
    }
    if (signal.moment() == Moment.SESSION_STARTED) {
      String source = signal.source();
      settled = source != null && Set.of("startup", "clear", "fork").contains(source);
    } else if (signal.promptId() != null) {
      if (prompts.size() < PROMPT_LIMIT) {
        prompts.add(signal.promptId());
      }
    } else if (signal.moment() == Moment.PROMPT_SUBMITTED) {
      text = signal.text();
    } else if (signal.moment() != Moment.SESSION_ENDED) {
      spoken = true;
    }
  }

  /**
   * Drops what is history, if that can be told by now.
   *
   * @return the opening time of the last turn dropped, {@link Instant#MIN} if none was
   */
  @Nullable Instant settle(Deque<OpenTurn> turns, Circumstances now, boolean over) {
    var list = new ArrayList<>(turns);
    int begin = begin(list, now.caughtUp());
    if (begin < 0 && over && now.caughtUp()) {
      begin = list.size();
    }
    if (begin < 0) {
      return hold(turns);
    }
    settled = true;
    Instant last = dropped;
    for (int i = 0; i < begin; i++) {
      last = turns.removeFirst().work.start;
    }
    return last;
  }

  private @Nullable Instant hold(Deque<OpenTurn> turns) {
    long held = turns.stream().mapToLong(OpenTurn::bytes).sum();
    while (turns.size() > 1 && held > HELD_LIMIT_BYTES) {
      OpenTurn oldest = turns.removeFirst();
      held -= oldest.bytes();
      dropped = oldest.work.start;
    }
    return null;
  }

  /**
   * Index of the first turn to tell, -1 if it is not there yet. A fork gives all copied rows one
   * prompt id: the last row counts.
   */
  private int begin(List<OpenTurn> turns, boolean caughtUp) {
    int begin = -1;
    for (String prompt : prompts) {
      for (int i = turns.size() - 1; i >= 0; i--) {
        if (prompt.equals(turns.get(i).promptId())) {
          begin = begin < 0 ? i : Math.min(begin, i);
          break;
        }
      }
    }
    if (begin >= 0 || turns.isEmpty() || !caughtUp) {
      return begin;
    }
    // Versions without prompt ids: the prompt's own text, or the turn that was last when the event
    // came.
    OpenTurn last = turns.getLast();
    boolean meant =
        last.promptId() == null
            && (spoken
                || (text != null && text.strip().equals(last.work.opener.readable().strip())));
    return meant ? turns.size() - 1 : -1;
  }

  void write(ObjectNode carry) {
    if (settled) {
      return;
    }
    ObjectNode node = carry.putObject("first");
    prompts.forEach(node.putArray("prompts")::add);
    node.put("spoken", spoken);
    node.put("text", text == null ? null : SignalParser.cut(text, 2000));
  }

  void read(JsonNode carry) {
    JsonNode node = carry.path("first");
    settled = !node.isObject();
    node.path("prompts").forEach(prompt -> prompts.add(prompt.asText()));
    spoken = node.path("spoken").asBoolean(false);
    text = HookFacts.string(node.path("text"));
  }
}
