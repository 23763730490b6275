package dev.turnpike.agent.claudecode;

import static dev.turnpike.agent.claudecode.Observations.put;

import dev.turnpike.agent.Circumstances;
import dev.turnpike.agent.claudecode.Agents.Linked;
import dev.turnpike.agent.claudecode.ClaudeLine.OpenerKind;
import dev.turnpike.agent.claudecode.HookFacts.Announced;
import dev.turnpike.agent.claudecode.SessionFolder.Meta;
import dev.turnpike.model.Level;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * When a turn is closed, and how it ended. Hooks run before the rows they speak of are on disk,
 * others' Stop hooks send the model back to work, an interrupt has no hook at all: so rows decide
 * wherever there are any, and hooks only what no row will ever tell.
 */
final class Endings {
  enum Ending {
    /** A later row opened another turn. */
    FOLLOWED,
    INTERRUPTED,
    /** The row after the Stop hooks. */
    MARKED,
    FAILED,
    /** Stop said so; for versions that write no such row. */
    STOPPED,
    SESSION_OVER,
    GONE
  }

  private final HookFacts hooks;
  private final Agents agents;

  Endings(HookFacts hooks, Agents agents) {
    this.hooks = hooks;
    this.agents = agents;
  }

  @Nullable Ending of(OpenTurn turn, Circumstances now, boolean marks) {
    Work work = turn.work;
    if (turn.followed()) {
      return Ending.FOLLOWED;
    }
    if (!now.caughtUp()) {
      return null;
    }
    if (work.interrupted()) {
      return Ending.INTERRUPTED;
    }
    if (turn.marked()) {
      return Ending.MARKED;
    }
    Announced told = hooks.announced(turn.promptId());
    boolean done = (work.answered() && !turn.sentBack()) || work.failure() != null;
    // StopFailure may be killed before it has read its payload (2.1.329, -p): the row closes the
    // turn too.
    boolean failed = told != null && told.failure() != null;
    boolean noMore = lenient(now);
    if ((failed || work.failure() != null) && (noMore || (failed && work.failure() != null))) {
      return Ending.FAILED;
    }
    boolean spoken = told == null || told.matches(work.finalText());
    if (told != null && told.failure() == null && done && spoken && noMore && !marks) {
      return Ending.STOPPED;
    }
    if (hooks.sessionOverFor(work.start) && ((done && spoken) || noMore)) {
      return Ending.SESSION_OVER;
    }
    return now.agentGone() || now.idle() ? Ending.GONE : null;
  }

  /** What was announced may still come, unless nobody is left who would write it. */
  static boolean lenient(Circumstances now) {
    return now.caughtUp() && (now.patient() || now.agentGone() || now.idle());
  }

  /** Every sub-agent the work waited for has its last rows. */
  boolean foregroundComplete(Work work) {
    for (ToolRun tool : work.tools()) {
      if (!tool.launchesAgent() || tool.background()) {
        continue;
      }
      List<Linked> runs = agents.runsOf(tool);
      if (runs.isEmpty() && !(neverBegan(tool) && !agents.hasFile(tool.id))) {
        return false;
      }
      for (Linked linked : runs) {
        boolean apart = !tool.settled() && background(linked);
        if (!apart && !(linked.run().work.over() && foregroundComplete(linked.run().work))) {
          return false;
        }
      }
    }
    return true;
  }

  private boolean background(Linked linked) {
    return agents.meta(linked.stream().id).map(Meta::background).orElse(false);
  }

  private static boolean neverBegan(ToolRun tool) {
    var result = tool.result();
    return result != null
        && result.error()
        && (result.text().startsWith("<tool_use_error>") || result.denied() != null)
        && result.agentId() == null;
  }

  /** Nobody is left who would go on in the background. */
  boolean abandoned(Circumstances now) {
    return now.caughtUp()
        && (now.agentGone() || now.idle() || (hooks.sessionOver() && now.patient()));
  }

  /** Whether a run in the background is over, or will not go on. */
  boolean done(Linked linked, Circumstances now) {
    if (abandoned(now)) {
      return true;
    }
    String id = linked.stream().id;
    boolean over = linked.run().work.over() && foregroundComplete(linked.run().work);
    // What was told of an agent's first run says nothing of a later one.
    boolean told =
        linked.run().launch
            && (agents.notification(id) != null
                || agents.meta(id).map(Meta::finished).orElse(false));
    if (!now.caughtUp()) {
      return false;
    }
    // SubagentStop alone is no end: someone's hook may send the agent back (2.1.329, fixture
    // subagentstop-block).
    boolean stopped = hooks.agentHasStopped(id) || !linked.run().launch;
    return (over && (told || (stopped && now.patient()))) || (told && lenient(now));
  }

  Outcome outcome(OpenTurn turn, Ending ending) {
    Work work = turn.work;
    Announced told = hooks.announced(turn.promptId());
    var metadata = metadata(turn);
    var failure = work.failure();
    if (failure != null || ending == Ending.FAILED) {
      put(metadata, "outcome", "failed");
      put(metadata, "error", failure == null ? told(told) : failure.kind());
      put(metadata, "error_status", failure == null ? null : failure.status());
      String text = failure == null ? text(told) : failure.text();
      return new Outcome(Level.ERROR, text.isEmpty() ? told(told) : text, "", metadata);
    }
    boolean answered = work.answered() && !turn.sentBack();
    boolean announced = told != null && told.failure() == null && told.text() != null;
    if (work.interrupted()
        || !(turn.marked() || ending == Ending.STOPPED || answered || announced)) {
      put(metadata, "outcome", "interrupted");
      String why = work.interrupted() ? "interrupted by the user" : "ended before it had an answer";
      return new Outcome(Level.WARNING, why, work.lastText(), metadata);
    }
    put(metadata, "outcome", "completed");
    ModelCall last = work.lastCall();
    String output = work.finalText();
    if (announced && (output.isEmpty() || !answered)) {
      output = text(told);
    }
    boolean shortened = last != null && last.shortened();
    return new Outcome(
        shortened ? Level.WARNING : Level.DEFAULT,
        shortened && last != null ? last.stopReason() : null,
        output,
        metadata);
  }

  private static String text(@Nullable Announced told) {
    return told == null || told.text() == null ? "" : told.text();
  }

  private static @Nullable String told(@Nullable Announced told) {
    return told == null ? null : told.failure();
  }

  private static Map<String, String> metadata(OpenTurn turn) {
    var metadata = new LinkedHashMap<String, String>();
    OpenerKind kind = turn.work.opener.kind();
    put(metadata, "kind", kind.name().toLowerCase(Locale.ROOT));
    put(metadata, "prompt_id", turn.promptId());
    put(metadata, "rewound_from", turn.rewoundFrom);
    var notification = turn.work.opener.notification();
    if (notification != null) {
      put(metadata, "task_id", notification.taskId());
      put(metadata, "task_status", notification.status());
      put(metadata, "launched_by_tool_call", notification.toolUseId());
    }
    return metadata;
  }
}
