package dev.turnpike.journal;

import dev.turnpike.model.AgentId;
import dev.turnpike.model.Caller;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.Event;
import dev.turnpike.model.EventBody;
import dev.turnpike.model.EventId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Takes an event of 2 KB over and consumes it: two entries, written to the page cache, or forced.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 2,
    jvmArgs = {
      "-XX:+UseSerialGC",
      "-Xms8m",
      "-Xmn4m",
      "-Xmx96m",
      "-XX:TieredStopAtLevel=1",
      "-XX:+UseCompactObjectHeaders"
    })
public class AppendBenchmark {
  private static final byte[] BODY = new byte[2048];

  private Path directory;
  private Journal journal;
  private long n;

  @Setup
  public void open() throws IOException {
    directory = Files.createTempDirectory("journal");
    journal = Journal.open(directory, JournalLimits.STANDARD, InstantSource.system());
  }

  @TearDown
  public void close() throws IOException {
    journal.close();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(file);
      }
    }
  }

  private static Event event(String id) {
    return new Event(
        new EventId(id),
        new AgentId("claude-code"),
        Instant.now(),
        new Caller("/home/dev/shop", 4711, "0.1.0", null, Map.of("CLAUDECODE", "1"), false),
        DestinationId.LOCAL,
        new EventBody.Inline(BODY));
  }

  @Benchmark
  public void append() {
    String id = "e" + n++;
    journal.append(new Entry.EventAccepted(event(id))).join();
    journal.append(new Entry.EventsDropped(Set.of(new EventId(id)), "measured")).join();
  }

  @Benchmark
  public void commit() {
    String id = "e" + n++;
    journal.commit(new Entry.EventAccepted(event(id))).join();
    journal.append(new Entry.EventsDropped(Set.of(new EventId(id)), "measured")).join();
  }
}
