package dev.turnpike.export.local;

import dev.turnpike.export.LocalSink;
import dev.turnpike.outbox.Batch;
import dev.turnpike.outbox.SendResult;
import dev.turnpike.platform.Counters;

/**
 * Nothing has to be sent: the body lies on this machine already, and being accepted makes it
 * history, where it can be shown.
 */
public final class KeptHere implements LocalSink {
  private final Counters counters;

  public KeptHere(Counters counters) {
    this.counters = counters;
  }

  @Override
  public SendResult keep(Batch batch) {
    counters.add("export.spans_kept_here", batch.trace().observations().size());
    return new SendResult.Accepted();
  }
}
