package dev.turnpike.outbox;

import dev.turnpike.journal.BatchRef;
import dev.turnpike.journal.Entry;
import dev.turnpike.journal.Journal;
import dev.turnpike.model.BatchId;
import dev.turnpike.platform.Counters;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a start finds in the outbox's directory. Files nobody names are of steps that never came
 * true, or of batches settled just before a stop: they go. Unless the journal lost records.
 */
final class Leftovers {
  private static final Logger LOG = LoggerFactory.getLogger(Leftovers.class);

  private final Journal journal;
  private final SendQueue queue;
  private final Bodies bodies;
  private final InstantSource clock;
  private final Counters counters;

  Leftovers(
      Journal journal, SendQueue queue, Bodies bodies, InstantSource clock, Counters counters) {
    this.journal = journal;
    this.queue = queue;
    this.bodies = bodies;
    this.clock = clock;
    this.counters = counters;
  }

  void sweep(List<Path> found) throws IOException {
    Set<BatchId> dead =
        journal.view().buried().stream()
            .map(letter -> letter.ref().id())
            .collect(Collectors.toSet());
    boolean damaged = journal.health().damagedRecords() > 0;
    for (Path file : found) {
      String name = file.getFileName().toString();
      if (name.endsWith(Bodies.BODY)) {
        var id = new BatchId(name.substring(0, name.length() - Bodies.BODY.length()));
        if (!queue.contains(id) && !dead.contains(id) && !(damaged && adopt(file, id))) {
          counters.count("outbox.orphan");
          bodies.delete(file);
        }
      } else if (name.endsWith(Bodies.WIRE)) {
        var id = new BatchId(name.substring(0, name.length() - Bodies.WIRE.length()));
        if (queue.contains(id)) {
          queue.wire(id, bodies.wire(id).map(bytes -> (long) bytes.length).orElse(0L));
        } else {
          bodies.delete(file);
        }
      } else if (name.endsWith(".tmp")) {
        bodies.delete(file);
      }
    }
  }

  /**
   * The journal lost records: a body nobody names may be of one of those. To send it again is
   * harmless, to lose it is not.
   */
  private boolean adopt(Path file, BatchId id) throws IOException {
    Body body;
    byte[] compressed;
    try {
      compressed = bodies.bytes(id);
      body = Body.read(compressed);
    } catch (IOException e) {
      LOG.warn("outbox: {} cannot be read: {}", file, e.toString());
      return false;
    }
    var ref =
        new BatchRef(
            id,
            body.destination(),
            body.session(),
            body.trace().id(),
            body.trace().observations().size(),
            compressed.length,
            clock.instant());
    journal.commitNow(new Entry.BatchesQueued(List.of(ref)));
    queue.add(ref, Optional.empty());
    counters.count("outbox.adopted");
    LOG.warn("outbox: the journal was damaged; {} is queued again", file);
    return true;
  }
}
