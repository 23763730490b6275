package dev.turnpike.agent.codex;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.model.Level;
import dev.turnpike.model.Observation.ToolCall;
import dev.turnpike.testing.Told.Trace;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What recordings do not show: tools, and what still runs when a turn ends. */
class ToolsTest extends Played {
  // ---- what still runs when a turn ends

  private void backgroundCommand() {
    started();
    main.meta("").begin(1, T1, "").prompt(1.1, T1, "Serve");
    main.calls(2, "c1", "exec_command", "{\\'cmd\\':\\'make\\'}").tokens(2, T1, "r1", 1, 1);
    main.answers(3, "c1", "Wall time: 1 s\\nProcess running with session ID 7\\nOutput:\\n");
    main.says(4, "Serving").tokens(4, T1, "r2", 1, 1).complete(5, T1, "Serving");
    stopped(T1);
    assertEquals(1, told().size());
    assertFalse(has(told().getFirst(), "c1"), "its end is not known yet");
    assertTrue(rig.open());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void commandInTheBackgroundComesWithItsEnd(boolean restarts) {
    rig = new Rig(restarts);
    backgroundCommand();
    main.turn(10, T2, "Next", "Yes");
    stopped(T2);
    main.begin(20, T3, "").prompt(20.1, T3, "More").command(22, T1, "c1", "served", 0);
    hook("PostToolUse", ",'turn_id':'turn-3'");
    assertEquals(
        List.of("turn turn-1", "turn turn-2", "part of turn-1, the last"), rig.told().log());
    ToolCall tool = tool(told().getFirst(), "c1");
    assertEquals(Instant.parse(Script.at(22)), tool.frame().end());
    assertEquals("served", text(tool.output()));
    assertEquals(told().getFirst().root().frame().id(), tool.frame().parent());
    main.says(23, "Ok").tokens(23, T3, "r", 1, 1).complete(24, T3, "Ok");
    stopped(T3);
    assertEquals(3, told().size());
    assertTrue(rig.rests());
  }

  @Test
  void commandThatNeverEndsGoesOutWithTheSession() {
    backgroundCommand();
    hook("SessionEnd", ",'reason':'other'");
    assertFalse(has(told().getFirst(), "c1"));
    rig.look(Rig.PATIENT);
    ToolCall tool = tool(told().getFirst(), "c1");
    assertEquals(Level.WARNING, tool.frame().level());
    assertTrue(rig.rests());
  }

  @Test
  void withoutItemsTheAnswerIsTheEnd() {
    main = new Script(home, 2, false);
    started();
    main.meta("").begin(1, T1, "").event(1.1, "{'type':'user_message','message':'Serve'}");
    main.calls(2, "c1", "exec_command", "{}");
    main.answers(3, "c1", "Process running with session ID 7\\nOutput:\\n").count(3, 5, 5);
    main.says(4, "Serving").count(4, 9, 4).complete(5, T1, "Serving");
    stopped(T1);
    assertTrue(has(told().getFirst(), "c1"));
    assertTrue(rig.rests());
  }

  // ---- tools

  @Test
  void toolsOfCodeModeStandBelowTheirProgram() {
    started();
    main.meta("").begin(1, T1, "").prompt(1.1, T1, "Go");
    main.response(2, "{'type':'custom_tool_call','name':'exec','input':'text(1)','call_id':'c1'}");
    main.tokens(2, T1, "r1", 1, 1).command(3, T1, "exec-1", "one", 0);
    main.response(
        4, "{'type':'custom_tool_call_output','call_id':'c1','output':'Script completed'}");
    main.response(5, "{'type':'custom_tool_call','name':'exec','input':'text(2)','call_id':'c2'}");
    main.tokens(5, T1, "r2", 1, 1).command(6, T1, "exec-2", "two", 2);
    main.response(
        7, "{'type':'custom_tool_call_output','call_id':'c2','output':'Script failed: x'}");
    main.says(8, "Done").tokens(8, T1, "r3", 1, 1).complete(9, T1, "Done");
    stopped(T1);
    Trace trace = told().getFirst();
    assertEquals(tool(trace, "c1").frame().id(), tool(trace, "exec-1").frame().parent());
    assertEquals(tool(trace, "c2").frame().id(), tool(trace, "exec-2").frame().parent());
    assertEquals("exec_command", tool(trace, "exec-1").frame().name());
    assertEquals("exit code 2", tool(trace, "exec-2").frame().statusMessage());
    assertEquals(Level.DEFAULT, tool(trace, "c1").frame().level());
    assertEquals(Level.ERROR, tool(trace, "c2").frame().level());
    assertNull(tool(trace, "exec-1").frame().metadata().get("requested_by"));
  }

  @Test
  void imagesAreNamedNotCopied() {
    started();
    main.meta("")
        .begin(1, T1, "")
        .item(
            1.1,
            T1,
            "{'type':'UserMessage','id':'u','content':[{'type':'text','text':'Look'},{'type':'image','image_url':'data:image/png;base64,AAAAAAAA'},{'type':'local_image','path':'/tmp/a.png'}]}");
    main.says(2, "Nice").tokens(2, T1, "r", 1, 1).complete(3, T1, "Nice");
    stopped(T1);
    assertEquals(
        "Look\n[image png 6 B]\n[image /tmp/a.png]", text(told().getFirst().root().input()));
  }
}
