package dev.turnpike.agent.copilot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.turnpike.agent.AgentJson;
import dev.turnpike.model.Content;
import dev.turnpike.model.Level;
import dev.turnpike.model.Observation;
import dev.turnpike.model.TraceSeed;
import dev.turnpike.model.TurnKey;
import dev.turnpike.model.Usage;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Rows that no recording has, by the schema of session events that the CLI brings (1.0.102). */
class FileSpansTest {
  private static final String PROMPT =
      "{'type':'user.message','timestamp':'2026-11-20T13:00:00Z','data':{'content':'What does an"
          + " apple cost?','interactionId':'i'}}";

  private static JsonNode row(String text) throws JsonProcessingException {
    return AgentJson.MAPPER.readTree(text.replace('\'', '"'));
  }

  private static List<Observation> told(String... rows) throws JsonProcessingException {
    var turn = new FileTurn(row(PROMPT), 0, 0);
    for (String text : rows) {
      turn.add(row(text));
    }
    turn.stopped = true;
    return new FileSpans(TraceSeed.of(Copilot.ID, new TurnKey("i")), turn).all();
  }

  private static <T extends Observation> List<T> only(Class<T> type, List<Observation> all) {
    return all.stream()
        .flatMap(one -> Stream.of(one).filter(type::isInstance).map(type::cast))
        .toList();
  }

  @Test
  void aResponseInSeveralMessagesIsOneCallAndItsTokensCountOnce() throws Exception {
    List<Observation> all =
        told(
            "{'type':'assistant.message','timestamp':'2026-11-20T13:00:01Z','data':{'messageId':'m1','apiCallId':'a','model':'claude-sonnet-4.5','reasoningText':'First.','content':'I"
                + " look.'}}",
            "{'type':'assistant.message','timestamp':'2026-11-20T13:00:02Z','data':{'messageId':'m2','apiCallId':'a','model':'claude-sonnet-4.5','reasoningText':'Then.','content':'It"
                + " costs 1.20.'}}",
            "{'type':'session.usage_record','timestamp':'2026-11-20T13:00:02Z','data':{'usage':{'apiCallId':'a','inputTokens':10,'outputTokens':5}}}");
    List<Observation.Generation> calls = only(Observation.Generation.class, all);
    assertEquals(1, calls.size());
    Usage usage = calls.getFirst().usage();
    assertEquals(15, usage == null ? 0 : usage.total());
    assertEquals(
        4, ((Content.Messages) calls.getFirst().output()).messages().getFirst().parts().size());
    assertEquals(Content.answer("I look.\nIt costs 1.20."), all.getFirst().output());
  }

  @Test
  void callsWithoutAnIdShareNoTokens() throws Exception {
    List<Observation.Generation> calls =
        only(
            Observation.Generation.class,
            told(
                "{'type':'assistant.message','timestamp':'2026-11-20T13:00:01Z','data':{'messageId':'m1','content':'I"
                    + " look.'}}",
                "{'type':'assistant.message','timestamp':'2026-11-20T13:00:02Z','data':{'messageId':'m2','content':'It"
                    + " costs 1.20.'}}",
                "{'type':'session.usage_record','timestamp':'2026-11-20T13:00:02Z','data':{'usage':{'inputTokens':10,'outputTokens':5}}}"));
    assertEquals(2, calls.size());
    assertEquals(0, calls.stream().filter(call -> call.usage() != null).count());
  }

  @Test
  void aSubAgentThatFailedSaysWhy() throws Exception {
    Observation.AgentSpan agent =
        only(
                Observation.AgentSpan.class,
                told(
                    "{'type':'subagent.started','timestamp':'2026-11-20T13:00:01Z','agentId':'g','data':{'toolCallId':'t','agentName':'explore'}}",
                    "{'type':'subagent.failed','timestamp':'2026-11-20T13:00:02Z','agentId':'g','data':{'toolCallId':'t','agentName':'explore','error':'no"
                        + " model'}}"))
            .getLast();
    assertEquals(Level.ERROR, agent.frame().level());
    assertEquals("no model", agent.frame().statusMessage());
  }
}
