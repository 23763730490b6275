package dev.turnpike.agent.pi;

import static dev.turnpike.agent.pi.ItemParser.put;

import dev.turnpike.agent.pi.Item.Answer;
import dev.turnpike.agent.pi.Item.Bill;
import dev.turnpike.model.Content;
import dev.turnpike.model.Frame;
import dev.turnpike.model.Level;
import dev.turnpike.model.Message;
import dev.turnpike.model.ModelName;
import dev.turnpike.model.Observation;
import dev.turnpike.model.Part;
import dev.turnpike.model.SpanId;
import dev.turnpike.model.Usage;
import dev.turnpike.model.Usage.Bucket;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Model calls as generations. Pi reports the cost itself, in USD. */
final class Generations {
  /** Without any usage Langfuse would count the tokens of the text itself. */
  private static final Usage NOT_REPORTED = new Usage(Map.of(Bucket.INPUT, 0L, Bucket.OUTPUT, 0L));

  private Generations() {}

  /**
   * @param input what is new to the model since the call before
   */
  static Observation of(
      SpanId span, SpanId parent, Answer answer, List<Part> input, @Nullable Instant first) {
    Bill bill = answer.bill();
    ModelName model = name(bill.model());
    var metadata = new LinkedHashMap<>(answer.more());
    put(metadata, "provider", bill.provider());
    raw(metadata, model);
    boolean shortened = answer.stopReason().equals("length");
    Level level =
        answer.failed()
            ? Level.ERROR
            : answer.aborted() || shortened ? Level.WARNING : Level.DEFAULT;
    String status = answer.error() != null ? answer.error() : shortened ? "length" : null;
    var frame =
        new Frame(
            span,
            parent,
            model == null ? "model call" : model.normal(),
            Instant.ofEpochMilli(answer.when()),
            answer.at(),
            level,
            level == Level.DEFAULT ? null : status,
            metadata);
    return new Observation.Generation(
        frame,
        messages("user", input),
        messages("assistant", answer.parts()),
        model == null ? null : model.normal(),
        Map.of(),
        bill.usage() == null ? NOT_REPORTED : bill.usage(),
        bill.costUsd(),
        first == null || first.isAfter(answer.at()) ? null : first);
  }

  /** A call that no entry tells of: the agent was gone before its end. */
  static Observation interrupted(
      SpanId span,
      SpanId parent,
      Instant start,
      Instant end,
      Heard.Model said,
      List<Part> input,
      @Nullable Instant first) {
    ModelName model = name(said.model());
    var metadata = new LinkedHashMap<String, String>();
    put(metadata, "provider", said.provider());
    raw(metadata, model);
    var frame =
        new Frame(
            span,
            parent,
            model == null ? "model call" : model.normal(),
            start,
            end,
            Level.WARNING,
            "interrupted",
            metadata);
    return new Observation.Generation(
        frame,
        messages("user", input),
        Content.NONE,
        model == null ? null : model.normal(),
        Map.of(),
        NOT_REPORTED,
        null,
        first);
  }

  /** Billed work that is no message. */
  static Observation billed(Frame frame, Bill bill, Content output) {
    ModelName model = name(bill.model());
    return new Observation.Generation(
        frame,
        Content.NONE,
        output,
        model == null ? null : model.normal(),
        Map.of(),
        bill.usage() == null ? NOT_REPORTED : bill.usage(),
        bill.costUsd(),
        null);
  }

  private static @Nullable ModelName name(@Nullable String reported) {
    return reported == null ? null : ModelName.of(reported);
  }

  private static void raw(Map<String, String> metadata, @Nullable ModelName model) {
    if (model != null && model.changed()) {
      put(metadata, "model_raw", model.raw());
    }
  }

  static Content messages(String role, List<Part> parts) {
    return parts.isEmpty() ? Content.NONE : new Content.Messages(List.of(new Message(role, parts)));
  }
}
