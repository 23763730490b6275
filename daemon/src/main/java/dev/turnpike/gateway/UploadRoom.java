package dev.turnpike.gateway;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Bodies that are larger than most may wait in the heap for their end, a few at a time: handed over
 * in one piece they cost one change of threads, piece by piece two for each. Who finds no room goes
 * to a file at once.
 */
final class UploadRoom {
  private static final int BODIES = 16;
  private static final int TIMES_INLINE = 4;

  private final int bodyBytes;
  private final AtomicInteger taken = new AtomicInteger();

  UploadRoom(GatewayLimits limits) {
    this.bodyBytes = TIMES_INLINE * limits.inlineBytes();
  }

  /** How large such a body may become. */
  int bodyBytes() {
    return bodyBytes;
  }

  boolean take() {
    if (taken.incrementAndGet() <= BODIES) {
      return true;
    }
    taken.decrementAndGet();
    return false;
  }

  void release() {
    taken.decrementAndGet();
  }
}
