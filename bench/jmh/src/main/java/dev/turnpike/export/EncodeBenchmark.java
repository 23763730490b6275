package dev.turnpike.export;

import dev.turnpike.model.Frame;
import dev.turnpike.model.Level;
import dev.turnpike.model.SpanId;
import dev.turnpike.model.TraceId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
import org.openjdk.jmh.annotations.Warmup;

/** Encodes a batch of 200 spans, about 2.3 KB each. */
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
public class EncodeBenchmark {
  private OtlpTraces traces;

  @Setup
  public void prepare() {
    var common = new ArrayList<Attribute>();
    for (int i = 0; i < 8; i++) {
      common.add(new Attribute.Text("langfuse.trace.metadata.key" + i, "value " + i));
    }
    var spans = new ArrayList<OtlpSpan>();
    for (int i = 0; i < 200; i++) {
      var start = Instant.parse("2026-11-21T10:00:00Z").plusMillis(i);
      spans.add(
          new OtlpSpan(
              new Frame(
                  new SpanId("%016x".formatted(i + 1)),
                  new SpanId("%016x".formatted(1)),
                  "Bash",
                  start,
                  start.plusMillis(5),
                  Level.DEFAULT,
                  null,
                  Map.of()),
              List.of(
                  new Attribute.Text("langfuse.observation.input", "i".repeat(900)),
                  new Attribute.Text("langfuse.observation.output", "o".repeat(900)))));
    }
    traces =
        new OtlpTraces(
            List.of(new Attribute.Text("service.name", "claude-code")),
            "turnpike",
            "0.1.0",
            new TraceId("0123456789abcdef0123456789abcdef"),
            common,
            spans);
  }

  @Benchmark
  public byte[] encode() {
    return traces.encode();
  }

  @Benchmark
  public byte[] encodeAndCompress() {
    return Gzip.compress(traces.encode());
  }
}
