package dev.turnpike.agent.claudecode;

import static dev.turnpike.testing.Contents.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.agent.Finished;
import dev.turnpike.model.Observation.AgentSpan;
import dev.turnpike.model.Observation.Generation;
import dev.turnpike.model.Observation.ToolCall;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Sub-agents in shapes no capture shows, made by hand. */
class SubAgentsTest extends ScriptCase {
  @Test
  void backgroundAgentsComeLaterBelowTheirCalls() throws IOException {
    script.user("Two at once");
    script.uses("m1", "t1", "Agent", "{\"prompt\":\"A\",\"subagent_type\":\"Explore\"}");
    script.uses("m1", "t2", "Agent", "{\"prompt\":\"B\"}");
    String async =
        ",\"toolUseResult\":{\"isAsync\":true,\"status\":\"async_launched\",\"agentId\":\"";
    script.result("t1", "Async agent launched successfully.", async + "a1\"}");
    script.result("t2", "Async agent launched successfully.", async + "a2\"}");
    script.says("m2", "They run.");
    script.mark();
    script.look(Rig.EARLY);
    assertTrue(
        ((Finished.ClosedTurn) script.rig.told().pieces().getFirst().finished()).laterParts());
    script.meta("a1", "{\"agentType\":\"Explore\",\"toolUseId\":\"t1\",\"finished\":true}");
    script.meta(
        "a2", "{\"agentType\":\"general-purpose\",\"toolUseId\":\"t2\",\"finished\":false}");
    for (String id : List.of("a1", "a2")) {
      script.into(script.agentFile(id));
      script.row(
          "{\"type\":\"user\",\"isSidechain\":true,\"parentUuid\":null,\"message\":{\"role\":\"user\",\"content\":\"go\"}}");
      script.says("m-" + id, "Answer " + id);
    }
    script.look(Rig.EARLY);
    assertEquals(2, script.rig.told().pieces().size(), "a2 has not been said to be finished");
    script.rig.restart();
    script.hook("SubagentStop", ",\"agent_id\":\"a2\",\"agent_type\":\"general-purpose\"");
    script.look(Rig.PATIENT);
    var trace = script.only();
    var agents =
        trace.all(AgentSpan.class).stream().filter(a -> a.frame().parent() != null).toList();
    assertEquals(
        List.of("Explore", "general-purpose"), agents.stream().map(a -> a.frame().name()).toList());
    assertTrue(((Finished.LaterPart) script.rig.told().pieces().getLast().finished()).last());
    for (AgentSpan agent : agents) {
      assertTrue(
          trace.all(ToolCall.class).stream()
              .anyMatch(t -> t.frame().id().equals(agent.frame().parent())));
    }
  }

  @Test
  void nestedForegroundAgentsGoOutWithTheirTurn() throws IOException {
    script.user("Deep");
    script.uses("m1", "t1", "Task", "{\"prompt\":\"outer\",\"subagent_type\":\"outer\"}");
    script.into(script.agentFile("a1"));
    script.user("outer");
    script.uses("m2", "t2", "Task", "{\"prompt\":\"inner\",\"subagent_type\":\"inner\"}");
    script.into(script.agentFile("a2"));
    script.user("inner");
    script.says("m3", "Inner done.");
    script.into(script.agentFile("a1"));
    script.result("t2", "Inner done.");
    script.says("m4", "Outer done.");
    script.into(script.main);
    script.result(
        "t1",
        "Outer done.",
        ",\"toolUseResult\":{\"status\":\"completed\",\"agentId\":\"a1\",\"content\":[{\"type\":\"text\",\"text\":\"Outer"
            + " done.\"}]}");
    script.says("m5", "All done.");
    script.mark();
    script.look(Rig.EARLY);
    var trace = script.only();
    assertEquals(
        List.of("inner", "outer"),
        trace.all(AgentSpan.class).stream()
            .map(a -> a.frame().name())
            .filter(n -> !n.contains("turn"))
            .sorted()
            .toList());
    assertEquals(5, trace.all(Generation.class).size());
  }

  @Test
  void sidechainRowsInTheMainFileAreASubAgent() throws IOException {
    script.user("Old layout");
    String call =
        script.uses("m1", "t1", "Task", "{\"prompt\":\"look\",\"subagent_type\":\"Explore\"}");
    String first =
        script.row(
            "{\"type\":\"user\",\"isSidechain\":true,\"parentUuid\":null,\"message\":{\"role\":\"user\",\"content\":\"look\"}}");
    script.row(
        "{\"type\":\"assistant\",\"isSidechain\":true,\"parentUuid\":\""
            + first
            + "\",\"message\":{\"id\":\"m2\",\"model\":\"claude-opus-5-5\",\"content\":[{\"type\":\"text\",\"text\":\"Seen.\"}],\"stop_reason\":\"end_turn\"}}");
    script.row(
        "{\"type\":\"user\",\"parentUuid\":\""
            + call
            + "\",\"message\":{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"t1\",\"content\":\"Seen.\"}]}}");
    script.says("m3", "Done.");
    script.mark();
    script.look(Rig.EARLY);
    var agent =
        script.only().all(AgentSpan.class).stream()
            .filter(a -> a.frame().parent() != null)
            .findFirst()
            .orElseThrow();
    assertEquals("Explore", agent.frame().name());
    assertEquals("Seen.", text(agent.output()));
  }

  @Test
  void aWokenAgentHasASpanBelowTheCallThatWokeIt() throws IOException {
    script.user("Twice");
    script.uses("m1", "t1", "Agent", "{\"prompt\":\"look\"}");
    script.meta("a1", "{\"agentType\":\"helper\",\"toolUseId\":\"t1\",\"finished\":true}");
    script.into(script.agentFile("a1"));
    script.row(
        "{\"type\":\"user\",\"parentUuid\":null,\"message\":{\"role\":\"user\",\"content\":\"look\"}}");
    script.says("m2", "Looked.");
    script.into(script.main);
    script.result(
        "t1", "Looked.", ",\"toolUseResult\":{\"status\":\"completed\",\"agentId\":\"a1\"}");
    script.says("m3", "First part.");
    script.mark();
    script.look(Rig.EARLY);
    assertEquals(1, script.traces().size());
    script.prompt = "p2";
    script.user("Again");
    script.uses("m4", "t2", "SendMessage", "{\"to\":\"helper\",\"message\":\"count\"}");
    script.into(script.agentFile("a1"));
    script.row(
        "{\"type\":\"user\",\"isMeta\":true,\"origin\":{\"kind\":\"coordinator\"},\"message\":{\"role\":\"user\",\"content\":\"The"
            + " coordinator sent a message: count\"}}");
    script.says("m5", "Three.");
    script.into(script.main);
    script.result("t2", "{}", ",\"toolUseResult\":{\"success\":true,\"resumedAgentId\":\"a1\"}");
    script.says("m6", "Second part.");
    script.mark();
    script.look(Rig.PATIENT);
    var second = script.traces().get(1);
    var agents =
        second.all(AgentSpan.class).stream().filter(a -> a.frame().parent() != null).toList();
    assertEquals(List.of("Three."), agents.stream().map(a -> text(a.output())).toList());
    var call = second.all(ToolCall.class).getFirst();
    assertEquals(call.frame().id(), agents.getFirst().frame().parent());
  }

  /** Each run of it is told once, whatever the order in which its spans go out. */
  @Test
  void anAgentThatIsWokenAgainAndAgainHasOneSpanARun() throws IOException {
    script.user("Often");
    script.uses("m1", "t1", "Agent", "{\"prompt\":\"look\"}");
    script.meta("a1", "{\"agentType\":\"helper\",\"toolUseId\":\"t1\",\"finished\":true}");
    script.into(script.agentFile("a1"));
    script.row(
        "{\"type\":\"user\",\"parentUuid\":null,\"message\":{\"role\":\"user\",\"content\":\"look\"}}");
    script.says("m2", "Looked.");
    script.into(script.main);
    script.result(
        "t1", "Looked.", ",\"toolUseResult\":{\"status\":\"completed\",\"agentId\":\"a1\"}");
    for (int n = 1; n <= 3; n++) {
      script.uses("call" + n, "send" + n, "SendMessage", "{\"to\":\"a1\",\"message\":\"go\"}");
      script.result(
          "send" + n, "{}", ",\"toolUseResult\":{\"success\":true,\"resumedAgentId\":\"a1\"}");
      script.into(script.agentFile("a1"));
      script.row(
          "{\"type\":\"user\",\"isMeta\":true,\"origin\":{\"kind\":\"coordinator\"},\"message\":{\"role\":\"user\",\"content\":\"go\"}}");
      script.says("run" + n, "Run " + n);
      script.into(script.main);
    }
    script.says("m9", "All.");
    script.mark();
    script.look(Rig.PATIENT);
    script.rig.restart();
    script.look(Rig.PATIENT);
    var trace = script.only();
    var runs = trace.all(AgentSpan.class).stream().filter(a -> a.frame().parent() != null).toList();
    assertEquals(
        List.of("Looked.", "Run 1", "Run 2", "Run 3"),
        runs.stream().map(a -> text(a.output())).sorted().toList());
    assertEquals(4, runs.stream().map(a -> a.frame().id()).distinct().count());
    assertEquals(4, runs.stream().map(a -> a.frame().parent()).distinct().count());
    assertEquals(
        9, trace.all(Generation.class).stream().map(g -> g.frame().id()).distinct().count());
    assertEquals(9, trace.all(Generation.class).size());
  }
}
