package dev.turnpike.export;

import dev.turnpike.model.DestinationId;

/**
 * Names of the counts of what went out, in all and by destination. The rest are counts of losses.
 */
public final class DeliveryCounts {
  public static final String BATCHES_SENT = "export.batches_sent";
  public static final String SPANS_SENT = "export.spans_sent";

  private DeliveryCounts() {}

  public static String batchesSent(DestinationId destination) {
    return BATCHES_SENT + "." + destination;
  }

  public static String spansSent(DestinationId destination) {
    return SPANS_SENT + "." + destination;
  }

  /** Whether this count is of something that went well. */
  public static boolean isSuccess(String name) {
    return name.startsWith(BATCHES_SENT) || name.startsWith(SPANS_SENT);
  }
}
