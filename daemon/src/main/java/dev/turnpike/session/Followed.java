package dev.turnpike.session;

import dev.turnpike.agent.FollowedFile;
import dev.turnpike.agent.Line;
import dev.turnpike.agent.Memory;
import dev.turnpike.agent.TurnAssembler;
import dev.turnpike.platform.Counters;
import dev.turnpike.session.TranscriptReader.Reading;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;

/**
 * The files of one session: reads what each has new and hands it to the assembler. The first file
 * an assembler names is the main one; it is read in slices so that a long absence does not decide
 * the heap, the others to their end.
 */
final class Followed {
  private static final long SLICE_BYTES = 1024L * 1024;

  /**
   * Parsing a row takes several times its size: only one big one at a time in the whole process.
   */
  private static final int BIG_ROW_BYTES = 1024 * 1024;

  private final TurnAssembler<?> assembler;
  private final Counters counters;
  private final Semaphore bigRows;
  private final long ownUid;
  private final BadRows badRows;
  private final Map<Path, TranscriptReader> readers = new HashMap<>();

  /** Of every file read or remembered so far, also of those that were closed. */
  private final Map<Path, String> heads = new HashMap<>();

  private final Map<Path, String> troubled = new HashMap<>();
  private Instant modified = Instant.EPOCH;

  Followed(
      TurnAssembler<?> assembler,
      Optional<Memory> memory,
      Counters counters,
      Semaphore bigRows,
      long ownUid,
      BadRows badRows) {
    this.assembler = assembler;
    this.counters = counters;
    this.bigRows = bigRows;
    this.ownUid = ownUid;
    this.badRows = badRows;
    memory
        .map(Memory::positions)
        .orElse(Map.of())
        .forEach((path, position) -> heads.put(path, position.head()));
  }

  /**
   * @param lines read in this pass; {@code caughtUp}: every file is at its present end
   */
  record Pass(long lines, boolean caughtUp) {}

  Pass read() {
    long lines = 0;
    boolean caughtUp = true;
    var seen = new HashSet<Path>();
    List<FollowedFile> wanted = assembler.files();
    while (!wanted.isEmpty()) {
      long before = lines;
      for (FollowedFile file : wanted) {
        boolean main = seen.isEmpty();
        seen.add(file.path());
        Reading reading = read(file);
        lines += linesOf(reading);
        while (!main && !atEnd(reading)) {
          reading = read(file);
          lines += linesOf(reading);
        }
        caughtUp &= atEnd(reading);
      }
      // A row may name a further file, which then belongs to the same pass: nothing may be closed
      // before it was read. Without a new row there is none, and asking may list a folder.
      wanted = lines > before ? unread(seen) : List.of();
    }
    readers.keySet().retainAll(seen);
    troubled.keySet().retainAll(seen);
    return new Pass(lines, caughtUp);
  }

  private List<FollowedFile> unread(Set<Path> seen) {
    return assembler.files().stream().filter(file -> !seen.contains(file.path())).toList();
  }

  private static long linesOf(Reading reading) {
    return reading instanceof Reading.Read(var lines, _, _) ? lines : 0;
  }

  /** A file that cannot be read now is at its end as far as we can get. */
  private static boolean atEnd(Reading reading) {
    return !(reading instanceof Reading.Read(_, var atEnd, _)) || atEnd;
  }

  /** The latest change of any followed file that was read. */
  Instant modified() {
    return modified;
  }

  /**
   * Positions as an assembler gives them, with the heads the readers compare with. An assembler's
   * own would not do: whatever differs from how a reader takes them looks like a replaced file.
   */
  Memory withHeads(Memory of) {
    var positions = new HashMap<Path, Memory.Position>();
    of.positions()
        .forEach((path, at) -> positions.put(path, new Memory.Position(at.offset(), head(path))));
    return new Memory(positions, of.carry(), of.needed());
  }

  private String head(Path path) {
    return heads.getOrDefault(path, "");
  }

  private Reading read(FollowedFile file) {
    TranscriptReader reader =
        readers.computeIfAbsent(
            file.path(), path -> new TranscriptReader(path, start(file), ownUid));
    Reading reading = reader.read(SLICE_BYTES, new Sink(file.path()));
    heads.put(file.path(), reader.head());
    switch (reading) {
      case Reading.Read(_, _, var changed) -> {
        troubled.remove(file.path());
        if (changed.isAfter(modified)) {
          modified = changed;
        }
      }
      case Reading.Missing() -> {
        // the agent has not written it yet, or never will: the assembler decides by what events say
      }
      case Reading.Refused(var reason) ->
          trouble(file.path(), "transcript.refused." + reason.replace(' ', '-'));
      case Reading.Failed(_) -> trouble(file.path(), "transcript.unreadable");
    }
    return reading;
  }

  /** Counted once, however often we look. */
  private void trouble(Path path, String reason) {
    if (!reason.equals(troubled.put(path, reason))) {
      counters.count(reason);
    }
  }

  /** The assembler knows where; it may have gone on since its memory, and closed the file. */
  private Memory.Position start(FollowedFile file) {
    return new Memory.Position(file.from(), file.from() == 0 ? "" : head(file.path()));
  }

  private final class Sink implements TranscriptReader.Sink {
    private final Path path;

    Sink(Path path) {
      this.path = path;
    }

    @Override
    public void restarted() {
      counters.count("transcript.replaced");
      assembler.restarted(path);
    }

    @Override
    public void line(Line line) {
      counters.count("line.read");
      if (line instanceof Line.Oversized) {
        counters.count("line.oversized");
      }
      if (badRows.contains(path, line.start())) {
        assembler.accept(path, new Line.Oversized(line.start(), line.end()));
        return;
      }
      try {
        give(line);
      } catch (UncheckedIOException e) {
        throw e; // the disk's fault, not the row's
      } catch (RuntimeException | StackOverflowError e) {
        badRows.add(path, line.start());
        counters.count("line.failed");
        throw e;
      }
    }

    private void give(Line line) {
      if (line instanceof Line.Row row && row.length() > BIG_ROW_BYTES) {
        bigRows.acquireUninterruptibly();
        try {
          assembler.accept(path, line);
        } finally {
          bigRows.release();
        }
      } else {
        assembler.accept(path, line);
      }
    }
  }
}
