package dev.turnpike.agent.pi;

import dev.turnpike.model.Part;
import dev.turnpike.model.Usage;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one entry of a session says, the same whether it was read from the file or pushed (Pi 0.87.1
 * and 1.5.2, session format 3).
 */
sealed interface Item {
  /** When the entry was written: the end of what it tells of. */
  Instant at();

  /** A user's message, or one that an extension put in ({@code role} custom). */
  record Said(Instant at, long when, String role, String text, List<Part> media) implements Item {
    public Said {
      media = List.copyOf(media);
    }
  }

  /**
   * One model call.
   *
   * @param when the request's start, milliseconds since 1970
   */
  record Answer(
      Instant at,
      long when,
      List<Part> parts,
      List<Call> calls,
      String text,
      Bill bill,
      String stopReason,
      @Nullable String error,
      Map<String, String> more)
      implements Item {
    public Answer {
      parts = List.copyOf(parts);
      calls = List.copyOf(calls);
      more = Collections.unmodifiableMap(new LinkedHashMap<>(more));
    }

    boolean failed() {
      return stopReason.equals("error");
    }

    boolean aborted() {
      return stopReason.equals("aborted");
    }

    /** Nothing follows of itself; a retry or a compaction may. */
    boolean last() {
      return !stopReason.equals("toolUse");
    }
  }

  /** A tool call as the model asked for it; {@code arguments} is JSON text. */
  record Call(String id, String name, String arguments) {}

  /** What a tool gave back. Written in the order of the calls after all of them have ended. */
  record Result(
      Instant at,
      long when,
      String callId,
      String text,
      List<Part> media,
      boolean error,
      Bill bill,
      List<Nested> nested,
      Map<String, String> more)
      implements Item {
    public Result {
      media = List.copyOf(media);
      nested = List.copyOf(nested);
      more = Collections.unmodifiableMap(new LinkedHashMap<>(more));
    }
  }

  /** A call that the code of a tool made (1.x). {@code millis} is -1 if not told. */
  record Nested(String id, String name, String arguments, @Nullable String error, long millis) {}

  /** Billed work outside messages: compaction, branch summary, cache warming. */
  record Work(
      Instant at, String kind, Bill bill, @Nullable String summary, Map<String, String> more)
      implements Item {
    public Work {
      more = Collections.unmodifiableMap(new LinkedHashMap<>(more));
    }
  }

  /** A command the user ran with {@code !}. */
  record Bash(
      Instant at, long when, String command, String output, long exitCode, boolean cancelled)
      implements Item {}

  /**
   * Which model, and what it cost.
   *
   * @param usage absent if all counts are zero: a failed or aborted call
   * @param costUsd absent if zero: then the price is not known to Pi
   */
  record Bill(
      @Nullable String model,
      @Nullable String provider,
      @Nullable Usage usage,
      @Nullable BigDecimal costUsd) {
    static final Bill NONE = new Bill(null, null, null, null);
  }
}
