package dev.turnpike.cli.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.turnpike.cli.setup.Trees;
import dev.turnpike.platform.PrivateFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * Plays a recorded session of Claude Code as if it happened now: the transcript grows below a
 * folder of this run, and the real hook client is called as the agent called it.
 */
public final class Replay implements AutoCloseable {
  private static final Duration HOOK_LIMIT = Duration.ofSeconds(10);
  private static final String RECORDED_PROJECTS = "/home/dev/.claude/projects";
  private static final String RECORDED_PROJECT = "/home/dev/shop";
  private static final int SEED_BYTES = 16;

  /**
   * @param session the agent's own id of it
   * @param hooks how long each call took
   */
  public record Played(String session, List<Duration> hooks) {
    public Played {
      hooks = List.copyOf(hooks);
    }
  }

  private final Path run;
  private final Recording recording;

  private Replay(Path run, Recording recording) {
    this.run = run;
    this.recording = recording;
  }

  /**
   * @param recorded the folder of the recording
   * @param demos where this run gets a folder of its own, which {@link #close} removes
   */
  public static Replay prepare(Path recorded, Path demos, RandomGenerator random, Instant now)
      throws IOException {
    byte[] bytes = new byte[SEED_BYTES];
    random.nextBytes(bytes);
    String seed = HexFormat.of().formatHex(bytes);
    PrivateFiles.createDirectory(demos);
    Path run = demos.resolve(seed.substring(0, 12));
    PrivateFiles.createDirectory(run);
    var folders = new LinkedHashMap<String, Path>();
    folders.put(RECORDED_PROJECTS, run.resolve("projects"));
    folders.put(RECORDED_PROJECT, Files.createDirectory(run.resolve("shop")));
    Recording old = Recording.read(recorded);
    return new Replay(run, old.rewritten(Refreshing.of(old, seed, now, folders)));
  }

  /**
   * @param hookProgram the client
   * @param environment of the person; what an agent it may run in has put there is left out
   */
  public Played play(Path hookProgram, Map<String, String> environment)
      throws IOException, InterruptedException {
    var took = new ArrayList<Duration>();
    for (Recording.Call call : recording.calls()) {
      for (Map.Entry<String, Integer> file : call.rowsOnDisk().entrySet()) {
        write(file.getKey(), file.getValue());
      }
      took.add(hook(hookProgram, environment, call));
    }
    for (Map.Entry<String, List<String>> file : recording.files().entrySet()) {
      write(file.getKey(), file.getValue().size());
    }
    String first = recording.calls().getFirst().payload();
    return new Played(new ObjectMapper().readTree(first).path("session_id").asText(), took);
  }

  /** The first rows of a file, and of the files that lie beside it but do not grow. */
  private void write(String name, int rows) throws IOException {
    Path file = run.resolve("projects").resolve(name);
    Files.createDirectories(Trees.above(file));
    List<String> all = recording.files().getOrDefault(name, List.of());
    var text = new StringBuilder();
    all.subList(0, Math.min(rows, all.size())).forEach(row -> text.append(row).append('\n'));
    byte[] content = text.toString().getBytes(StandardCharsets.UTF_8);
    byte[] there = Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
    // only ever longer, as the agent writes it
    if (content.length > there.length) {
      Files.write(
          file,
          Arrays.copyOfRange(content, there.length, content.length),
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    }
    Path description = Path.of(file.toString().replaceFirst("\\.jsonl$", ".meta.json"));
    String described = name.replaceFirst("\\.jsonl$", ".meta.json");
    if (recording.files().containsKey(described) && Files.notExists(description)) {
      Files.writeString(
          description, String.join("\n", recording.files().getOrDefault(described, List.of())));
    }
  }

  private Duration hook(Path program, Map<String, String> environment, Recording.Call call)
      throws IOException, InterruptedException {
    Path payload = run.resolve("payload.json");
    Files.writeString(payload, call.payload() + "\n");
    var builder =
        new ProcessBuilder(program.toString(), "claude-code")
            .directory(run.resolve("shop").toFile())
            .redirectInput(payload.toFile())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    Map<String, String> its = builder.environment();
    its.clear();
    environment.forEach(
        (name, value) -> {
          if (!name.startsWith("CLAUDE")) {
            its.put(name, value);
          }
        });
    its.putAll(call.environment());
    its.put("CLAUDE_PID", Long.toString(ProcessHandle.current().pid()));
    its.put("TURNPIKE_TAGS", "demo");
    // whoever asks for a demonstration wants to see it
    its.put("TRACE_TO_LANGFUSE", "true");
    its.put("TURNPIKE_REQUIRE_GIT", "false");
    long start = System.nanoTime();
    Process process = builder.start();
    if (!process.waitFor(HOOK_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
      process.destroyForcibly();
      throw new IOException(program + " did not end within " + HOOK_LIMIT.toSeconds() + " s");
    }
    if (process.exitValue() != 0) {
      throw new IOException(program + " ended with code " + process.exitValue());
    }
    return Duration.ofNanos(System.nanoTime() - start);
  }

  /** Removes what this run wrote. */
  @Override
  public void close() throws IOException {
    Trees.remove(run);
  }
}
