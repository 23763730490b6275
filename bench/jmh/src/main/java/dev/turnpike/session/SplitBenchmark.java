package dev.turnpike.session;

import dev.turnpike.agent.Line;
import dev.turnpike.agent.Memory.Position;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

/** Splits a transcript of 4 MiB, rows of 2 KB, into lines: microseconds for the whole file. */
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
public class SplitBenchmark {
  private static final int ROWS = 2048;
  private Path file;
  private long uid;

  @Setup
  public void write() throws IOException {
    file = Files.createTempFile("split", ".jsonl");
    Files.writeString(file, ("x".repeat(2047) + "\n").repeat(ROWS));
    uid = (Integer) Files.getAttribute(file, "unix:uid");
  }

  @TearDown
  public void remove() throws IOException {
    Files.delete(file);
  }

  @Benchmark
  public long split() {
    var reader = new TranscriptReader(file, new Position(0, ""), uid);
    var lines = new Counting();
    reader.read(Long.MAX_VALUE, lines);
    return lines.bytes;
  }

  private static final class Counting implements TranscriptReader.Sink {
    private long bytes;

    @Override
    public void restarted() {
      bytes = 0;
    }

    @Override
    public void line(Line line) {
      bytes += line.end() - line.start();
    }
  }
}
