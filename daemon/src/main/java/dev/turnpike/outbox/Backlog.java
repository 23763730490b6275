package dev.turnpike.outbox;

import dev.turnpike.model.SessionKey;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What waits for one destination, as {@link SendQueue} knows it, which also guards it: each
 * session's batches in their order. To find the next one costs a look at each session, however many
 * batches they have: after a long outage each batch that goes would else cost a walk over all that
 * stay.
 */
final class Backlog {
  private static final class Row {
    ArrayDeque<Pending> batches = new ArrayDeque<>(2);
    Instant liveUntil = Instant.MIN;
  }

  /** None is empty. */
  private final Map<SessionKey, Row> sessions = new HashMap<>();

  private Waiting waiting = Waiting.NOTHING;

  Waiting waiting() {
    return waiting;
  }

  void add(Pending batch) {
    Row row = sessions.computeIfAbsent(batch.ref.session(), session -> new Row());
    row.batches.addLast(batch);
    if (batch.liveUntil.isAfter(row.liveUntil)) {
      row.liveUntil = batch.liveUntil;
    }
    grow(1, batch.ref.bytes());
  }

  void remove(Pending batch) {
    replace(batch, List.of());
  }

  /** The parts take the batch's place. */
  void replace(Pending batch, List<Pending> parts) {
    Row row = row(batch);
    if (parts.isEmpty()) {
      row.batches.remove(batch);
    } else {
      row.batches = replaced(row.batches, batch, parts);
    }
    if (row.batches.isEmpty()) {
      sessions.remove(batch.ref.session());
    }
    grow(-1, -batch.ref.bytes() - batch.wireBytes);
    parts.forEach(part -> grow(1, part.ref.bytes()));
  }

  private static ArrayDeque<Pending> replaced(
      ArrayDeque<Pending> batches, Pending batch, List<Pending> parts) {
    var replaced = new ArrayDeque<Pending>(batches.size() + parts.size());
    for (Pending each : batches) {
      replaced.addAll(each == batch ? parts : List.of(each));
    }
    return replaced;
  }

  private Row row(Pending batch) {
    Row row = sessions.get(batch.ref.session());
    if (row == null) {
      throw new IllegalStateException(batch.ref.id() + " does not wait here");
    }
    return row;
  }

  void wire(Pending batch, long bytes) {
    grow(0, bytes - batch.wireBytes);
    batch.wireBytes = bytes;
  }

  private void grow(int batches, long bytes) {
    waiting = waiting.with(new Waiting(batches, bytes));
  }

  /** What goes next: of the sessions with something just staged, if there are such. */
  @Nullable Pending next(Instant now) {
    Pending first = null;
    boolean firstIsLive = false;
    for (Row row : sessions.values()) {
      Pending head = row.batches.getFirst();
      if (head.delivered || now.isBefore(head.notBefore)) {
        continue;
      }
      boolean live = now.isBefore(row.liveUntil);
      boolean sooner = first == null || head.place < first.place;
      if (live == firstIsLive ? sooner : live) {
        first = head;
        firstIsLive = live;
      }
    }
    return first;
  }

  /** When the first batch of a session may go; in the past mostly. */
  Optional<Instant> ripeAt() {
    return heads().map(head -> head.notBefore).min(Instant::compareTo);
  }

  /** The first batch of each session. */
  Stream<Pending> heads() {
    return sessions.values().stream().map(row -> row.batches.getFirst());
  }

  /** In no order but that of each session. */
  Stream<Pending> all() {
    return sessions.values().stream().flatMap(row -> row.batches.stream());
  }
}
