package dev.turnpike.gateway;

import dev.turnpike.gateway.api.FlushReport;
import java.time.Duration;

/** Brings to an end what can be brought to an end now. */
@FunctionalInterface
public interface Flusher {
  /**
   * Handles every event that is in, closes the turns that are certainly over, sends what is queued.
   * Blocks until that is done or {@code wait} is over; with zero it only sets things going.
   */
  FlushReport flush(Duration wait) throws InterruptedException;
}
