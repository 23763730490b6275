package dev.turnpike.agent.gemini;

import dev.turnpike.model.Part;
import dev.turnpike.model.Usage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One line of a session file, Gemini CLI 0.61.0. */
sealed interface Row {
  /** The first line; again where another process takes the session up within the same minute. */
  record Header(Instant at) implements Row {}

  /** Another process takes the session up: {@code {"$set":{"sessionId":"…"}}}. */
  record Resumed() implements Row {}

  /**
   * The user's words, or what the CLI says in their place.
   *
   * @param shown the words as typed, where the model was sent more (files named with {@code @})
   * @param text all that the model was sent
   * @param own the same without what hooks added
   * @param afterTools what is shown in the place of the words are results of tools: nobody typed
   *     them
   */
  record Said(
      String id,
      Instant at,
      @Nullable String shown,
      String text,
      String own,
      boolean afterTools,
      List<Part> media)
      implements Row {
    public Said {
      media = List.copyOf(media);
    }

    String prompt() {
      return shown == null ? text : shown;
    }

    /** The model was sent something else than what is shown, not merely more. */
    boolean replaced() {
      return shown != null && !text.contains(shown);
    }
  }

  /** Results went back to the model; what they were stands with the calls. */
  record Returned(Instant at) implements Row {}

  /**
   * A model call. It is written when its stream has ended, and again with each piece that was added
   * to it: with its tokens, with its tools when all have ended.
   *
   * @param usage absent until the CLI knows it
   */
  record Answer(
      String id,
      Instant at,
      String text,
      List<String> thoughts,
      @Nullable Usage usage,
      @Nullable String model,
      List<Call> calls)
      implements Row {
    public Answer {
      thoughts = List.copyOf(thoughts);
      calls = List.copyOf(calls);
    }

    /** A row the CLI put in by itself: no model was called for it. */
    boolean synthetic() {
      return usage == null && model == null && calls.isEmpty();
    }

    /**
     * Tools that ended when the call that asked for them was no longer the last row: 0.61.0 gives
     * them a row of their own.
     */
    boolean onlyCalls() {
      return usage == null && text.isEmpty() && thoughts.isEmpty() && !calls.isEmpty();
    }

    /** The first sighting wins for all but what it lacked; of tools the last. */
    Answer merged(Answer later) {
      return new Answer(
          id,
          at,
          text.isEmpty() ? later.text : text,
          thoughts.isEmpty() ? later.thoughts : thoughts,
          usage == null ? later.usage : usage,
          model == null ? later.model : model,
          later.calls.isEmpty() ? calls : withCalls(later.calls));
    }

    Answer alsoCalling(List<Call> more) {
      return new Answer(id, at, text, thoughts, usage, model, withCalls(more));
    }

    private List<Call> withCalls(List<Call> more) {
      var all = new ArrayList<Call>();
      for (Call call : calls) {
        if (more.stream().noneMatch(other -> other.id().equals(call.id()))) {
          all.add(call);
        }
      }
      all.addAll(more);
      return all;
    }
  }

  /**
   * A tool call that has ended.
   *
   * @param arguments JSON text
   * @param error what went wrong; absent if nothing did
   * @param at when it ended; equal for all of a batch
   * @param agentId the sub-agent it launched
   * @param display how the CLI shows it: {@code "read (shop MCP Server)"}
   * @param result what a sub-agent said at its end; absent for other tools
   * @param end why a sub-agent ended: GOAL, MAX_TURNS, TIMEOUT, ABORTED, ERROR …
   */
  record Call(
      String id,
      String name,
      String arguments,
      String output,
      @Nullable String error,
      String status,
      @Nullable Instant at,
      @Nullable String agentId,
      String display,
      @Nullable String result,
      @Nullable String end) {
    boolean cancelled() {
      return status.equals("cancelled");
    }
  }

  /** What the CLI showed: info, warning or error. Interactive sessions only. */
  record Remark(Instant at, String kind, String text) implements Row {}

  /** The history is now this: messages that are not among the ids were withdrawn. */
  record History(@Nullable Instant at, Set<String> ids) implements Row {
    public History {
      ids = Set.copyOf(ids);
    }
  }

  /** The user went back: that message and all after it were withdrawn. */
  record Rewound(String id) implements Row {}

  /** Nothing that concerns a trace. */
  record Passed() implements Row {}

  record Unknown(String type) implements Row {}

  record Unreadable() implements Row {}
}
