package dev.turnpike.genai;

import static dev.turnpike.genai.MessageText.ASSISTANT;
import static dev.turnpike.genai.MessageText.USER;

import dev.turnpike.model.Content;
import dev.turnpike.model.ContentKind;
import dev.turnpike.model.Frame;
import dev.turnpike.model.Level;
import dev.turnpike.model.Message;
import dev.turnpike.model.ModelName;
import dev.turnpike.model.Observation;
import dev.turnpike.model.SpanId;
import dev.turnpike.otlp.Span;
import dev.turnpike.otlp.Value;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes observations of the spans of one turn. Ids and times stay those of the spans; what an
 * emitter did not send (content, usage) is absent.
 */
final class SpanTurn {
  static final Comparator<Span> BY_START =
      Comparator.comparing(Span::start).thenComparing(span -> span.id().hex());

  private static final String INPUT = "gen_ai.input.messages";
  private static final String OUTPUT = "gen_ai.output.messages";
  private static final String DETAILS = "gen_ai.client.inference.operation.details";
  private static final double SECONDS_MAX = 86_400;

  private final Dialect dialect;
  private final String agent;
  private final SpanId root;
  private final Set<SpanId> known;
  private final SpanFrames frames;

  /**
   * @param root the turn's own span
   * @param known the spans that are there: one whose parent is not among them goes below the root
   */
  SpanTurn(Dialect dialect, String agent, SpanId root, Set<SpanId> known) {
    this.dialect = dialect;
    this.agent = agent;
    this.root = root;
    this.known = Set.copyOf(known);
    this.frames = new SpanFrames(dialect);
  }

  /**
   * @param spans in the order of {@link #BY_START}
   */
  List<Observation> observations(List<Span> spans) {
    return spans.stream()
        .map(span -> span.id().equals(root) ? turn(span, spans) : below(span))
        .toList();
  }

  /** The turn's own span. Its usage repeats that of its model calls and stays out. */
  private Observation turn(Span span, List<Span> spans) {
    Optional<String> asked =
        dialect
            .asked(span)
            .or(() -> MessageText.lastText(messages(span, INPUT, USER), USER).map(dialect::prompt))
            .or(() -> firstAsked(spans));
    Optional<String> answer =
        MessageText.lastText(messages(span, OUTPUT, ASSISTANT), ASSISTANT)
            .or(() -> span.failed() ? Optional.empty() : lastAnswer(spans));
    return new Observation.AgentSpan(
        whole(frames.of(span, null, agent + " turn"), spans), prompt(asked), answer(answer));
  }

  private Frame whole(Frame own, List<Span> spans) {
    Optional<String> aborted =
        own.level() == Level.DEFAULT ? dialect.aborted(spans) : Optional.empty();
    return aborted
        .map(
            why ->
                new Frame(
                    own.id(),
                    null,
                    own.name(),
                    own.start(),
                    own.end(),
                    Level.WARNING,
                    why,
                    own.metadata()))
        .orElse(own);
  }

  /**
   * For a turn whose own span never came.
   *
   * @param spans in the order of {@link #BY_START}
   */
  Observation unfinishedTurn(List<Span> spans) {
    Instant end = spans.stream().map(Span::end).max(Comparator.naturalOrder()).orElseThrow();
    var frame =
        new Frame(
            root,
            null,
            agent + " turn",
            spans.getFirst().start(),
            end,
            Level.WARNING,
            dialect.aborted(spans).orElse("ended before the agent was done"),
            Map.of());
    return new Observation.AgentSpan(frame, prompt(firstAsked(spans)), answer(lastAnswer(spans)));
  }

  /** For an emitter that has no span for a turn. */
  Observation turnAround(Span lone, List<Span> spans) {
    Frame its = frames.of(lone, null, agent + " turn");
    var frame =
        new Frame(
            root,
            null,
            its.name(),
            its.start(),
            its.end(),
            its.level(),
            its.statusMessage(),
            Map.of());
    return new Observation.AgentSpan(frame, prompt(firstAsked(spans)), answer(lastAnswer(spans)));
  }

  private static Content prompt(Optional<String> text) {
    return text.map(Content::prompt).orElse(Content.NONE);
  }

  private static Content answer(Optional<String> text) {
    return text.map(Content::answer).orElse(Content.NONE);
  }

  private Optional<String> firstAsked(List<Span> spans) {
    return calls(spans).stream()
        .findFirst()
        .flatMap(call -> MessageText.lastText(messages(call, INPUT, USER), USER))
        .map(dialect::prompt);
  }

  private Optional<String> lastAnswer(List<Span> spans) {
    return calls(spans).reversed().stream()
        .map(call -> MessageText.lastText(messages(call, OUTPUT, ASSISTANT), ASSISTANT))
        .flatMap(Optional::stream)
        .findFirst();
  }

  /** The turn's own model calls, not those of sub-agents. */
  private List<Span> calls(List<Span> spans) {
    return spans.stream()
        .filter(span -> Role.of(span) == Role.MODEL_CALL && root.equals(parent(span)))
        .toList();
  }

  private SpanId parent(Span span) {
    SpanId said = span.parent();
    return said == null || !known.contains(said) ? root : said;
  }

  private Observation below(Span span) {
    SpanId parent = parent(span);
    return switch (Role.of(span)) {
      case AGENT -> subAgent(span, parent);
      case MODEL_CALL -> call(span, parent);
      case TOOL -> tool(span, parent);
      case OTHER ->
          new Observation.Note(
              frames.of(span, parent, span.name()),
              content(first(span, dialect.inputs()), ContentKind.TOOL_INPUT),
              content(first(span, dialect.outputs()), ContentKind.TOOL_OUTPUT));
    };
  }

  private Observation subAgent(Span span, SpanId parent) {
    String name = span.text("gen_ai.agent.name").orElse(span.name());
    return new Observation.AgentSpan(
        frames.of(span, parent, name),
        prompt(MessageText.lastText(messages(span, INPUT, USER), USER).map(dialect::prompt)),
        answer(MessageText.lastText(messages(span, OUTPUT, ASSISTANT), ASSISTANT)));
  }

  private Observation call(Span span, SpanId parent) {
    Optional<ModelName> model =
        span.text("gen_ai.response.model", "gen_ai.request.model").map(ModelName::of);
    Frame frame = frames.of(span, parent, model.map(ModelName::normal).orElse(span.name()));
    var raw = new LinkedHashMap<String, String>();
    model.filter(ModelName::changed).ifPresent(name -> raw.put("model_raw", name.raw()));
    List<Message> input = messages(span, INPUT, USER);
    List<Message> output = messages(span, OUTPUT, ASSISTANT);
    return new Observation.Generation(
        frame.withMetadata(raw),
        input.isEmpty() ? Content.NONE : new Content.Messages(input),
        output.isEmpty() ? Content.NONE : new Content.Messages(output),
        model.map(ModelName::normal).orElse(null),
        parameters(span),
        SpanUsage.of(span),
        null,
        firstToken(span));
  }

  private static Map<String, String> parameters(Span span) {
    var parameters = new LinkedHashMap<String, String>();
    span.text("gen_ai.request.reasoning.level")
        .ifPresent(level -> parameters.put("reasoning_effort", level));
    for (String name : List.of("temperature", "max_tokens", "top_p")) {
      span.text("gen_ai.request." + name).ifPresent(value -> parameters.put(name, value));
    }
    return parameters;
  }

  private static @Nullable Instant firstToken(Span span) {
    return sinceStart(span)
        .map(span.start()::plus)
        .map(at -> at.isAfter(span.end()) ? span.end() : at)
        .orElse(null);
  }

  /** VS Code says milliseconds, the conventions seconds. */
  private static Optional<Duration> sinceStart(Span span) {
    OptionalLong millis = span.whole("copilot_chat.time_to_first_token");
    if (millis.isPresent() && millis.getAsLong() >= 0) {
      return Optional.of(Duration.ofMillis(millis.getAsLong()));
    }
    Value said = span.attributes().get("gen_ai.response.time_to_first_chunk");
    return said instanceof Value.Real(var seconds) && seconds >= 0 && seconds < SECONDS_MAX
        ? Optional.of(Duration.ofNanos(Math.round(seconds * 1e9)))
        : Optional.empty();
  }

  private Observation tool(Span span, SpanId parent) {
    Optional<String> input =
        said(span, "gen_ai.tool.call.arguments").or(() -> first(span, dialect.inputs()));
    Optional<String> result =
        said(span, "gen_ai.tool.call.result").or(() -> first(span, dialect.outputs()));
    String error = SpanFrames.message(span);
    if (result.isEmpty() && span.failed() && input.isPresent() && !error.isBlank()) {
      // a failed call has no result but its error
      result = Optional.of(error);
    }
    return new Observation.ToolCall(
        frames.of(span, parent, span.text("gen_ai.tool.name").orElse(span.name())),
        span.text("gen_ai.tool.call.id").orElse(span.id().hex()),
        content(input, ContentKind.TOOL_INPUT),
        content(result, ContentKind.TOOL_OUTPUT));
  }

  private static Content content(Optional<String> text, ContentKind kind) {
    return text.<Content>map(
            some ->
                MessageText.isJson(some)
                    ? new Content.Json(kind, some)
                    : new Content.Text(kind, some))
        .orElse(Content.NONE);
  }

  private List<Message> messages(Span span, String key, String role) {
    return said(span, key)
        .or(() -> first(span, key.equals(INPUT) ? dialect.inputs() : dialect.outputs()))
        .map(text -> MessageText.read(text, role))
        .orElse(List.of());
  }

  private static Optional<String> first(Span span, List<String> keys) {
    return keys.stream().flatMap(key -> said(span, key).stream()).findFirst();
  }

  /** Of the span, else of its event with the details; text or a structure, which is JSON then. */
  private static Optional<String> said(Span span, String key) {
    return Optional.ofNullable(span.attributes().get(key))
        .or(
            () ->
                span.events().stream()
                    .filter(event -> event.name().equals(DETAILS))
                    .flatMap(event -> Optional.ofNullable(event.attributes().get(key)).stream())
                    .findFirst())
        .map(ValueText::of)
        .filter(text -> !text.isBlank());
  }
}
