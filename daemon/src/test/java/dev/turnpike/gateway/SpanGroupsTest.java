package dev.turnpike.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.turnpike.model.AgentId;
import dev.turnpike.model.SessionId;
import dev.turnpike.model.SpanId;
import dev.turnpike.model.TraceId;
import dev.turnpike.otlp.Source;
import dev.turnpike.otlp.Span;
import dev.turnpike.otlp.SpanBatch;
import dev.turnpike.otlp.Value;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SpanGroupsTest {
  private static final AgentId AGENT = new AgentId("copilot");
  private static final SpanId ROOT = new SpanId("00000000000000a0");
  private static final SpanId INNER = new SpanId("00000000000000a1");
  private static final SpanOwners OWNERS =
      new SpanOwners() {
        @Override
        public Set<AgentId> emitters() {
          return Set.of(AGENT);
        }

        @Override
        public Optional<AgentId> owner(Source source, Optional<AgentId> named) {
          return Optional.of(AGENT);
        }

        @Override
        public String session(AgentId owner, Source source, Span span) {
          return span.text("gen_ai.conversation.id").orElse("");
        }

        @Override
        public boolean keeps(AgentId owner, String attribute) {
          return true;
        }
      };

  private final SpanGroups.Known known = new SpanGroups.Known();

  private static Span span(SpanId id, @Nullable SpanId parent, String conversation) {
    return new Span(
        new TraceId("a6801b9bf266cbc9de17e8aaff190b70"),
        id,
        parent,
        "invoke_agent",
        1,
        Instant.EPOCH,
        Instant.EPOCH,
        conversation.isEmpty()
            ? Map.of()
            : Map.of("gen_ai.conversation.id", new Value.Text(conversation)),
        List.of(),
        0,
        "");
  }

  private SessionId sessionOf(Span... spans) {
    var batch = new SpanBatch(new Source(Map.of(), "", ""), List.of(spans));
    List<SpanGroups.Group> groups =
        SpanGroups.of(List.of(batch), OWNERS, Optional.empty(), known).all();
    assertEquals(1, groups.size());
    return groups.getFirst().head().session();
  }

  @Test
  void theRootKnowsBestWithinARequest() {
    assertEquals(
        new SessionId("outer"), sessionOf(span(INNER, ROOT, "inner"), span(ROOT, null, "outer")));
  }

  @Test
  void halvesOfATraceThatNameDifferentSessionsStayTogether() {
    assertEquals(new SessionId("inner"), sessionOf(span(INNER, ROOT, "inner")));
    assertEquals(new SessionId("inner"), sessionOf(span(ROOT, null, "outer")));
    assertEquals(new SessionId("inner"), sessionOf(span(ROOT, null, "")));
  }
}
