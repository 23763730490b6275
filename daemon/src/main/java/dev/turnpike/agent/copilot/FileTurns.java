package dev.turnpike.agent.copilot;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.turnpike.agent.AgentJson;
import dev.turnpike.agent.Circumstances;
import dev.turnpike.agent.Line;
import dev.turnpike.agent.Memory;
import dev.turnpike.agent.SessionRef;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Turns of the session file {@code events.jsonl} (CLI 1.0.102), for those that had no telemetry.
 * The file repeats the input of every hook, so it tells itself which turns had: one of their hooks
 * names a trace.
 *
 * <p>At {@code agentStop} the file lacks its last rows; they come with the next activity or at the
 * end.
 */
final class FileTurns {
  private static final int LIMIT_OPEN = 64;

  sealed interface Ready {
    record Ended(FileTurn turn) implements Ready {}

    record Past(String reason) implements Ready {}

    /** From before the first hook. */
    record History() implements Ready {}
  }

  private final SessionRef ref;
  private final Map<Path, Long> starts = new HashMap<>();
  private final Deque<FileTurn> turns = new ArrayDeque<>();
  private @Nullable Path file;
  private long end;

  /** A prompt's hook, whose prompt comes in a later row. */
  private long hookStart = -1;

  private long hookAt;
  private long stopped;
  private @Nullable String version;
  private @Nullable String cwd;

  FileTurns(SessionRef ref) {
    this.ref = ref;
  }

  void from(Path path, long offset) {
    starts.put(path, offset);
    file = path;
    end = offset;
  }

  long position(Path path) {
    return starts.getOrDefault(path, 0L);
  }

  void restarted(Path path) {
    starts.put(path, 0L);
    turns.clear();
    end = 0;
    hookStart = -1;
  }

  void accept(Path path, Line line) {
    file = path;
    end = line.end();
    switch (line) {
      case Line.Oversized _ -> ref.counters().count("line.oversized");
      case Line.Row row -> {
        if (row.length() > 0) {
          row(row);
        }
      }
    }
  }

  private void row(Line.Row line) {
    long start = line.start();
    JsonNode row;
    try {
      row = AgentJson.MAPPER.readTree(line.bytes(), line.from(), line.length());
    } catch (JsonProcessingException e) {
      ref.counters().count("line.malformed");
      return;
    } catch (IOException e) {
      throw new IllegalStateException("reading from memory", e);
    }
    ref.counters().count("line.read");
    JsonNode data = row.path("data");
    boolean sub = row.hasNonNull("agentId");
    switch (row.path("type").asText("")) {
      case "session.start", "session.resume" -> session(data);
      case "hook.start" -> {
        if (!sub) {
          hook(start, data);
        }
      }
      case "user.message" -> {
        if (!sub) {
          opened(start, row);
        }
      }
      case "session.shutdown" -> {
        if (!turns.isEmpty()) {
          turns.getLast().over = true;
        }
      }
      case "assistant.turn_start",
          "assistant.turn_end",
          "assistant.message",
          "session.usage_record",
          "tool.execution_start",
          "tool.execution_complete",
          "subagent.started",
          "subagent.completed",
          "subagent.failed",
          "session.error",
          "abort" ->
          of(data).ifPresent(turn -> turn.add(row));
      default -> {}
    }
  }

  private void session(JsonNode data) {
    if (data.hasNonNull("copilotVersion")) {
      version = data.path("copilotVersion").asText();
    }
    if (data.path("context").hasNonNull("cwd")) {
      cwd = data.path("context").path("cwd").asText();
    }
  }

  private void hook(long start, JsonNode data) {
    JsonNode input = data.path("input");
    if (input.hasNonNull("agentId") && !data.path("hookType").asText("").startsWith("subagent")) {
      return;
    }
    String type = data.path("hookType").asText("");
    boolean traced = SignalParser.trace(input.path("traceparent").asText("")).isPresent();
    if (type.equals("userPromptSubmitted")) {
      hookStart = start;
      hookAt = input.path("timestamp").asLong(0);
    }
    if (turns.isEmpty()) {
      return;
    }
    FileTurn last = turns.getLast();
    // what comes while a prompt waits for its own row is the next turn's
    if (hookStart < 0 && !type.equals("sessionStart")) {
      last.traced |= traced;
    }
    if (type.equals("agentStop")) {
      last.stopped = true;
      stopped = Math.max(stopped, input.path("timestamp").asLong(0));
    }
  }

  private void opened(long start, JsonNode row) {
    long from = hookStart >= 0 ? hookStart : start;
    var turn = new FileTurn(row, from, hookStart >= 0 ? hookAt : 0);
    hookStart = -1;
    turns.addLast(turn);
    if (turns.size() > LIMIT_OPEN) {
      turns.removeFirst();
      ref.counters().count("turn.too-many");
    }
  }

  /** The turn a row names, else the latest. */
  private Optional<FileTurn> of(JsonNode data) {
    String id = data.path("interactionId").asText("");
    for (FileTurn turn : turns) {
      if (!id.isEmpty() && turn.key().value().equals(id)) {
        return Optional.of(turn);
      }
    }
    return Optional.ofNullable(turns.peekLast());
  }

  Optional<Ready> poll(Circumstances now, Heard heard) {
    FileTurn turn = turns.peekFirst();
    if (turn == null) {
      return Optional.empty();
    }
    boolean next = turns.size() > 1;
    boolean left = (now.agentGone() || now.idle()) && now.caughtUp();
    if (!next && !turn.over && !left && !(turn.complete() && now.caughtUp())) {
      return Optional.empty();
    }
    turns.removeFirst();
    if (turn.traced) {
      return Optional.of(new Ready.Past("told-by-telemetry"));
    }
    if (history(turn, heard)) {
      return Optional.of(new Ready.History());
    }
    return Optional.of(
        ref.exported().contains(turn.key())
            ? new Ready.Past("exported-before")
            : new Ready.Ended(turn));
  }

  /** What lies before the first hook that was heard. */
  private boolean history(FileTurn turn, Heard heard) {
    long first = heard.first();
    if (first == 0) {
      return true;
    }
    long began = turn.started().toEpochMilli();
    FileTurn following = turns.peekFirst();
    boolean before = following != null && following.started().toEpochMilli() <= first;
    return began < first && (before || !heard.firstWithin());
  }

  boolean open() {
    return !turns.isEmpty();
  }

  /** A hook said that a turn ended, and the file does not have it yet. */
  boolean awaited(Heard heard) {
    return heard.file().isPresent()
        && (heard.stop() > stopped || (!turns.isEmpty() && turns.getLast().stopped));
  }

  Optional<String> version() {
    return Optional.ofNullable(version);
  }

  Optional<String> cwd() {
    return Optional.ofNullable(cwd);
  }

  Map<Path, Memory.Position> positions() {
    if (file == null) {
      return Map.of();
    }
    FileTurn first = turns.peekFirst();
    long at = first != null ? first.from() : hookStart >= 0 ? hookStart : end;
    return Map.of(file, new Memory.Position(at, ""));
  }

  void write(ObjectNode carry) {
    carry.put("version", version).put("folder", cwd).put("stopped", stopped);
  }

  void read(JsonNode carry) {
    version = carry.hasNonNull("version") ? carry.path("version").asText() : null;
    cwd = carry.hasNonNull("folder") ? carry.path("folder").asText() : null;
    stopped = carry.path("stopped").asLong(0);
  }
}
