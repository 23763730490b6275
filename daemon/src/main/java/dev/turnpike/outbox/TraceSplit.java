package dev.turnpike.outbox;

import dev.turnpike.model.Content;
import dev.turnpike.model.ContentKind;
import dev.turnpike.model.Frame;
import dev.turnpike.model.Message;
import dev.turnpike.model.Observation;
import dev.turnpike.model.Part;
import dev.turnpike.model.Trace;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Makes several traces of one, or a smaller one of it. Children go first and the root is the very
 * last: whoever sees it sees all.
 */
final class TraceSplit {
  /** Ids, times, names of attributes, and what is repeated for every span. */
  private static final int SPAN_OVERHEAD_BYTES = 400;

  private static final int FIRST_CUT_CHARS = 64 * 1024;
  private static final int LAST_CUT_CHARS = 4 * 1024;

  private static final Comparator<Observation> BY_START =
      Comparator.comparing(observation -> observation.frame().start());

  private TraceSplit() {}

  /**
   * Gives each part away as soon as it is complete.
   *
   * @param bytes about what a part takes in a request; a single observation may take more
   * @param writer that has begun a body of this trace
   */
  static void split(
      Trace trace, int spans, long bytes, BodyWriter writer, Consumer<Portion> taker) {
    long context = context(trace);
    var part = new ArrayList<Observation>();
    long size = 0;
    for (Observation observation : rootLast(trace)) {
      long own = writer.add(observation) + context;
      if (!part.isEmpty() && (part.size() >= spans || size + own > bytes)) {
        taker.accept(new Portion(with(trace, part), writer.endBeforeLast()));
        part.clear();
        size = 0;
      }
      part.add(observation);
      size += own;
    }
    taker.accept(new Portion(with(trace, part), writer.end()));
  }

  /** Two of about the same number of spans; empty if there is only one span. */
  static List<Trace> halves(Trace trace) {
    List<Observation> all = rootLast(trace);
    if (all.size() < 2) {
      return List.of();
    }
    int middle = all.size() / 2;
    return List.of(
        with(trace, all.subList(0, middle)), with(trace, all.subList(middle, all.size())));
  }

  /**
   * The one span with each text cut to 64 Ki, else to 4 Ki characters; empty if it is no longer
   * than that.
   */
  static Optional<Trace> cut(Trace trace) {
    Observation only = trace.observations().getFirst();
    long longest = Math.max(chars(only.input()), chars(only.output()));
    longest = Math.max(longest, chars(only.frame().metadata()));
    if (longest <= LAST_CUT_CHARS) {
      return Optional.empty();
    }
    int limit = longest > FIRST_CUT_CHARS ? FIRST_CUT_CHARS : LAST_CUT_CHARS;
    return Optional.of(with(trace, List.of(cut(only, limit))));
  }

  static Trace with(Trace trace, List<Observation> observations) {
    return new Trace(trace.id(), trace.context(), observations);
  }

  /**
   * By their beginnings otherwise: a tool's result and the model call that was told of it stand
   * together, mostly in one body, which has their text once.
   */
  private static List<Observation> rootLast(Trace trace) {
    var ordered = new ArrayList<Observation>(trace.observations().size());
    var roots = new ArrayList<Observation>();
    for (Observation observation : trace.observations()) {
      (observation.frame().parent() == null ? roots : ordered).add(observation);
    }
    ordered.sort(BY_START);
    ordered.addAll(roots);
    return ordered;
  }

  private static long context(Trace trace) {
    var context = trace.context();
    long chars = (long) context.sessionId().length() + context.userId().length();
    chars += context.tags().stream().mapToLong(String::length).sum();
    return SPAN_OVERHEAD_BYTES + chars + chars(context.metadata());
  }

  private static Observation cut(Observation observation, int limit) {
    var frame =
        chars(observation.frame().metadata()) > limit
            ? new Frame(
                observation.frame().id(),
                observation.frame().parent(),
                observation.frame().name(),
                observation.frame().start(),
                observation.frame().end(),
                observation.frame().level(),
                observation.frame().statusMessage(),
                Map.of())
            : observation.frame();
    frame = frame.withMetadata(Map.of("cut_by_size", Integer.toString(limit)));
    Content input = cut(observation.input(), limit, ContentKind.PROMPT);
    Content output = cut(observation.output(), limit, ContentKind.ANSWER);
    return switch (observation) {
      case Observation.AgentSpan _ -> new Observation.AgentSpan(frame, input, output);
      case Observation.Generation g ->
          new Observation.Generation(
              frame,
              input,
              output,
              g.model(),
              g.modelParameters(),
              g.usage(),
              g.costUsd(),
              g.completionStart());
      case Observation.ToolCall t -> new Observation.ToolCall(frame, t.callId(), input, output);
      case Observation.Note _ -> new Observation.Note(frame, input, output);
    };
  }

  /**
   * Cut JSON is no JSON any more, so it becomes text; of messages the last ones are kept, they are
   * what the call was about.
   */
  private static Content cut(Content content, int limit, ContentKind ofMessages) {
    if (chars(content) <= limit) {
      return content;
    }
    return switch (content) {
      case Content.None none -> none;
      case Content.Text(var kind, var text) -> new Content.Text(kind, head(text, limit));
      case Content.Json(var kind, var json) -> new Content.Text(kind, head(json, limit));
      case Content.Messages(var messages) ->
          new Content.Text(ofMessages, tail(lastTexts(messages, limit), limit));
    };
  }

  private static String lastTexts(List<Message> messages, int limit) {
    var texts = new ArrayList<String>();
    int chars = 0;
    for (Message message : messages.reversed()) {
      for (Part part : message.parts().reversed()) {
        if (chars >= limit) {
          return String.join("\n", texts.reversed());
        }
        String text = text(part);
        chars += text.length();
        texts.add(text);
      }
    }
    return String.join("\n", texts.reversed());
  }

  private static String text(Part part) {
    return switch (part) {
      case Part.Text(_, var text) -> text;
      case Part.Reasoning(var text) -> text;
      case Part.ToolUse(_, var name, var input) -> name + " " + input;
      case Part.ToolResult(_, var text, _) -> text;
      case Part.Media(var mimeType, var bytes) -> mimeType + ", " + bytes + " bytes";
    };
  }

  private static String head(String text, int limit) {
    int end = Character.isHighSurrogate(text.charAt(limit - 1)) ? limit - 1 : limit;
    return text.substring(0, end);
  }

  private static String tail(String text, int limit) {
    return text.length() <= limit ? text : text.substring(text.length() - limit);
  }

  private static long chars(Map<String, String> texts) {
    return texts.entrySet().stream()
        .mapToLong(e -> e.getKey().length() + e.getValue().length())
        .sum();
  }

  private static long chars(Content content) {
    return switch (content) {
      case Content.None() -> 0;
      case Content.Text(_, var text) -> text.length();
      case Content.Json(_, var json) -> json.length();
      case Content.Messages(var messages) ->
          messages.stream()
              .flatMap(message -> message.parts().stream())
              .mapToLong(part -> text(part).length())
              .sum();
    };
  }
}
