package dev.turnpike.journal;

import dev.turnpike.model.AgentId;
import dev.turnpike.model.BatchId;
import dev.turnpike.model.Caller;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.Digest;
import dev.turnpike.model.Event;
import dev.turnpike.model.EventBody;
import dev.turnpike.model.EventId;
import dev.turnpike.model.SessionId;
import dev.turnpike.model.SessionKey;
import dev.turnpike.model.TraceId;
import dev.turnpike.model.TurnKey;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;

/** Values for tests of durability; what they hold follows from their number. */
public final class Samples {
  public static final Instant AT = Instant.parse("2026-11-21T10:00:00.123456789Z");
  public static final DestinationId REMOTE = new DestinationId("1f3c22b0aa55e0d1");

  private Samples() {}

  public static SessionKey session(int n) {
    return new SessionKey(new AgentId("claude-code"), new SessionId("session-" + n));
  }

  public static Event event(String id, int bodyBytes) {
    var body = new byte[bodyBytes];
    new Random(id.hashCode()).nextBytes(body);
    return new Event(
        new EventId(id),
        new AgentId("claude-code"),
        AT,
        new Caller(
            "/home/dev/my shop", 4711, "0.1.0", null, Map.of("TRACE_TO_LANGFUSE", "true"), false),
        DestinationId.LOCAL,
        new EventBody.Inline(body));
  }

  public static BatchRef ref(int n) {
    return new BatchRef(
        new BatchId("batch-" + n),
        REMOTE,
        session(n % 3),
        new TraceId(Digest.sha256Hex("trace " + n).substring(0, 32)),
        3,
        1000 + n,
        AT.plusSeconds(n));
  }

  public static Step step(int session, int n, Set<EventId> consumed, List<BatchRef> queued) {
    return new Step(
        session(session),
        AT.plusSeconds(n),
        consumed,
        "{\"offset\":" + n + ",\"half\":\"\ud83d\"}",
        queued,
        Set.of(new TurnKey("turn-" + session + "-" + n)));
  }

  /** All that a view shows, as text, so that two can be compared. */
  public static String show(JournalView view) {
    var text = new StringBuilder();
    for (Event event : view.pendingEvents()) {
      text.append(event.id()).append(' ').append(event.caller()).append(' ').append(event.at());
      switch (event.body()) {
        case EventBody.Inline(var bytes) -> text.append(Digest.sha256Hex(bytes));
        case EventBody.Spilled spilled -> text.append(spilled);
      }
      text.append('\n');
    }
    text.append(
        view.sessions().stream()
            .map(SessionRecord::toString)
            .sorted()
            .collect(Collectors.joining("\n")));
    view.declinedPrompts().forEach(mark -> text.append(mark).append('\n'));
    view.pendingBatches().forEach(ref -> text.append(ref).append('\n'));
    view.buried().forEach(letter -> text.append(letter).append('\n'));
    for (int session = 0; session < 3; session++) {
      for (int n = 0; n < 200; n++) {
        text.append(view.exported(new TurnKey("turn-" + session + "-" + n)) ? '1' : '0');
      }
    }
    return text.toString();
  }
}
