package dev.turnpike.privacy;

import dev.turnpike.config.PrivacyPolicy;
import dev.turnpike.model.Content;
import dev.turnpike.model.ContentKind;
import dev.turnpike.model.Digest;
import dev.turnpike.model.Frame;
import dev.turnpike.model.Observation;
import dev.turnpike.model.Trace;
import dev.turnpike.model.TraceContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One trace on its way through: every string in it is looked at here. */
final class Sealing {
  private static final int LIMIT_NAME_CHARS = 200;
  private static final int LIMIT_SHARED_CHARS = 200;
  private static final int LIMIT_METADATA_CHARS = 1_000;
  private static final int LIMIT_METADATA = 64;
  private static final int LIMIT_STATUS_CHARS = 10_000;

  /**
   * Metadata an adapter marks as a quotation of content, so that the capture switch of its kind
   * covers it.
   */
  private static final String QUOTED = "quoted_";

  private final PrivacyPolicy policy;
  private final Tally tally = new Tally();
  private final Contents contents;
  private final Contents uncounted;

  Sealing(PrivacyPolicy policy, Shapes shapes) {
    this.policy = policy;
    this.contents = new Contents(policy, new Masking(shapes, tally));
    // the context is the same in every part of a trace: counted, it would be once for each part
    this.uncounted = new Contents(policy, new Masking(shapes, new Tally()));
  }

  Trace seal(Trace trace) {
    TraceContext context = context(trace.context());
    // the context is the same in every part of a trace and is not counted: it would be once for
    // each part
    var counted = new ArrayList<Observation>();
    for (Observation observation : trace.observations()) {
      counted.add(seal(observation));
    }
    Map<String, String> masked = tally.metadata();
    if (!masked.isEmpty()) {
      int place = rootOrFirst(counted);
      counted.set(place, withMetadata(counted.get(place), masked));
    }
    return new Trace(trace.id(), context, counted);
  }

  private static int rootOrFirst(List<Observation> observations) {
    for (int i = 0; i < observations.size(); i++) {
      if (observations.get(i).frame().parent() == null) {
        return i;
      }
    }
    return 0;
  }

  private TraceContext context(TraceContext context) {
    return new TraceContext(
        context.agent(),
        context.sessionId(),
        cut(context.userId(), LIMIT_SHARED_CHARS),
        context.tags().stream().map(tag -> cut(uncounted.mask(tag), LIMIT_SHARED_CHARS)).toList(),
        cut(uncounted.mask(context.traceName()), LIMIT_NAME_CHARS),
        context.environment(),
        context.release(),
        context.agentVersion(),
        shortTexts(context.metadata(), uncounted, LIMIT_SHARED_CHARS));
  }

  private Observation seal(Observation observation) {
    var notes = new LinkedHashMap<String, String>();
    Content input = contents.seal(observation.input(), "input", notes);
    Content output = contents.seal(observation.output(), "output", notes);
    boolean tool = observation instanceof Observation.ToolCall;
    Frame frame = frame(observation.frame(), tool, notes);
    return switch (observation) {
      case Observation.AgentSpan _ -> new Observation.AgentSpan(frame, input, output);
      case Observation.Generation generation ->
          new Observation.Generation(
              frame,
              input,
              output,
              generation.model() == null ? null : cut(generation.model(), LIMIT_NAME_CHARS),
              shortTexts(generation.modelParameters(), contents, LIMIT_METADATA_CHARS),
              generation.usage(),
              generation.costUsd(),
              generation.completionStart());
      case Observation.ToolCall call ->
          new Observation.ToolCall(frame, cut(call.callId(), LIMIT_NAME_CHARS), input, output);
      case Observation.Note _ -> new Observation.Note(frame, input, output);
    };
  }

  private Frame frame(Frame frame, boolean tool, Map<String, String> notes) {
    @Nullable String status = status(frame.statusMessage(), tool, notes);
    Map<String, String> metadata = shortTexts(frame.metadata(), contents, LIMIT_METADATA_CHARS);
    String name = cut(contents.mask(frame.name()), LIMIT_NAME_CHARS);
    boolean unchanged =
        notes.isEmpty()
            && name.equals(frame.name())
            && Objects.equals(status, frame.statusMessage())
            && metadata.equals(frame.metadata());
    if (unchanged) {
      return frame;
    }
    if (!notes.isEmpty()) {
      metadata = new LinkedHashMap<>(metadata);
      metadata.putAll(notes);
    }
    return new Frame(
        frame.id(),
        frame.parent(),
        name,
        frame.start(),
        frame.end(),
        frame.level(),
        status,
        metadata);
  }

  /** What a tool call says went wrong is what the tool gave back. */
  private @Nullable String status(
      @Nullable String status, boolean tool, Map<String, String> notes) {
    if (status == null) {
      return null;
    }
    if (tool && !contents.captured(ContentKind.TOOL_OUTPUT)) {
      return Contents.placeholder(ContentKind.TOOL_OUTPUT, status);
    }
    String masked = contents.mask(status);
    String kept = cut(masked, Math.min(LIMIT_STATUS_CHARS, policy.maxFieldChars()));
    if (!kept.equals(masked)) {
      notes.put("status_chars", Integer.toString(status.length()));
      notes.put("status_sha256", Digest.sha256Hex(status));
    }
    return kept;
  }

  /** The very same map if there is nothing to change in it, as in nearly all. */
  private static Map<String, String> shortTexts(
      Map<String, String> texts, Contents contents, int limitChars) {
    @Nullable Map<String, String> changed = null;
    int same = 0;
    for (var entry : texts.entrySet()) {
      if ((changed == null ? same : changed.size()) == LIMIT_METADATA) {
        changed = changed == null ? first(texts, same) : changed;
        changed.put("metadata_dropped", Integer.toString(texts.size() - LIMIT_METADATA));
        break;
      }
      String text = entry.getValue();
      @Nullable ContentKind kind = quoting(entry.getKey());
      String value =
          kind == null || contents.captured(kind)
              ? contents.mask(text)
              : Contents.placeholder(kind, text);
      String key = cut(entry.getKey(), LIMIT_NAME_CHARS);
      value = cut(value, limitChars);
      if (changed == null) {
        if (key.equals(entry.getKey()) && value.equals(text)) {
          same++;
          continue;
        }
        changed = first(texts, same);
      }
      changed.put(key, value);
    }
    return changed == null ? texts : changed;
  }

  private static Map<String, String> first(Map<String, String> texts, int count) {
    var first = new LinkedHashMap<String, String>();
    for (var entry : texts.entrySet()) {
      if (first.size() == count) {
        break;
      }
      first.put(entry.getKey(), entry.getValue());
    }
    return first;
  }

  /** {@code description} is what the model wrote into the call that launched a sub-agent. */
  private static @Nullable ContentKind quoting(String key) {
    if (key.equals("description")) {
      return ContentKind.TOOL_INPUT;
    }
    if (!key.startsWith(QUOTED)) {
      return null;
    }
    return switch (key.substring(QUOTED.length())) {
      case "prompt" -> ContentKind.PROMPT;
      case "answer" -> ContentKind.ANSWER;
      case "tool_input" -> ContentKind.TOOL_INPUT;
      case "reasoning" -> ContentKind.REASONING;
      // whatever else is quoted came from somewhere outside
      default -> ContentKind.TOOL_OUTPUT;
    };
  }

  private static Observation withMetadata(Observation observation, Map<String, String> more) {
    Frame frame = observation.frame().withMetadata(more);
    return switch (observation) {
      case Observation.AgentSpan(_, var input, var output) ->
          new Observation.AgentSpan(frame, input, output);
      case Observation.Generation g ->
          new Observation.Generation(
              frame,
              g.input(),
              g.output(),
              g.model(),
              g.modelParameters(),
              g.usage(),
              g.costUsd(),
              g.completionStart());
      case Observation.ToolCall(_, var callId, var input, var output) ->
          new Observation.ToolCall(frame, callId, input, output);
      case Observation.Note(_, var input, var output) -> new Observation.Note(frame, input, output);
    };
  }

  /**
   * Short strings are cut within the limit, marker included, or plainly where there is no room for
   * one.
   */
  private static String cut(String text, int limitChars) {
    if (text.length() <= limitChars) {
      return text;
    }
    int end = Sizing.wholeCodePoints(text, limitChars - 1);
    return text.substring(0, end) + "…";
  }
}
