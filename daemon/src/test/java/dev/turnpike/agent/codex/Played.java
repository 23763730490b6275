package dev.turnpike.agent.codex;

import dev.turnpike.model.Content;
import dev.turnpike.model.Observation.AgentSpan;
import dev.turnpike.model.Observation.Generation;
import dev.turnpike.model.Observation.ToolCall;
import dev.turnpike.testing.Told.Trace;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A session whose rows a test writes. */
abstract class Played {
  static final String T1 = "turn-1";
  static final String T2 = "turn-2";
  static final String T3 = "turn-3";

  @TempDir Path home;
  Rig rig = new Rig(false);
  Script main;

  @BeforeEach
  void begin() {
    main = new Script(home, 1, true);
  }

  final void hook(String event, String more) {
    rig.deliver(
        "{'session_id':'%s','transcript_path':'%s','hook_event_name':'%s'%s}"
            .formatted(main.thread, main.file, event, more)
            .replace('\'', '"'));
  }

  final void started() {
    hook("SessionStart", ",'source':'startup'");
  }

  final void stopped(String turn) {
    hook("Stop", ",'turn_id':'" + turn + "'");
  }

  final List<Trace> told() {
    return rig.told().traces();
  }

  static List<Generation> generations(Trace trace) {
    return trace.observations().stream()
        .filter(Generation.class::isInstance)
        .map(Generation.class::cast)
        .toList();
  }

  static ToolCall tool(Trace trace, String id) {
    return trace.observations().stream()
        .filter(o -> o instanceof ToolCall tool && tool.callId().equals(id))
        .map(ToolCall.class::cast)
        .findFirst()
        .orElseThrow(() -> new AssertionError("no tool " + id));
  }

  static boolean has(Trace trace, String id) {
    return trace.observations().stream()
        .anyMatch(o -> o instanceof ToolCall tool && tool.callId().equals(id));
  }

  static String text(Content content) {
    return content instanceof Content.Text(var _, var text) ? text : content.toString();
  }

  static String output(Trace trace) {
    return text(((AgentSpan) trace.root()).output());
  }
}
