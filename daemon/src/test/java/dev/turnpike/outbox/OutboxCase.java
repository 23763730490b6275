package dev.turnpike.outbox;

import dev.turnpike.journal.BatchRef;
import dev.turnpike.journal.Entry;
import dev.turnpike.journal.FaultyFiles;
import dev.turnpike.journal.Journal;
import dev.turnpike.journal.JournalLimits;
import dev.turnpike.journal.Samples;
import dev.turnpike.journal.Step;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.Trace;
import dev.turnpike.platform.Counters;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** An outbox over a real journal, with a clock and files that the test governs. */
abstract class OutboxCase {
  static final DestinationId REMOTE = Samples.REMOTE;

  @TempDir Path directory;
  final Counters counters = new Counters();
  FaultyFiles files = FaultyFiles.faultless();
  final List<DestinationId> woken = new ArrayList<>();
  OutboxLimits limits = OutboxLimits.STANDARD;
  Instant now = Samples.AT;

  /** Of what waits are measured with. */
  Duration wallAhead = Duration.ZERO;

  Journal journal;
  History history;
  Outbox outbox;

  @BeforeEach
  void open() throws IOException {
    journal = Journal.open(directory.resolve("journal"), JournalLimits.STANDARD, () -> now, files);
    history =
        History.open(
            directory.resolve("traces"), HistoryLimits.STANDARD, () -> now, counters, files);
    outbox =
        Outbox.open(
            directory.resolve("outbox"),
            journal,
            history,
            limits,
            () -> now.plus(wallAhead),
            () -> now,
            new Random(1),
            counters,
            files);
    outbox.listen(woken::add);
  }

  @AfterEach
  void close() {
    journal.close();
  }

  void reopen() throws IOException {
    close();
    open();
  }

  /** Stages, commits the step, queues. */
  List<BatchRef> queue(Trace trace, DestinationId destination, int session) throws IOException {
    List<BatchRef> refs = outbox.stage(trace, destination, Samples.session(session));
    journal.commitNow(
        new Entry.StepTaken(
            new Step(Samples.session(session), now, Set.of(), "{}", refs, Set.of())));
    outbox.queued(refs);
    return refs;
  }

  Optional<Trace> next() throws IOException {
    return outbox.next(REMOTE, now).map(Batch::trace);
  }

  Batch take() throws IOException {
    return outbox.next(REMOTE, now).orElseThrow();
  }

  List<Path> filesIn(String name) throws IOException {
    return files.list(directory.resolve(name));
  }
}
