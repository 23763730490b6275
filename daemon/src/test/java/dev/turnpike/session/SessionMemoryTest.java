package dev.turnpike.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.model.AgentId;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.TraceContext;
import dev.turnpike.model.TraceId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class SessionMemoryTest {
  private static final Terms.Traced TRACED =
      new Terms.Traced(
          new DestinationId("1f3c22b0aa55e0d1"), "/home/dev/shop", Map.of("TURNPIKE_TAGS", "a"));

  private final Instant now = Instant.now();
  private final long pid = ProcessHandle.current().pid();

  @Test
  void aPidOfNoProcessIsGone() {
    var memory = new SessionMemory();
    assertFalse(memory.agentGone(), "unknown is not gone");
    memory.agent(pid, now);
    assertFalse(memory.agentGone());
    memory.agent(Integer.MAX_VALUE, now);
    assertTrue(memory.agentGone());
  }

  @Test
  void anOldEventThatComesLateDoesNotSayWhoIsThere() {
    var memory = new SessionMemory();
    memory.agent(pid, now);
    memory.agent(Integer.MAX_VALUE, now.minusSeconds(1));
    assertFalse(memory.agentGone());
    assertFalse(SessionMemoryJson.read(SessionMemoryJson.write(memory)).agentGone());
  }

  @Test
  void aProcessThatBeganLongAfterTheEventIsAnother() {
    var memory = new SessionMemory();
    memory.agent(pid, now.minusSeconds(1_000_000));
    assertTrue(memory.agentGone());
  }

  @Test
  void theSamePidAgainIsANewProcess() {
    var before = new SessionMemory.AgentProcess(pid, 1, now.minusSeconds(60));
    var memory = new SessionMemory(Optional.empty(), Map.of(), null, Map.of(), before, false);
    assertTrue(memory.agentGone());
    memory.agent(pid, now);
    assertFalse(memory.agentGone());
  }

  @Test
  void declinedPromptsOutlastTheTermsOfOthers() {
    var memory = new SessionMemory();
    memory.terms(Optional.of("declined"), new Terms.Declined());
    for (int n = 0; n < 100; n++) {
      memory.terms(Optional.of("traced " + n), TRACED);
    }
    assertEquals(Optional.of(new Terms.Declined()), memory.terms(Optional.of("declined")));
    for (int n = 0; n < 1000; n++) {
      memory.terms(Optional.of("off " + n), new Terms.Declined());
    }
    assertTrue(memory.termsByPrompt().size() <= 512);
    assertEquals(Optional.of(TRACED), memory.terms(Optional.of("traced 99")));
  }

  @Test
  void termsOfPromptsWhoseTurnIsStillToComeAreKept() {
    var memory = new SessionMemory();
    for (int n = 0; n < 200; n++) {
      memory.terms(Optional.of("waits " + n), TRACED);
    }
    assertTrue(memory.hasTerms("waits 0"));
    memory.settled("waits 99");
    SessionMemory again = SessionMemoryJson.read(SessionMemoryJson.write(memory));
    assertFalse(again.hasTerms("waits 83"), "heard long before what went out");
    assertTrue(again.hasTerms("waits 84"));
    assertTrue(again.hasTerms("waits 199"));
    again.settled("never heard");
    assertTrue(again.hasTerms("waits 84"));
    for (int n = 0; n < 1000; n++) {
      again.terms(Optional.of("more " + n), TRACED);
    }
    assertTrue(again.termsByPrompt().size() <= 256);
  }

  @Test
  void laterPartsKeepTheTermsOfTheirTurn() {
    var memory = new SessionMemory();
    var trace = new TraceId("4bf92f3577b34da6a3ce929d0e0e4736");
    var context =
        new TraceContext(
            new AgentId("fake"), "s", "dev", List.of("a:b"), "t", null, null, null, Map.of());
    memory.expectLaterParts(trace, new SessionMemory.Pending(context, TRACED));
    memory.terms(Optional.of("next"), new Terms.Declined());
    SessionMemory again = SessionMemoryJson.read(SessionMemoryJson.write(memory));
    assertEquals(TRACED, again.pending(trace).orElseThrow().terms());
  }
}
