package dev.turnpike.agent.pi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.agent.Interpretation;
import dev.turnpike.agent.Interpretation.Ignored;
import dev.turnpike.agent.Interpretation.Malformed;
import dev.turnpike.agent.Interpretation.Understood;
import dev.turnpike.agent.Signal.Moment;
import dev.turnpike.model.AgentId;
import dev.turnpike.model.Caller;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.Event;
import dev.turnpike.model.EventBody;
import dev.turnpike.model.EventId;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class SignalParserTest {
  private static Interpretation<PiSignal> interpret(String body) {
    return new SignalParser()
        .interpret(
            new Event(
                new EventId("e1"),
                new AgentId("pi"),
                Instant.EPOCH,
                new Caller(null, 0, "test", null, Map.of(), false),
                DestinationId.LOCAL,
                new EventBody.Inline(body.getBytes(StandardCharsets.UTF_8))));
  }

  private static PiSignal understood(String body) {
    if (interpret(body) instanceof Understood<PiSignal>(var signal)) {
      return signal;
    }
    throw new AssertionError(interpret(body));
  }

  @Test
  void aRequestOfASessionWithAFile() {
    PiSignal signal =
        understood(
            """
            {"v":1,"session":"s1","file":"/home/dev/s1.jsonl","turn":17,"pid":4711,"mode":"tui","cwd":"/home/dev","pi":"1.5.2","n":3,
             "moment":"prompt","records":[{"session":"no"}]}\
            """);
    assertEquals("s1", signal.session().value());
    assertEquals(Path.of("/home/dev/s1.jsonl"), signal.file());
    assertEquals(Moment.PROMPT_SUBMITTED, signal.moment());
    assertEquals(Optional.of("17"), signal.prompt());
    assertEquals(OptionalLong.of(4711), signal.agentPid());
    assertEquals(3, signal.number());
  }

  @Test
  void aSubAgentBelongsToItsOutermostSessionAndNeitherStartsNorEndsIt() {
    String body =
        """
        {"v":1,"session":"s3","chain":["s1","s2"],"push":true,"turn":17,"pid":4711,"n":1,"moment":"%s","records":[]}\
        """;
    for (String moment : new String[] {"start", "prompt", "activity"}) {
      assertEquals(Moment.ACTIVITY, understood(body.formatted(moment)).moment());
    }
    PiSignal end = understood(body.formatted("end"));
    assertEquals(Moment.TURN_ENDED, end.moment());
    assertEquals("s1", end.session().value());
    assertEquals("s3", end.own());
    assertEquals(Optional.empty(), end.prompt());
    assertEquals(OptionalLong.empty(), end.agentPid());
  }

  @Test
  void pathsThatAreNoneCountAsAbsent() {
    for (String path : new String[] {"s.jsonl", "/a/../b.jsonl", "/etc/passwd"}) {
      assertNull(
          understood("{\"session\":\"s\",\"file\":\"%s\",\"moment\":\"end\"}".formatted(path))
              .file());
    }
  }

  @Test
  void whatOurExtensionNeverSends() {
    for (String body :
        new String[] {
          "",
          "[]",
          "{",
          "{\"moment\":\"end\"}",
          "{\"session\":\" \",\"moment\":\"end\"}",
          "{\"session\":\"s\",\"chain\":[\"s\"],\"moment\":\"end\"}",
          "{\"session\":\"s\",\"chain\":[\"\"],\"moment\":\"end\"}"
        }) {
      assertTrue(interpret(body) instanceof Malformed, body);
    }
    assertTrue(interpret("{\"session\":\"s\",\"moment\":\"later\"}") instanceof Ignored);
  }
}
