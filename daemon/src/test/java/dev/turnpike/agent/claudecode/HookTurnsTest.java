package dev.turnpike.agent.claudecode;

import static dev.turnpike.testing.Contents.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.agent.Circumstances;
import dev.turnpike.model.Observation.Generation;
import dev.turnpike.model.Observation.ToolCall;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Turns of a session without a transcript, of what the hooks said alone. */
class HookTurnsTest extends ScriptCase {
  @Test
  void withoutATranscriptATurnIsMadeOfPayloads() throws IOException {
    script.hook("UserPromptSubmit", ",\"prompt\":\"No file\"");
    script.hook(
        "PreToolUse",
        ",\"tool_name\":\"Bash\",\"tool_use_id\":\"t1\",\"tool_input\":{\"command\":\"ls\"}");
    script.rig.restart();
    script.hook(
        "PostToolUse",
        ",\"tool_name\":\"Bash\",\"tool_use_id\":\"t1\",\"tool_input\":{\"command\":\"ls\"},\"tool_response\":{\"stdout\":\"a\"},\"duration_ms\":5");
    script.stops("There is a.");
    script.look(Rig.EARLY);
    assertTrue(script.traces().isEmpty(), "the file may still come");
    script.look(Rig.PATIENT);
    var trace = script.only();
    assertEquals("no transcript", trace.root().frame().metadata().get("degraded"));
    assertEquals("No file", text(trace.root().input()));
    assertEquals("There is a.", text(trace.root().output()));
    assertEquals("{\"command\":\"ls\"}", text(trace.all(ToolCall.class).getFirst().input()));
    assertTrue(trace.all(Generation.class).isEmpty());
    // The file came after all: the turn is not told twice.
    script.user("No file");
    script.says("m1", "There is a.");
    script.mark();
    script.look(Rig.PATIENT);
    assertEquals(1, script.traces().size());
  }

  /** Without a transcript the answer stands in the Stop hook alone, which may come late. */
  @Test
  void aTurnOfHooksThatAnotherFollowsIsNotOverBeforeTheSpoolWasHeard() throws IOException {
    script.prompt = "p1";
    script.hook("UserPromptSubmit", ",\"prompt\":\"One\"");
    script.prompt = "p2";
    script.hook("UserPromptSubmit", ",\"prompt\":\"Two\"");
    script.look(new Circumstances(true, false, false, true, false));
    assertTrue(script.traces().isEmpty());
    assertTrue(script.rig.first().awaitingSpool());
    script.prompt = "p1";
    script.hook("Stop", ",\"last_assistant_message\":\"Done.\"");
    script.look(Rig.PATIENT);
    assertEquals("Done.", text(script.only().root().output()));
    assertFalse(script.rig.first().awaitingSpool(), "the next one goes on");
  }

  @Test
  void aTurnOfHooksIsNotToldWithoutItsPromptBeforeTheSpoolWasHeard() throws IOException {
    script.hook("Stop", ",\"last_assistant_message\":\"Done.\"");
    script.look(new Circumstances(true, false, false, true, false));
    assertTrue(script.traces().isEmpty());
    assertTrue(script.rig.first().awaitingSpool());
    script.hook("UserPromptSubmit", ",\"prompt\":\"One\"");
    script.look(Rig.PATIENT);
    assertEquals("One", text(script.only().root().input()));
  }

  /** Kept texts of turns that went out make room for those of later ones. */
  @Test
  void textsOfHooksHaveRoomAgainWhenTheirTurnWentOut() throws IOException {
    String long_ = "x".repeat(60_000);
    for (int n = 1; n <= 8; n++) {
      script.prompt = "p" + n;
      script.hook("UserPromptSubmit", ",\"prompt\":\"" + n + " " + long_ + "\"");
      if (n > 1) {
        script.look(Rig.PATIENT); // the one before is over: another was submitted
      }
    }
    script.hook("Stop", ",\"last_assistant_message\":\"Done.\"");
    script.look(Rig.PATIENT);
    assertEquals(8, script.traces().size());
    script.traces().forEach(trace -> assertTrue(text(trace.root().input()).length() > 60_000));
  }
}
