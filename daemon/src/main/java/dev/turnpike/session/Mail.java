package dev.turnpike.session;

import dev.turnpike.agent.Signal;
import dev.turnpike.model.Event;
import dev.turnpike.model.EventId;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * What a session worker is told. Only {@code Told} has content that matters; the rest are nudges.
 */
sealed interface Mail<S extends Signal> {
  record Told<S extends Signal>(Event event, S signal) implements Mail<S> {}

  /** An event for which tracing was off: nothing of it is kept but that mark. */
  record Declined<S extends Signal>(EventId mark, Optional<String> prompt) implements Mail<S> {}

  record Look<S extends Signal>() implements Mail<S> {}

  /**
   * Look now; {@code done} completes when nothing announced is outstanding, or it was waited for
   * long enough.
   */
  record Flush<S extends Signal>(CompletableFuture<Void> done) implements Mail<S> {}
}
