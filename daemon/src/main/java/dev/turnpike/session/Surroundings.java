package dev.turnpike.session;

import dev.turnpike.model.SessionKey;
import dev.turnpike.platform.Counters;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;

/** What all workers share. */
record Surroundings(
    Steps steps,
    InstantSource clock,
    InstantSource ticks,
    Counters counters,
    Semaphore bigRows,
    long ownUid,
    Life life) {
  /** What the worker tells whoever keeps the workers. */
  interface Life {
    /** True: the worker was taken off the list and ends. False: mail came in between. */
    boolean mayRest(SessionWorker<?> worker);

    void ended(SessionWorker<?> worker);

    void failed(SessionKey key, Throwable cause);

    void openChanged(SessionKey key, boolean open);

    /** Has the spool taken over; completes with the moment at which it was. */
    CompletableFuture<Instant> takeSpool();
  }
}
