package dev.turnpike.journal;

import dev.turnpike.model.BatchId;
import dev.turnpike.model.Event;
import dev.turnpike.model.EventId;
import dev.turnpike.model.SessionKey;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** One durable fact. An entry is in the journal as a whole or not at all. */
public sealed interface Entry {
  /** A hook's event was taken over; a spilled body is in place before this is appended. */
  record EventAccepted(Event event) implements Entry {}

  /** Events that no step will ever consume, e.g. of an agent's session that cannot be told. */
  record EventsDropped(Set<EventId> events, String reason) implements Entry {
    public EventsDropped {
      events = Set.copyOf(events);
    }
  }

  /**
   * A session moved on: events consumed, memory replaced, batches queued, turns exported; all of it
   * together.
   */
  record StepTaken(Step step) implements Entry {}

  /** Batches queued without a step: traces of the local history that are sent after all. */
  record BatchesQueued(List<BatchRef> batches) implements Entry {
    public BatchesQueued {
      batches = List.copyOf(batches);
    }
  }

  /** The destination has it. */
  record BatchSettled(BatchId batch) implements Entry {}

  /**
   * The batch goes out as these instead, at its place in the queue; with none of them it is simply
   * gone.
   */
  record BatchReplaced(BatchId batch, List<BatchRef> by, String reason) implements Entry {
    public BatchReplaced {
      by = List.copyOf(by);
    }
  }

  /** The destination will never take it: a dead letter. */
  record BatchBuried(BatchId batch, String reason) implements Entry {}

  /** A dead letter is tried again, at the end of the queue. */
  record BatchRevived(BatchId batch) implements Entry {}

  /**
   * A pending batch or a dead letter was given up: its body is gone, or the dead letters' limit was
   * reached.
   */
  record BatchDropped(BatchId batch, String reason) implements Entry {}

  /**
   * Tracing was off for a call: its prompt must not be sent. Consumed by a step of the session, as
   * an event is, or dropped. Nothing else of the call is kept.
   *
   * @param prompt the agent's id of it; without one, whatever is not known to be traced
   */
  record PromptDeclined(EventId id, SessionKey session, Optional<String> prompt) implements Entry {}

  /** The user paused or resumed the tracing of a session. */
  record SessionPaused(SessionKey session, boolean paused) implements Entry {}

  /** Memory and exported turns of the session are forgotten. */
  record SessionForgotten(SessionKey session) implements Entry {}
}
