package dev.turnpike.agent.claudecode;

import java.nio.charset.StandardCharsets;
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

/** Parses one row of a transcript: a tool's result of 2 KB, which the agent writes twice. */
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
public class ParseBenchmark {
  private final LineParser parser = new LineParser();
  private byte[] row;

  @Setup
  public void prepare() {
    String output = "total 4\\nsrc/cart.py: return sum(price)\\n".repeat(26);
    String text =
        """
        {"parentUuid":"0c2f1b8d-16d2-42f1-8c4d-901b6ccf381e","isSidechain":false,"promptId":"842b0dda-3616-4a39-98f5-be31fe68ab8e",\
        "type":"user","message":{"role":"user","content":[{"tool_use_id":"toolu_01","type":"tool_result","content":"%s","is_error":false}]},\
        "uuid":"38a2033f-b9a1-454b-aa1e-aab58587ed85","timestamp":"2026-11-20T12:48:06.190Z","toolUseResult":{"stdout":"%s","stderr":""},\
        "userType":"external","cwd":"/home/dev/shop","sessionId":"4aeed8a7-c8cd-4b1c-9cd1-2594e1cbae1b","version":"2.1.329"}"""
            .formatted(output, output);
    row = text.getBytes(StandardCharsets.UTF_8);
  }

  @Benchmark
  public Object parse() {
    return parser.parse(row, 0, row.length);
  }
}
