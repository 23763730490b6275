package dev.turnpike.journal;

import dev.turnpike.model.EventId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;

/** A journal in its own directory, and what tests ask of it. */
abstract class JournalCase {
  static final InstantSource CLOCK = InstantSource.fixed(Samples.AT);
  static final JournalLimits SMALL_SEGMENTS = limits(2000, 1L << 40);
  static final JournalLimits EAGER_COMPACTION = limits(2000, 4000);

  @TempDir Path directory;

  static JournalLimits limits(long segmentBytes, long compactAboveBytes) {
    return new JournalLimits(
        segmentBytes,
        1 << 20,
        Duration.ofMillis(200),
        compactAboveBytes,
        10_000,
        Duration.ofDays(90),
        1000);
  }

  /** Every kind of entry, in an order in which each has an effect. */
  static List<Entry> sequence() {
    var entries = new ArrayList<Entry>();
    for (int n = 0; n < 6; n++) {
      entries.add(new Entry.EventAccepted(Samples.event("e" + n, 50 + n)));
    }
    entries.add(
        new Entry.StepTaken(
            Samples.step(
                0, 1, Set.of(new EventId("e0")), List.of(Samples.ref(0), Samples.ref(1)))));
    entries.add(
        new Entry.StepTaken(
            Samples.step(1, 2, Set.of(new EventId("e2")), List.of(Samples.ref(2)))));
    entries.add(new Entry.BatchSettled(Samples.ref(0).id()));
    entries.add(
        new Entry.BatchReplaced(
            Samples.ref(1).id(), List.of(Samples.ref(10), Samples.ref(11)), "too large"));
    entries.add(new Entry.BatchBuried(Samples.ref(2).id(), "400 malformed"));
    entries.add(new Entry.BatchBuried(Samples.ref(10).id(), "400 malformed"));
    entries.add(new Entry.BatchRevived(Samples.ref(10).id()));
    entries.add(new Entry.SessionPaused(Samples.session(2), true));
    entries.add(new Entry.EventsDropped(Set.of(new EventId("e3")), "no session"));
    entries.add(new Entry.BatchesQueued(List.of(Samples.ref(20))));
    entries.add(new Entry.BatchDropped(Samples.ref(11).id(), "its body is gone"));
    entries.add(
        new Entry.StepTaken(
            Samples.step(0, 3, Set.of(new EventId("e1")), List.of(Samples.ref(21)))));
    entries.add(
        new Entry.PromptDeclined(new EventId("d1"), Samples.session(0), Optional.of("prompt-1")));
    entries.add(new Entry.PromptDeclined(new EventId("d2"), Samples.session(2), Optional.empty()));
    entries.add(new Entry.StepTaken(Samples.step(0, 4, Set.of(new EventId("d1")), List.of())));
    entries.add(new Entry.SessionForgotten(Samples.session(1)));
    return entries;
  }

  Journal open(JournalLimits limits) throws IOException {
    return Journal.open(directory, limits, CLOCK);
  }

  Set<String> pending(Journal journal) {
    return journal.view().pendingEvents().stream()
        .map(event -> event.id().value())
        .collect(Collectors.toCollection(HashSet::new));
  }

  List<Path> segments() throws IOException {
    return DurableFiles.real().list(directory).stream()
        .filter(file -> SegmentFormat.number(file).isPresent())
        .toList();
  }

  long size() throws IOException {
    long size = 0;
    for (Path file : segments()) {
      size += Files.size(file);
    }
    return size;
  }
}
