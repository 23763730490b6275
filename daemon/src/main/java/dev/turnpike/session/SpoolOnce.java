package dev.turnpike.session;

import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What hook clients had left is taken over once for all rows that were read together: the hooks of
 * their prompts were sent before, whichever turn waits for them. Owned by one worker.
 */
final class SpoolOnce implements Supplier<CompletableFuture<Instant>> {
  private final Supplier<CompletableFuture<Instant>> takeSpool;
  private @Nullable CompletableFuture<Instant> taken;

  SpoolOnce(Supplier<CompletableFuture<Instant>> takeSpool) {
    this.takeSpool = takeSpool;
  }

  /** Rows were read: hooks of theirs may have come since. */
  void again() {
    taken = null;
  }

  @Override
  public CompletableFuture<Instant> get() {
    CompletableFuture<Instant> known = taken;
    if (known == null) {
      known = takeSpool.get();
      taken = known;
    }
    return known;
  }
}
