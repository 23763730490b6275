package dev.turnpike.agent.gemini;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.turnpike.model.Level;
import dev.turnpike.model.Observation;
import dev.turnpike.model.Observation.AgentSpan;
import dev.turnpike.model.Observation.Generation;
import dev.turnpike.model.Observation.ToolCall;
import dev.turnpike.testing.Told.Trace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows as the CLI 0.61.0 leaves them when it is killed while a sub-agent is at work. */
class AdriftTest {
  private static final String SESSION = "11f0f1c8-ed80-4b03-a1b2-2d1f74dc1122";
  private static final String AGENT = "26da3c95-1e3e-4731-8903-17b203ea715b";
  private static final String PROMPT =
      """
      {"sessionId":"11f0f1c8-ed80-4b03-a1b2-2d1f74dc1122","startTime":"2026-11-20T13:00:00.000Z","kind":"main"}
      {"id":"p1","timestamp":"2026-11-20T13:00:01.000Z","type":"user","content":[{"text":"Compute the total"}]}
      {"id":"a1","timestamp":"2026-11-20T13:00:02.000Z","type":"gemini","content":"I delegate this.","tokens":{"input":10,"output":2,"total":12},"model":"gemini-2.5-pro"}
      """;
  private static final String CALL =
      """
      {"id":"a1","timestamp":"2026-11-20T13:00:02.000Z","type":"gemini","content":"I delegate this.","tokens":{"input":10,"output":2,"total":12},"model":"gemini-2.5-pro","toolCalls":[{"id":"c1","name":"invoke_agent","args":{"agent_name":"helper","prompt":"Look"},"agentId":"26da3c95-1e3e-4731-8903-17b203ea715b","status":"success","timestamp":"2026-11-20T13:00:06.000Z"}]}
      """;
  private static final String SUB_AGENT =
      """
      {"sessionId":"26da3c95-1e3e-4731-8903-17b203ea715b","startTime":"2026-11-20T13:00:03.000Z","kind":"subagent"}
      {"id":"p2","timestamp":"2026-11-20T13:00:03.000Z","type":"user","content":[{"text":"Find the prices"}]}
      {"id":"a2","timestamp":"2026-11-20T13:00:04.000Z","type":"gemini","content":"","tokens":{"input":20,"output":3,"total":23},"model":"gemini-2.5-pro","toolCalls":[{"id":"c2","name":"list_directory","args":{},"status":"success","timestamp":"2026-11-20T13:00:05.000Z"}]}
      """;

  @TempDir Path temp;
  private final Rig rig = new Rig(false);
  private Path main = Path.of("");

  @BeforeEach
  void begin() throws IOException {
    main = temp.resolve(".gemini/tmp/shop/chats/session-1.jsonl");
    write(main.resolveSibling(SESSION).resolve(AGENT + ".jsonl"), SUB_AGENT);
    for (String event : List.of("SessionStart", "BeforeAgent")) {
      rig.deliver(
          "{\"session_id\":\"%s\",\"transcript_path\":\"%s\",\"hook_event_name\":\"%s\",\"timestamp\":\"2026-11-20T13:00:00.500Z\",\"source\":\"startup\"}"
              .formatted(SESSION, main, event));
    }
  }

  private void write(Path file, String rows) throws IOException {
    byte[] bytes = rows.getBytes(StandardCharsets.UTF_8);
    Files.createDirectories(file.getParent());
    Files.write(file, bytes);
    rig.file(file, bytes, bytes.length);
  }

  private Trace told() {
    rig.look(Rig.EARLY);
    rig.look(Rig.GONE);
    assertEquals(1, rig.traces().size());
    return rig.traces().getFirst();
  }

  @Test
  void aSubAgentThatWasKilledHangsBelowItsTurn() throws IOException {
    write(main, PROMPT);
    Trace trace = told();
    Observation root = trace.root();
    assertEquals(Level.WARNING, root.frame().level());
    List<Observation> below = trace.below(root.frame().id());
    assertEquals(2, below.size());
    assertEquals(Generation.class, below.getFirst().getClass());
    AgentSpan agent = (AgentSpan) below.getLast();
    assertEquals(Level.WARNING, agent.frame().level());
    assertEquals(AGENT, agent.frame().metadata().get("agent_id"));
    List<Observation> within = trace.below(agent.frame().id());
    assertEquals(
        List.of(Generation.class, ToolCall.class), within.stream().map(Object::getClass).toList());
    assertEquals(agent.frame().end(), root.frame().end());
  }

  @Test
  void oneWhoseCallIsThereIsToldOnce() throws IOException {
    write(main, PROMPT + CALL);
    Trace trace = told();
    assertEquals(
        1,
        trace.observations().stream()
            .filter(AgentSpan.class::isInstance)
            .filter(o -> AGENT.equals(o.frame().metadata().get("agent_id")))
            .count());
    assertEquals(2, trace.below(trace.root().frame().id()).size());
  }

  @Test
  void oneOfAnotherTurnIsNotTold() throws IOException {
    write(
        main,
        PROMPT
            .replace("T13:00:01", "T13:00:03")
            .replace("T13:00:02", "T13:00:05")
            .replace("13:00:03.000Z\",\"type\":\"user\"", "13:00:04.500Z\",\"type\":\"user\""));
    Trace trace = told();
    assertEquals(1, trace.below(trace.root().frame().id()).size());
  }
}
