package dev.turnpike.agent.claudecode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.turnpike.testing.Told.Trace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Plays a captured scenario as Claude Code produced it: before each hook the files have the rows
 * they had when it fired, afterwards they grow to what the next hook found.
 */
final class Replay {
  enum Mode {
    AS_CAPTURED,
    /** Final files first, then all hooks. */
    AT_ONCE,
    /** Likewise, and the hook that said the session is new is still in the spool. */
    AT_ONCE_START_MISSING,
    EVERY_HOOK_TWICE,
    REORDERED,
    /** A third of the hooks that end nothing are lost. */
    SOME_LOST,
    /** The daemon is restarted after everything that happens, rows one by one. */
    RESTARTED_ALWAYS,
    /** Files grow by pieces that end anywhere. */
    CUT_ANYWHERE,
    /** Hooks are heard later than they fire: the files are any way ahead of them. */
    HOOKS_LATE
  }

  private static final JsonMapper JSON = new JsonMapper();
  private static final List<String> TERMINAL =
      List.of("Stop", "StopFailure", "SubagentStop", "SessionEnd");

  record Hook(String event, byte[] payload, long atMillis, Map<String, Integer> rows) {}

  private static final class Grown {
    final Path target;
    final byte[] bytes;
    final List<Integer> ends = new ArrayList<>();
    int written;

    Grown(Path target, byte[] bytes) {
      this.target = target;
      this.bytes = bytes;
      for (int i = 0; i < bytes.length; i++) {
        if (bytes[i] == '\n') {
          ends.add(i + 1);
        }
      }
    }

    int atRows(int rows) {
      return rows <= 0 ? 0 : ends.get(Math.min(rows, ends.size()) - 1);
    }

    void write(int length) throws IOException {
      if (length > written) {
        Files.createDirectories(target.getParent());
        Files.write(target, java.util.Arrays.copyOf(bytes, length));
        written = length;
      }
    }
  }

  private final Path home;
  private final Mode mode;
  private final long seed;
  private final Map<String, Grown> files = new TreeMap<>();
  private final Map<String, byte[]> whole = new TreeMap<>();
  private final List<Hook> hooks = new ArrayList<>();
  final Rig rig;

  Replay(Path fixture, Path home, Mode mode, long seed) throws IOException {
    this.home = home;
    this.mode = mode;
    this.seed = seed;
    this.rig = new Rig(mode == Mode.RESTARTED_ALWAYS);
    Path projects = fixture.resolve("projects");
    if (Files.isDirectory(projects)) {
      try (Stream<Path> all = Files.walk(projects)) {
        for (Path file : all.filter(Files::isRegularFile).toList()) {
          String name = projects.relativize(file).toString();
          if (name.endsWith(".jsonl")) {
            files.put(name, new Grown(target(name), rewritten(Files.readString(file))));
          } else {
            whole.put(name, rewritten(Files.readString(file)));
          }
        }
      }
    }
    for (String line : Files.readAllLines(fixture.resolve("hooks.jsonl"))) {
      if (!line.isBlank()) {
        JsonNode hook = JSON.readTree(line);
        var rows = new TreeMap<String, Integer>();
        hook.path("rows_on_disk")
            .properties()
            .forEach(e -> rows.put(e.getKey(), e.getValue().asInt()));
        hooks.add(
            new Hook(
                hook.path("payload").path("hook_event_name").asText(),
                rewritten(hook.path("payload").toString()),
                hook.path("received_unix_ns").asLong() / 1_000_000,
                rows));
      }
    }
  }

  private Path target(String name) {
    return home.resolve(".claude/projects").resolve(name);
  }

  private byte[] rewritten(String text) {
    return text.replace("/home/dev", home.toString()).getBytes(StandardCharsets.UTF_8);
  }

  List<Trace> play() throws IOException {
    var random = new Random(seed);
    List<Hook> plan = plan(random);
    if (mode == Mode.AT_ONCE || mode == Mode.AT_ONCE_START_MISSING) {
      growToEnd();
    }
    for (int i = 0; i < plan.size(); i++) {
      Hook hook = plan.get(i);
      int ahead = mode == Mode.HOOKS_LATE ? i + random.nextInt(plan.size() - i) : i;
      grow(plan.get(ahead).rows());
      if (hook.payload().length > 0) {
        rig.hook(hook.payload(), Instant.ofEpochMilli(hook.atMillis()));
        if (mode == Mode.EVERY_HOOK_TWICE) {
          rig.hook(hook.payload(), Instant.ofEpochMilli(hook.atMillis() + 3));
        }
      }
      if (mode == Mode.HOOKS_LATE) {
        rig.look(random.nextBoolean() ? Rig.PATIENT : Rig.EARLY);
        continue;
      }
      Map<String, Integer> next = i + 1 < plan.size() ? plan.get(i + 1).rows() : null;
      grown(next, random);
      // What the hook announced is on disk by now: the worker has run out of patience for this
      // hint.
      rig.look(Rig.PATIENT);
    }
    growToEnd();
    rig.look(Rig.EARLY);
    rig.look(Rig.PATIENT);
    rig.look(Rig.GONE);
    return rig.told().traces();
  }

  private List<Hook> plan(Random random) {
    var plan = new ArrayList<>(hooks);
    if (mode == Mode.REORDERED) {
      for (int i = 0; i + 1 < plan.size(); i++) {
        Hook a = plan.get(i);
        Hook b = plan.get(i + 1);
        if (!TERMINAL.contains(a.event())
            && !TERMINAL.contains(b.event())
            && random.nextBoolean()) {
          plan.set(i, new Hook(b.event(), b.payload(), b.atMillis(), a.rows()));
          plan.set(i + 1, new Hook(a.event(), a.payload(), a.atMillis(), b.rows()));
          i++;
        }
      }
    }
    if (mode == Mode.AT_ONCE_START_MISSING) {
      plan.removeIf(
          h ->
              h.event().equals("SessionStart")
                  && new String(h.payload(), StandardCharsets.UTF_8).contains("\"startup\""));
    }
    if (mode == Mode.SOME_LOST) {
      plan.replaceAll(
          h ->
              !TERMINAL.contains(h.event()) && random.nextInt(3) == 0
                  ? new Hook(h.event(), new byte[0], h.atMillis(), h.rows())
                  : h);
    }
    return plan;
  }

  private void grow(Map<String, Integer> rows) throws IOException {
    for (var entry : files.entrySet()) {
      entry.getValue().write(entry.getValue().atRows(rows.getOrDefault(entry.getKey(), 0)));
    }
    companions(false);
  }

  private void grown(Map<String, Integer> to, Random random) throws IOException {
    for (var entry : files.entrySet()) {
      Grown file = entry.getValue();
      int target = to == null ? file.bytes.length : file.atRows(to.getOrDefault(entry.getKey(), 0));
      if (mode == Mode.RESTARTED_ALWAYS) {
        for (int end : file.ends) {
          if (end > file.written && end <= target) {
            file.write(end);
            rig.look(Rig.EARLY);
          }
        }
      }
      if (mode == Mode.CUT_ANYWHERE) {
        while (file.written < target) {
          file.write(Math.min(target, file.written + 1 + random.nextInt(3000)));
          rig.look(Rig.EARLY);
        }
      }
      file.write(target);
    }
    companions(to == null);
    rig.look(Rig.EARLY);
  }

  private void growToEnd() throws IOException {
    for (Grown file : files.values()) {
      file.write(file.bytes.length);
    }
    companions(true);
  }

  /** meta.json lies beside its transcript and says finished when that is whole. */
  private void companions(boolean end) throws IOException {
    for (var entry : whole.entrySet()) {
      Grown owner = files.get(entry.getKey().replace(".meta.json", ".jsonl"));
      if (owner != null && entry.getKey().endsWith(".meta.json")) {
        if (owner.written <= 0) {
          continue;
        }
        ObjectNode meta = (ObjectNode) JSON.readTree(entry.getValue());
        if (meta.has("finished") && owner.written < owner.bytes.length && !end) {
          meta.put("finished", false);
        }
        Files.createDirectories(target(entry.getKey()).getParent());
        Files.write(target(entry.getKey()), JSON.writeValueAsBytes(meta));
      } else {
        Files.createDirectories(target(entry.getKey()).getParent());
        Files.write(target(entry.getKey()), entry.getValue());
      }
    }
  }
}
