package dev.turnpike.export;

import dev.turnpike.model.DestinationId;
import dev.turnpike.outbox.Batch;
import dev.turnpike.outbox.Outbox;
import dev.turnpike.outbox.SendResult;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** What delivery asks of the outbox. See there for the promises. */
public interface DeliveryQueue {
  List<DestinationId> destinations();

  void listen(Consumer<DestinationId> wake);

  Optional<Batch> next(DestinationId destination, Instant now) throws IOException;

  Optional<Instant> ripeAt(DestinationId destination);

  Optional<byte[]> wire(Batch batch) throws IOException;

  void pinWire(Batch batch, byte[] bytes) throws IOException;

  void record(Batch batch, SendResult result) throws IOException;

  static DeliveryQueue of(Outbox outbox) {
    return new DeliveryQueue() {
      @Override
      public List<DestinationId> destinations() {
        return outbox.destinations();
      }

      @Override
      public void listen(Consumer<DestinationId> wake) {
        outbox.listen(wake);
      }

      @Override
      public Optional<Batch> next(DestinationId destination, Instant now) throws IOException {
        return outbox.next(destination, now);
      }

      @Override
      public Optional<Instant> ripeAt(DestinationId destination) {
        return outbox.ripeAt(destination);
      }

      @Override
      public Optional<byte[]> wire(Batch batch) throws IOException {
        return outbox.wire(batch);
      }

      @Override
      public void pinWire(Batch batch, byte[] bytes) throws IOException {
        outbox.pinWire(batch, bytes);
      }

      @Override
      public void record(Batch batch, SendResult result) throws IOException {
        outbox.record(batch, result);
      }
    };
  }
}
