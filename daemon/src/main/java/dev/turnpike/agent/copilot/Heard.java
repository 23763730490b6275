package dev.turnpike.agent.copilot;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What hooks said of a session, whatever their order and number. */
final class Heard {
  private @Nullable String cwd;
  private @Nullable Path file;
  private long first;
  private boolean firstWithin;
  private long stop;
  private long began;
  private long over;

  void accept(CopilotSignal.Hook hook, SessionFolder folder) {
    if (hook.cwd() != null) {
      cwd = hook.cwd();
    }
    if (hook.untraced()) {
      Path named = hook.file();
      file = named != null ? named : file != null ? file : folder.events().orElse(null);
      if (hook.name().equals("agentStop")) {
        stop = Math.max(stop, hook.at());
      }
    }
    switch (hook.name()) {
      case "sessionStart", "userPromptSubmitted" -> began = Math.max(began, hook.at());
      case "sessionEnd" -> over = Math.max(over, hook.at());
      default -> {}
    }
    if (hook.at() > 0 && (first == 0 || hook.at() < first)) {
      first = hook.at();
      firstWithin =
          !hook.name().equals("sessionStart") && !hook.name().equals("userPromptSubmitted");
    }
  }

  Optional<String> cwd() {
    return Optional.ofNullable(cwd);
  }

  /** The session file, once a hook came from a process without telemetry. */
  Optional<Path> file() {
    return Optional.ofNullable(file);
  }

  /**
   * When the first hook was sent, milliseconds: turns before it are history. 0: none was heard yet.
   */
  long first() {
    return first;
  }

  /** The first hook came in the middle of a turn. */
  boolean firstWithin() {
    return firstWithin;
  }

  /** When the latest turn ended that a hook without telemetry spoke of. */
  long stop() {
    return stop;
  }

  /**
   * The CLI said goodbye and was not started again since. Interrupted, it ends without sending the
   * turn's own span.
   */
  boolean ended() {
    return over > 0 && over >= began;
  }

  void write(ObjectNode carry) {
    carry.put("cwd", cwd).put("file", file == null ? null : file.toString());
    carry.put("first", first).put("within", firstWithin).put("stop", stop);
    carry.put("began", began).put("over", over);
  }

  void read(JsonNode carry) {
    cwd = carry.hasNonNull("cwd") ? carry.path("cwd").asText() : null;
    file = carry.hasNonNull("file") ? Path.of(carry.path("file").asText()) : null;
    first = carry.path("first").asLong(0);
    firstWithin = carry.path("within").asBoolean(false);
    stop = carry.path("stop").asLong(0);
    began = carry.path("began").asLong(0);
    over = carry.path("over").asLong(0);
  }
}
