package dev.turnpike.outbox;

import dev.turnpike.model.AgentId;
import dev.turnpike.model.Content;
import dev.turnpike.model.ContentKind;
import dev.turnpike.model.Digest;
import dev.turnpike.model.Frame;
import dev.turnpike.model.Level;
import dev.turnpike.model.Message;
import dev.turnpike.model.Observation;
import dev.turnpike.model.Part;
import dev.turnpike.model.SpanId;
import dev.turnpike.model.Trace;
import dev.turnpike.model.TraceContext;
import dev.turnpike.model.TraceId;
import dev.turnpike.model.Usage;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Traces for tests: plain ones by number, and any that the model allows by seed. */
final class Traces {
  private static final String ALPHABET =
      "aZ9 \"\\\n\t\u0000\u001f\u007f\u00e4\u20ac\ud7ff\ue000\uffff\ud83d\ude00";

  private Traces() {}

  static TraceId id(int n) {
    return new TraceId(Digest.sha256Hex("trace " + n).substring(0, 32));
  }

  /**
   * A turn with {@code children} tool calls; the root stands first, as an assembler may give it.
   */
  static Trace turn(int n, int children, int textChars) {
    SpanId root = span("root " + n);
    var observations = new ArrayList<Observation>();
    observations.add(
        new Observation.AgentSpan(
            frame(root, null, n), Content.prompt("do " + n), Content.answer("done " + n)));
    for (int child = 0; child < children; child++) {
      observations.add(
          new Observation.ToolCall(
              frame(span(n + " child " + child), root, n),
              "toolu_" + child,
              new Content.Json(ContentKind.TOOL_INPUT, "{\"n\":" + child + "}"),
              new Content.Text(ContentKind.TOOL_OUTPUT, "x".repeat(textChars))));
    }
    return new Trace(id(n), context(), observations);
  }

  /** What it takes in a body. */
  static long bytes(Observation observation) {
    try (var writer = new BodyWriter()) {
      return writer.add(observation);
    }
  }

  private static TraceContext context() {
    return new TraceContext(
        new AgentId("claude-code"), "s", "dev", List.of("a:b"), "t", null, null, null, Map.of());
  }

  private static Frame frame(SpanId id, @Nullable SpanId parent, int n) {
    Instant start = Instant.parse("2026-11-20T10:00:00Z").plusSeconds(n);
    return new Frame(id, parent, "name", start, start.plusMillis(5), Level.DEFAULT, null, Map.of());
  }

  private static SpanId span(String seed) {
    return new SpanId(Digest.sha256Hex(seed).substring(0, 16));
  }

  static Trace any(long seed) {
    var random = new Random(seed);
    var observations = new ArrayList<Observation>();
    int count = 1 + random.nextInt(6);
    for (int i = 0; i < count; i++) {
      observations.add(observation(random));
    }
    var context =
        new TraceContext(
            new AgentId("codex"),
            text(random),
            text(random),
            List.of(text(random), text(random)),
            text(random),
            textOrNull(random),
            textOrNull(random),
            textOrNull(random),
            texts(random));
    return new Trace(id(random.nextInt()), context, observations);
  }

  private static Observation observation(Random random) {
    Instant start = Instant.ofEpochSecond(random.nextInt(), random.nextInt(1_000_000_000));
    var frame =
        new Frame(
            span(text(random)),
            random.nextBoolean() ? null : span(text(random)),
            text(random),
            start,
            start.plusNanos(random.nextInt(2_000_000_000)),
            List.of(Level.values()).get(random.nextInt(Level.values().length)),
            textOrNull(random),
            texts(random));
    return switch (random.nextInt(4)) {
      case 0 -> new Observation.AgentSpan(frame, content(random), content(random));
      case 1 -> new Observation.ToolCall(frame, text(random), content(random), content(random));
      case 2 -> new Observation.Note(frame, content(random), content(random));
      default ->
          new Observation.Generation(
              frame,
              content(random),
              content(random),
              textOrNull(random),
              texts(random),
              random.nextBoolean() ? null : usage(random),
              random.nextBoolean()
                  ? null
                  : BigDecimal.valueOf(random.nextInt(), random.nextInt(12)),
              random.nextBoolean() ? null : start.plusNanos(1));
    };
  }

  private static Usage usage(Random random) {
    var buckets = new LinkedHashMap<Usage.Bucket, Long>();
    for (Usage.Bucket bucket : Usage.Bucket.values()) {
      if (random.nextBoolean()) {
        buckets.put(bucket, random.nextLong(1L << 60));
      }
    }
    return new Usage(buckets);
  }

  private static Content content(Random random) {
    ContentKind kind =
        List.of(ContentKind.values()).get(random.nextInt(ContentKind.values().length));
    return switch (random.nextInt(4)) {
      case 0 -> Content.NONE;
      case 1 -> new Content.Text(kind, text(random));
      case 2 -> new Content.Json(kind, text(random));
      default -> {
        var messages = new ArrayList<Message>();
        for (int i = random.nextInt(3); i > 0; i--) {
          messages.add(
              new Message(
                  text(random),
                  List.of(
                      new Part.Text(kind, text(random)),
                      new Part.Reasoning(text(random)),
                      new Part.ToolUse(text(random), text(random), text(random)),
                      new Part.ToolResult(text(random), text(random), random.nextBoolean()),
                      new Part.Media(text(random), random.nextLong()))));
        }
        yield new Content.Messages(messages);
      }
    };
  }

  private static Map<String, String> texts(Random random) {
    var texts = new LinkedHashMap<String, String>();
    for (int i = random.nextInt(4); i > 0; i--) {
      texts.put(text(random), text(random));
    }
    return texts;
  }

  private static @Nullable String textOrNull(Random random) {
    return random.nextBoolean() ? null : text(random);
  }

  /** Also half surrogate pairs. */
  private static String text(Random random) {
    var text = new StringBuilder();
    for (int i = random.nextInt(12); i > 0; i--) {
      text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
    }
    return text.toString();
  }
}
