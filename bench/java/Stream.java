import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What the reading of a transcript stands against: the same rows through Jackson's parser, every value touched, nothing made of it.
 * Prints MB for each second of CPU, the median of the last rounds.
 */
public class Stream {
  private static final int LIMIT_BYTES = 64 << 20;
  private static final int ROUNDS = 9;

  private static final JsonFactory JSON = new JsonFactory();

  public static void main(String[] args) throws IOException {
    byte[] rows;
    try (var file = Files.newInputStream(Path.of(args[0]))) {
      rows = file.readNBytes(LIMIT_BYTES);
    }
    List<Double> rates = new ArrayList<>();
    long touched = 0;
    for (int round = 0; round < ROUNDS; round++) {
      long begun = cpuNanos();
      touched += read(rows);
      rates.add(rows.length * 1e3 / (cpuNanos() - begun));
    }
    List<Double> last = new ArrayList<>(rates.subList(ROUNDS / 2, ROUNDS));
    Collections.sort(last);
    System.out.printf("%.1f %d%n", last.get(last.size() / 2), touched);
  }

  private static long cpuNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static long read(byte[] rows) throws IOException {
    long touched = 0;
    int begin = 0;
    for (int i = 0; i < rows.length; i++) {
      if (rows[i] == '\n') {
        touched += row(rows, begin, i);
        begin = i + 1;
      }
    }
    return touched;
  }

  private static long row(byte[] rows, int from, int to) throws IOException {
    long touched = 0;
    try (JsonParser parser = JSON.createParser(rows, from, to - from)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        touched +=
            switch (token) {
              case VALUE_STRING -> parser.getTextLength();
              case VALUE_NUMBER_INT -> parser.getLongValue();
              case VALUE_NUMBER_FLOAT -> (long) parser.getDoubleValue();
              default -> 1;
            };
      }
    }
    return touched;
  }
}
