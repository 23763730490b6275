package dev.turnpike.export;

import dev.turnpike.outbox.Batch;
import dev.turnpike.outbox.SendResult;

/** Takes the batches that go nowhere: no keys were configured. */
public interface LocalSink {
  SendResult keep(Batch batch);
}
