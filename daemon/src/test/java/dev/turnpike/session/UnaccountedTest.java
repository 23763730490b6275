package dev.turnpike.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.agent.Memory;
import dev.turnpike.agent.Signal.Moment;
import dev.turnpike.model.Caller;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.Event;
import dev.turnpike.model.EventBody;
import dev.turnpike.model.EventId;
import dev.turnpike.model.SessionId;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

class UnaccountedTest {
  private static final EventBody SMALL = new EventBody.Inline(new byte[100]);
  private static final EventBody LARGE = new EventBody.Spilled(Path.of("large.body"), 16 << 20);

  private final Unaccounted<LineAgent.Told> unaccounted = new Unaccounted<>();
  private int events;

  private EventId add(EventBody body) {
    var id = new EventId("e" + ++events);
    var caller = new Caller("/home/dev/shop", 0, "0.1.0", null, Map.of(), false);
    var event = new Event(id, LineAgent.ID, Instant.EPOCH, caller, DestinationId.LOCAL, body);
    var signal =
        new LineAgent.Told(
            new SessionId("session-1"),
            Moment.ACTIVITY,
            Optional.empty(),
            Optional.empty(),
            OptionalLong.empty());
    assertTrue(unaccounted.add(new Mail.Told<>(event, signal)));
    return id;
  }

  @Test
  void aFewSmallOnesMayWaitForTheNextStep() {
    for (int i = 0; i < 63; i++) {
      add(SMALL);
    }
    assertFalse(unaccounted.many());
    add(SMALL);
    assertTrue(unaccounted.many());
  }

  /** It takes the inbox's room, and the turn it belongs to may be long over or take hours. */
  @Test
  void aLargeOneIsWorthAStepAlsoIfItLiesInAFile() {
    add(LARGE);
    assertTrue(unaccounted.many());
  }

  @Test
  void whatAnOpenTurnNeedsIsNoReason() {
    EventId needed = add(LARGE);
    unaccounted.settled(Set.of(), new Memory(Map.of(), "{}", Set.of(needed)));
    assertFalse(unaccounted.many());
    assertEquals(1, unaccounted.count());
  }
}
