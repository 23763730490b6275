package dev.turnpike.agent.codex;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.model.Content;
import dev.turnpike.model.Level;
import dev.turnpike.model.Observation;
import dev.turnpike.model.Observation.AgentSpan;
import dev.turnpike.model.Observation.ToolCall;
import dev.turnpike.testing.Told.Trace;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sub-agents: threads of their own, in files of their own. */
class SubAgentsTest {
  /** Codex's own name of a sub-agent, by who launched it: {@code root} is the agent itself. */
  private static final String COUNT = "/root/count";

  private static final String T1 = "turn-1";
  private static final String T2 = "turn-2";

  @TempDir Path home;
  private Rig rig = new Rig(false);
  private Script main;
  private Script child;
  private Script grandchild;

  @BeforeEach
  void begin() {
    main = new Script(home, 1, true);
    child = new Script(home, 2, true);
    grandchild = new Script(home, 3, true);
  }

  private void hook(String event, String more) {
    rig.deliver(
        "{'session_id':'%s','transcript_path':'%s','hook_event_name':'%s'%s}"
            .formatted(main.thread, main.file, event, more)
            .replace('\'', '"'));
  }

  private static void spawns(Script by, double second, String turn, String call, Script whom) {
    by.calls(second, call, "spawn_agent", "{\\'message\\':\\'Count\\'}");
    by.tokens(second, turn, "r-" + call, 1, 1);
    activity(by, second + 0.1, turn, call, "started", whom);
    by.answers(second + 0.2, call, "ok");
  }

  private static void activity(
      Script by, double second, String turn, String call, String kind, Script whom) {
    by.item(
        second,
        turn,
        "{'type':'SubAgentActivity','id':'%s','kind':'%s','agent_thread_id':'%s','agent_path':'%s'}"
            .formatted(call, kind, whom.thread, COUNT));
  }

  private static String worksFor(String root, String parent) {
    return ",'root_turn_id':'%s','turn_attribution':{'root_turn_id':'%s','parent_turn_id':'%s'}"
        .formatted(root, root, parent);
  }

  private static void describes(Script thread, String path) {
    thread.meta(
        ",'source':{'subagent':{'thread_spawn':{'agent_path':'%s','agent_nickname':'Ada'}}}"
            .formatted(path));
  }

  private static void works(Script thread, double second, String turn, String root, String answer) {
    thread.begin(second, turn, worksFor(root, root));
    thread.says(second + 0.5, answer).tokens(second + 0.5, turn, "r-" + turn, 10, 1);
    thread.complete(second + 0.9, turn, answer);
  }

  private Trace told(int index) {
    return rig.told().traces().get(index);
  }

  private static AgentSpan agent(Trace trace, String answer) {
    return trace.observations().stream()
        .filter(
            o ->
                o instanceof AgentSpan span
                    && span.output().equals(Content.answer(answer))
                    && o.frame().parent() != null)
        .map(AgentSpan.class::cast)
        .findFirst()
        .orElseThrow(() -> new AssertionError("no agent that says " + answer));
  }

  private static Observation parent(Trace trace, Observation of) {
    return trace.observations().stream()
        .filter(o -> o.frame().id().equals(of.frame().parent()))
        .findFirst()
        .orElseThrow();
  }

  private static String callOf(Trace trace, Observation agent) {
    return ((ToolCall) parent(trace, agent)).callId();
  }

  private void turnThatSpawns() {
    main.meta("").begin(1, T1, "").prompt(1.1, T1, "Go");
    spawns(main, 2, T1, "c1", child);
  }

  private void mainSays(double second, String turn, String answer) {
    main.says(second, answer).tokens(second, turn, "r-" + turn + second, 1, 1);
    main.complete(second + 0.5, turn, answer);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void agentThatOutlivesItsTurnComesLater(boolean restarts) {
    rig = new Rig(restarts);
    hook("SessionStart", ",'source':'startup'");
    turnThatSpawns();
    describes(child, COUNT);
    child.begin(3, "child-1", worksFor(T1, T1));
    mainSays(4, T1, "It runs");
    hook("Stop", ",'turn_id':'turn-1'");
    assertEquals(List.of("turn turn-1"), rig.told().log());
    assertTrue(rig.open());
    main.turn(10, T2, "Next", "Yes");
    hook("Stop", ",'turn_id':'turn-2'");
    child.says(20, "2 lines").tokens(20, "child-1", "rc", 7, 1).complete(21, "child-1", "2 lines");
    rig.deliver(
        "{'session_id':'%s','transcript_path':'%s','agent_transcript_path':'%s','agent_id':'%s','turn_id':'child-1','hook_event_name':'SubagentStop'}"
            .formatted(main.thread, main.file, child.file, child.thread)
            .replace('\'', '"'));
    assertEquals(
        List.of("turn turn-1", "turn turn-2", "part of turn-1, the last"), rig.told().log());
    AgentSpan agent = agent(told(0), "2 lines");
    assertEquals("c1", callOf(told(0), agent));
    assertEquals("count", agent.frame().name());
    assertEquals("Ada", agent.frame().metadata().get("agent_nickname"));
    assertEquals(Content.prompt("Count"), agent.input());
    assertTrue(rig.rests());
  }

  @Test
  void agentsOfAgentsStandBelowThem() {
    hook("SessionStart", ",'source':'startup'");
    turnThatSpawns();
    describes(child, COUNT);
    child.begin(3, "child-1", worksFor(T1, T1));
    spawns(child, 3.2, "child-1", "c2", grandchild);
    describes(grandchild, COUNT + "/deep");
    works(grandchild, 3.6, "grand-1", T1, "deep");
    child.says(5, "2 lines").tokens(5, "child-1", "rc", 7, 1).complete(6, "child-1", "2 lines");
    mainSays(7, T1, "Done");
    hook("Stop", ",'turn_id':'turn-1'");
    Trace trace = told(0);
    assertEquals("c2", callOf(trace, agent(trace, "deep")));
    Observation call = parent(trace, agent(trace, "deep"));
    assertEquals(agent(trace, "2 lines").frame().id(), call.frame().parent());
    assertEquals(1, rig.told().log().size());
  }

  @Test
  void furtherTaskStandsBelowTheCallThatGaveIt() {
    hook("SessionStart", ",'source':'startup'");
    turnThatSpawns();
    describes(child, COUNT);
    works(child, 3, "child-1", T1, "one");
    main.calls(5, "c2", "followup_task", "{\\'message\\':\\'Again\\'}").tokens(5, T1, "r5", 1, 1);
    activity(main, 5.1, T1, "c2", "interacted", child);
    works(child, 6, "child-2", T1, "two");
    main.answers(7, "c2", "ok");
    mainSays(8, T1, "Done");
    hook("Stop", ",'turn_id':'turn-1'");
    main.begin(20, T2, "").prompt(20.1, T2, "Once more");
    main.calls(21, "c3", "followup_task", "{\\'message\\':\\'More\\'}").tokens(21, T2, "r6", 1, 1);
    activity(main, 21.1, T2, "c3", "interacted", child);
    works(child, 22, "child-3", T2, "three");
    main.answers(23, "c3", "ok");
    mainSays(24, T2, "All");
    hook("Stop", ",'turn_id':'turn-2'");
    assertEquals("c1", callOf(told(0), agent(told(0), "one")));
    assertEquals("c2", callOf(told(0), agent(told(0), "two")));
    assertEquals("c3", callOf(told(1), agent(told(1), "three")));
    assertEquals(Content.prompt("Again"), agent(told(0), "two").input());
    assertEquals(List.of("turn turn-1", "turn turn-2"), rig.told().log());
  }

  @Test
  void copiedHistoryOfTheParentIsNotTheAgents() {
    main = new Script(home, 1, false);
    child = new Script(home, 2, false);
    hook("SessionStart", ",'source':'startup'");
    main.meta("").begin(1, T1, "").event(1.1, "{'type':'user_message','message':'Go'}");
    main.calls(2, "c1", "spawn_agent", "{}");
    main.event(
        2.1,
        "{'type':'collab_agent_spawn_end','call_id':'c1','new_thread_id':'%s'}"
            .formatted(child.thread));
    main.answers(2.2, "c1", "ok").count(2.3, 5, 5);
    describes(child, COUNT);
    child.begin(2.4, T1, "").event(2.4, "{'type':'user_message','message':'Go'}");
    child.event(2.4, "{'type':'turn_aborted','turn_id':'turn-1','reason':'interrupted'}");
    child.begin(2.5, "child-1", "").event(2.6, "{'type':'user_message','message':'Count'}");
    child.says(3, "2 lines").count(3, 9, 4).complete(4, "child-1", "2 lines");
    main.says(5, "Done").count(5, 9, 4).complete(6, T1, "Done");
    hook("Stop", ",'turn_id':'turn-1'");
    Trace trace = told(0);
    assertEquals(
        2, trace.observations().stream().filter(AgentSpan.class::isInstance).count(), "agents");
    assertEquals(Content.prompt("Count"), agent(trace, "2 lines").input());
    assertTrue(rig.rests());
  }

  @Test
  void agentWithoutAnEndGoesOutWithTheSession() {
    hook("SessionStart", ",'source':'startup'");
    turnThatSpawns();
    describes(child, COUNT);
    child.begin(3, "child-1", worksFor(T1, T1)).says(4, "half");
    mainSays(5, T1, "Done");
    hook("Stop", ",'turn_id':'turn-1'");
    hook("SessionEnd", ",'reason':'other'");
    rig.look(Rig.PATIENT);
    assertEquals(Level.WARNING, agent(told(0), "half").frame().level());
    assertTrue(rig.rests());
  }

  @Test
  void agentWhoseFileIsMissingHoldsNobodyUpForEver() {
    hook("SessionStart", ",'source':'startup'");
    turnThatSpawns();
    mainSays(5, T1, "Done");
    hook("Stop", ",'turn_id':'turn-1'");
    assertTrue(rig.open());
    rig.look(Rig.IDLE);
    assertEquals(List.of("turn turn-1", "part of turn-1, the last"), rig.told().log());
    assertTrue(rig.rests());
  }
}
