package dev.turnpike.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/** The recordings of an agent, each a folder, and the tests that play every one in every way. */
public final class Recordings {
  /** Plays a recording that way and compares what was told with what is expected. */
  @FunctionalInterface
  public interface Judge<M extends Enum<M>> {
    void judge(Path recording, M mode, Sameness sameness) throws Exception;
  }

  /** Holds what the first way of playing told; every other must tell the same. */
  public static final class Sameness {
    private final List<String> first = new ArrayList<>();

    private Sameness() {}

    public void check(String canonical) {
      if (first.isEmpty()) {
        first.add(canonical);
      } else {
        assertEquals(first.getFirst(), canonical, "differs from the first mode played");
      }
    }
  }

  private Recordings() {}

  /** A test for every folder below that has such a file and every mode, named after both. */
  public static <M extends Enum<M>> Stream<DynamicTest> played(
      Path root, String having, Class<M> modes, Judge<M> judge) throws IOException {
    return played(root, folder -> Files.exists(folder.resolve(having)), modes, judge);
  }

  public static <M extends Enum<M>> Stream<DynamicTest> played(
      Path root, Predicate<Path> playable, Class<M> modes, Judge<M> judge) throws IOException {
    var tests = new ArrayList<DynamicTest>();
    try (Stream<Path> all = Files.list(root)) {
      for (Path recording : all.filter(playable).sorted().toList()) {
        var sameness = new Sameness();
        for (M mode : modes.getEnumConstants()) {
          tests.add(
              DynamicTest.dynamicTest(
                  recording.getFileName() + " " + mode,
                  () -> judge.judge(recording, mode, sameness)));
        }
      }
    }
    assertFalse(tests.isEmpty(), () -> "no recordings in " + root);
    return tests.stream();
  }
}
