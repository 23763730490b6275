package dev.turnpike.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.model.Event;
import dev.turnpike.model.EventBody;
import dev.turnpike.model.EventId;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * A child process writes, acknowledges on its output what the journal said is safe, and is killed
 * with SIGKILL at a random moment. Whatever it acknowledged has to be there, with the right
 * content; the next round goes on in the same directory.
 */
@Tag("crash")
class JournalCrashTest {
  private static final int ROUNDS = 50;
  private static final JournalLimits LIMITS =
      new JournalLimits(
          64 * 1024, 1 << 20, Duration.ofMillis(20), 64 * 1024, 10_000, Duration.ofDays(90), 4000);

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path directory;

  /** What the parent knows of the journal, from the children's words. */
  private static final class Known {
    final Set<Integer> accepted = new TreeSet<>();
    final Set<Integer> dropped = new HashSet<>();
    final Map<String, Integer> steps = new HashMap<>();
    int highest = -1;

    void heard(String line) {
      int n = Integer.parseInt(line.substring(2).split(" ", -1)[0]);
      switch (line.charAt(0)) {
        case 'A' -> accepted.add(n);
        case 'D' -> dropped.add(n);
        case 'S' -> steps.merge(line.substring(2).split(" ", -1)[1], n, Math::max);
        default -> throw new IllegalStateException(line);
      }
      highest = Math.max(highest, n);
    }
  }

  @Test
  @Timeout(300)
  void nothingAcknowledgedIsLostWhenTheProcessIsKilled() throws Exception {
    long seed = System.nanoTime();
    var random = new Random(seed);
    var known = new Known();
    int acknowledged = 0;
    for (int round = 0; round < ROUNDS; round++) {
      String where = "seed " + seed + ", round " + round;
      acknowledged += killedChild(known, random, where);
      try (Journal journal = Journal.open(directory, LIMITS, InstantSource.system())) {
        check(journal, known, where);
        journal.commit(new Entry.SessionPaused(Samples.session(2), round % 2 == 0)).join();
      }
    }
    assertTrue(acknowledged > ROUNDS, "the children did acknowledge: " + acknowledged);
  }

  private int killedChild(Known known, Random random, String where) throws Exception {
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                Child.class.getName(),
                directory.toString(),
                Integer.toString(known.highest + 1))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    int lines = 0;
    try (BufferedReader out = child.inputReader(StandardCharsets.US_ASCII)) {
      String line = out.readLine();
      long until = System.nanoTime() + TimeUnit.MICROSECONDS.toNanos(random.nextInt(60_000));
      while (line != null && System.nanoTime() < until) {
        known.heard(line);
        lines++;
        line = out.readLine();
      }
      // Through the handle: Process.destroyForcibly closes our end of the pipe, and with it goes
      // what was acknowledged.
      child.toHandle().destroyForcibly();
      while (line != null) {
        if (line.endsWith(".")) {
          known.heard(line);
          lines++;
        }
        line = out.readLine();
      }
    }
    assertTrue(child.waitFor(30, TimeUnit.SECONDS), where);
    assertTrue(lines > 0, "the child said nothing, " + where);
    return lines;
  }

  private static void check(Journal journal, Known known, String where) {
    assertEquals(0, journal.health().damagedRecords(), where);
    for (int n : known.accepted) {
      var id = new EventId("e" + n);
      assertTrue(journal.view().knows(id), "event " + n + " is lost, " + where);
      if (known.dropped.contains(n)) {
        assertTrue(!journal.view().pending(id), "event " + n + " is back, " + where);
      }
    }
    known.accepted.removeIf(n -> n < known.highest - 2000);
    journal
        .view()
        .pendingEvents()
        .forEach(
            event ->
                assertEquals(
                    Arrays.hashCode(bytes(event)),
                    Arrays.hashCode(
                        bytes(
                            Samples.event(
                                event.id().value(), Math.toIntExact(event.body().size())))),
                    where));
    known.steps.forEach(
        (session, n) -> {
          SessionRecord record =
              journal.view().session(Samples.session(Integer.parseInt(session))).orElseThrow();
          int step = Integer.parseInt(record.memory().replaceAll("\\{\"offset\":(\\d+).*", "$1"));
          assertTrue(step >= n, "step " + n + " is lost, " + where);
        });
  }

  private static byte[] bytes(Event event) {
    return ((EventBody.Inline) event.body()).bytes();
  }

  /** Writes until it is killed. Never says a word before the journal did. */
  static final class Child {
    private Child() {}

    public static void main(String[] args) throws IOException {
      int n = Integer.parseInt(args[1]);
      var random = new Random(n);
      var out = new PrintStream(System.out, true, StandardCharsets.US_ASCII);
      var waiting = new ArrayDeque<Integer>();
      Journal journal = Journal.open(Path.of(args[0]), LIMITS, InstantSource.system());
      journal
          .view()
          .pendingEvents()
          .forEach(event -> waiting.add(Integer.parseInt(event.id().value().substring(1))));
      while (true) {
        var accepted = new Entry.EventAccepted(Samples.event("e" + n, 64 + random.nextInt(4000)));
        (n % 3 == 0 ? journal.commit(accepted) : journal.append(accepted)).join();
        out.println("A " + n + " .");
        waiting.add(n);
        if (n % 5 == 0) {
          int session = n % 2;
          journal
              .commit(
                  new Entry.StepTaken(
                      Samples.step(session, n, Set.of(), List.of(Samples.ref(n % 50)))))
              .join();
          out.println("S " + n + " " + session + " .");
        }
        while (waiting.size() > 20) {
          int oldest = waiting.remove();
          journal.commit(new Entry.EventsDropped(Set.of(new EventId("e" + oldest)), "test")).join();
          out.println("D " + oldest + " .");
        }
        n++;
      }
    }
  }
}
