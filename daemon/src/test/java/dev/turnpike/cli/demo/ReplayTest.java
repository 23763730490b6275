package dev.turnpike.cli.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.cli.setup.FakeMachine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayTest {
  private static final Path RECORDED = Path.of("../demo/claude-code").toAbsolutePath().normalize();
  private static final Instant NOW = Instant.parse("2027-01-02T03:04:05.678Z");
  private static final Pattern ID =
      Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}|(?:msg|toolu|req)_\\w+");

  @TempDir Path temp;

  @Test
  void hooksComeInOrderWithTheTranscriptAsItWasThen() throws Exception {
    // what a hook finds: its event, the rows on disk, and what it was told
    Path client = temp.resolve("client");
    Path seen = temp.resolve("seen");
    FakeMachine.program(
        client,
        """
        event=$(sed 's/.*"hook_event_name":"\\([A-Za-z]*\\)".*/\\1/')
        rows=$(cat ../projects/*/*.jsonl 2>/dev/null | wc -l)
        echo "$event $((rows)) $TURNPIKE_TAGS $CLAUDE_PID $1 ${CLAUDE_SECRET-}" >> %s
        """
            .formatted(seen));
    Replay.Played played;
    try (var replay = replay(1)) {
      played =
          replay.play(
              client, Map.of("PATH", "/usr/bin:/bin", "CLAUDE_SECRET", "of the agent around us"));
      assertEquals(35, rows(temp.resolve("demos")));
    }
    long pid = ProcessHandle.current().pid();
    List<String> lines = Files.readAllLines(seen);
    assertEquals("SessionStart 0 demo %d claude-code ".formatted(pid), lines.getFirst());
    assertEquals("Stop 31 demo %d claude-code ".formatted(pid), lines.get(lines.size() - 2));
    assertEquals("SessionEnd 35 demo %d claude-code ".formatted(pid), lines.getLast());
    assertEquals(lines.size(), played.hooks().size());
    assertEquals(List.of(), children(temp.resolve("demos")));
  }

  @Test
  void everyIdIsFreshAndTheSameEverywhere() throws Exception {
    var old = Recording.read(RECORDED);
    var folders = Map.of("/home/dev/shop", temp);
    var first = old.rewritten(Refreshing.of(old, "a", NOW, folders));
    var second = old.rewritten(Refreshing.of(old, "b", NOW, folders));
    var before = ids(old);
    assertTrue(before.size() > 40, before.toString());
    assertEquals(before.size(), ids(first).size());
    for (Recording fresh : List.of(first, second)) {
      var shared = new TreeSet<>(ids(fresh));
      shared.retainAll(before);
      assertEquals(Set.of(), shared);
    }
    assertNotEquals(ids(first), ids(second));
    assertEquals(ids(first), ids(old.rewritten(Refreshing.of(old, "a", NOW, folders))));
    // a sub-agent's file is found by its id, which stands in rows and names alike
    String file =
        first.files().keySet().stream()
            .filter(name -> name.contains("agent-"))
            .findFirst()
            .orElseThrow();
    String agent = file.replaceFirst(".*agent-(\\w+)\\..*", "$1");
    assertTrue(first.calls().stream().anyMatch(call -> call.payload().contains(agent)));
  }

  @Test
  void theSessionEndsNow() throws Exception {
    var old = Recording.read(RECORDED);
    var fresh = old.rewritten(Refreshing.of(old, "a", NOW, Map.of()));
    var times =
        fresh.files().values().stream()
            .flatMap(List::stream)
            .flatMap(row -> Pattern.compile("20\\d\\d-[0-9T:.-]{18}Z").matcher(row).results())
            .map(time -> Instant.parse(time.group()))
            .toList();
    assertEquals(NOW, times.stream().max(Instant::compareTo).orElseThrow());
    assertTrue(times.stream().allMatch(time -> time.isAfter(NOW.minusSeconds(60))));
    assertFalse(fresh.toString().contains("2026-11-20T"));
  }

  private Replay replay(long seed) throws IOException {
    return Replay.prepare(RECORDED, temp.resolve("demos"), new Random(seed), NOW);
  }

  private static Set<String> ids(Recording recording) {
    var ids = new TreeSet<String>();
    Stream.concat(
            recording.calls().stream().map(Recording.Call::payload),
            recording.files().values().stream().flatMap(List::stream))
        .forEach(text -> ID.matcher(text).results().forEach(id -> ids.add(id.group())));
    return ids;
  }

  private static long rows(Path demos) throws IOException {
    try (Stream<Path> files = Files.walk(demos, 4)) {
      Path main =
          files.filter(file -> file.toString().endsWith(".jsonl")).findFirst().orElseThrow();
      return Files.readAllLines(main).size();
    }
  }

  private static List<Path> children(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }
}
