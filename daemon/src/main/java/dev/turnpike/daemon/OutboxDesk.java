package dev.turnpike.daemon;

import dev.turnpike.gateway.OutboxControl;
import dev.turnpike.gateway.api.OutboxReport;
import dev.turnpike.gateway.api.RetryReport;
import dev.turnpike.journal.BatchRef;
import dev.turnpike.journal.Buried;
import dev.turnpike.journal.Journal;
import dev.turnpike.model.DestinationId;
import dev.turnpike.outbox.Outbox;
import dev.turnpike.outbox.OutboxStatus;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Shows what waits to be sent and what was given up, and has it tried again. */
final class OutboxDesk implements OutboxControl {
  private final Journal journal;
  private final Outbox outbox;
  private final InstantSource clock;

  OutboxDesk(Journal journal, Outbox outbox, InstantSource clock) {
    this.journal = journal;
    this.outbox = outbox;
    this.clock = clock;
  }

  @Override
  public OutboxReport outbox(int limit) {
    var queues = new HashMap<DestinationId, OutboxStatus.Queue>();
    outbox.status().queues().forEach(queue -> queues.put(queue.destination(), queue));
    List<BatchRef> pending = journal.view().pendingBatches();
    var waiting = new ArrayList<OutboxReport.Waiting>();
    for (BatchRef ref : pending.subList(0, Math.min(limit, pending.size()))) {
      waiting.add(waiting(ref, queues));
    }
    List<Buried> buried = journal.view().buried();
    var dead = new ArrayList<OutboxReport.DeadLetter>();
    for (Buried each : buried.subList(0, Math.min(limit, buried.size()))) {
      dead.add(deadLetter(each));
    }
    long unlisted = (long) pending.size() - waiting.size() + buried.size() - dead.size();
    return new OutboxReport(waiting, dead, unlisted);
  }

  @Override
  public RetryReport retry() throws IOException {
    long revived = 0;
    for (Buried each : journal.view().buried()) {
      outbox.revive(each.ref().id());
      revived++;
    }
    long woken = journal.view().pendingBatches().size() - revived;
    outbox.retryNow();
    return new RetryReport(revived, Math.max(0, woken));
  }

  private OutboxReport.Waiting waiting(
      BatchRef ref, Map<DestinationId, OutboxStatus.Queue> queues) {
    OutboxStatus.@Nullable Queue queue = queues.get(ref.destination());
    boolean parked = queue != null && queue.parked().isPresent();
    boolean delayed = queue != null && queue.ripeAt().filter(clock.instant()::isBefore).isPresent();
    return new OutboxReport.Waiting(
        ref.id().value(),
        ref.destination().value(),
        ref.session().toString(),
        ref.trace().hex(),
        ref.spans(),
        ref.bytes(),
        ref.staged(),
        queue == null ? 0 : queue.failures(),
        parked ? "parked" : delayed ? "delayed" : "ready",
        queue == null ? null : queue.ripeAt().orElse(null),
        queue == null ? null : queue.parked().or(queue::lastProblem).orElse(null));
  }

  private static OutboxReport.DeadLetter deadLetter(Buried each) {
    BatchRef ref = each.ref();
    return new OutboxReport.DeadLetter(
        ref.id().value(),
        ref.destination().value(),
        ref.session().toString(),
        ref.trace().hex(),
        ref.spans(),
        ref.bytes(),
        each.at(),
        each.reason());
  }
}
