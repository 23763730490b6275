package dev.turnpike.agent.otel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.turnpike.agent.Circumstances;
import dev.turnpike.agent.Finished;
import dev.turnpike.agent.Finished.ClosedTurn;
import dev.turnpike.agent.Finished.LaterPart;
import dev.turnpike.agent.Interpretation;
import dev.turnpike.agent.Memory;
import dev.turnpike.agent.SessionRef;
import dev.turnpike.agent.TurnAssembler;
import dev.turnpike.model.Caller;
import dev.turnpike.model.Content;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.Event;
import dev.turnpike.model.EventBody;
import dev.turnpike.model.EventId;
import dev.turnpike.model.Level;
import dev.turnpike.model.Observation;
import dev.turnpike.model.Observation.AgentSpan;
import dev.turnpike.model.Observation.Generation;
import dev.turnpike.model.Observation.ToolCall;
import dev.turnpike.model.SessionId;
import dev.turnpike.model.SessionKey;
import dev.turnpike.model.TraceId;
import dev.turnpike.model.TraceSeed;
import dev.turnpike.otlp.OtlpLimits;
import dev.turnpike.otlp.OtlpTraces;
import dev.turnpike.otlp.Span;
import dev.turnpike.otlp.SpanBatch;
import dev.turnpike.otlp.SpanEnvelope;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every composed recording, in whatever pieces and order its spans come, gives the same turns. */
class GoldenTest {
  private enum Mode {
    IN_ORDER,
    EVERY_SPAN_ALONE,
    TWICE,
    SHUFFLED,
    RESTARTED_ALWAYS
  }

  private static final JsonMapper MAPPER = new JsonMapper();
  private static final OtelSpans SPANS = new OtelSpans();
  private static final Circumstances PATIENT = new Circumstances(true, false, false, true, false);

  @TestFactory
  Stream<DynamicTest> everyRecordingGivesWhatIsExpected() throws Exception {
    try (Stream<Path> all = Files.list(Path.of("../fixtures/otel"))) {
      List<Path> fixtures =
          all.filter(path -> Files.isDirectory(path.resolve("otlp"))).sorted().toList();
      assertEquals(5, fixtures.size());
      return fixtures.stream()
          .flatMap(
              fixture ->
                  Stream.of(Mode.values())
                      .map(
                          mode ->
                              DynamicTest.dynamicTest(
                                  fixture.getFileName() + " " + mode,
                                  () -> new Played(fixture, mode).judge())));
    }
  }

  /** One recording, played to the adapter as the receiver and a session's worker do. */
  private static final class Played {
    private final Otel otel = new Otel(new OtelInstaller());
    private final Path fixture;
    private final JsonNode expected;
    private final Mode mode;
    private final SessionKey key;
    private final Map<EventId, Event> waiting = new LinkedHashMap<>();
    private final Map<TraceId, ClosedTurn> told = new LinkedHashMap<>();
    private final Map<TraceId, List<Observation>> all = new LinkedHashMap<>();
    private TurnAssembler<OtelSignal> assembler;
    private Optional<Memory> memory = Optional.empty();

    Played(Path fixture, Mode mode) throws Exception {
      this.fixture = fixture;
      this.mode = mode;
      this.expected = MAPPER.readTree(fixture.resolve("expected.json").toFile());
      this.key = new SessionKey(Otel.ID, new SessionId(expected.path("session_id").asText()));
      this.assembler = assembler();
    }

    private TurnAssembler<OtelSignal> assembler() {
      return otel.assembler(
          new SessionRef(
              key,
              memory,
              turn -> told.values().stream().anyMatch(one -> one.key().equals(turn)),
              (turn, number, prompt) -> TraceSeed.of(Otel.ID, turn),
              reason -> {}));
    }

    void judge() throws Exception {
      List<Event> events = events();
      if (mode == Mode.SHUFFLED || mode == Mode.EVERY_SPAN_ALONE) {
        Collections.shuffle(events, new Random(7));
      }
      for (Event event : events) {
        accept(event);
        if (mode == Mode.TWICE) {
          accept(event);
        }
        if (mode == Mode.RESTARTED_ALWAYS) {
          look(Circumstances.ORDINARY);
          commit(assembler.memory());
          assembler = assembler();
          List.copyOf(waiting.values()).forEach(this::accept);
        }
      }
      look(Circumstances.ORDINARY);
      look(PATIENT);
      assertFalse(assembler.open(), "something stayed open");
      assertEquals(Set.of(), assembler.memory().needed());
      List<ClosedTurn> turns = List.copyOf(told.values());
      assertEquals(expected.path("traces").size(), turns.size());
      for (int n = 0; n < turns.size(); n++) {
        compare(expected.path("traces").get(n), turns.get(n));
        assertEquals(n + 1, turns.get(n).facts().number());
      }
    }

    private void compare(JsonNode wanted, ClosedTurn turn) {
      List<Observation> rows = all.get(turn.trace());
      assertEquals(wanted.path("trace_id").asText(), turn.trace().hex());
      assertEquals(expected.path("agent_version").asText(), turn.facts().agentVersion().orElse(""));
      List<Observation> roots = rows.stream().filter(o -> o.frame().parent() == null).toList();
      assertEquals(1, roots.size());
      Observation root = roots.getFirst();
      assertTrue(root instanceof AgentSpan);
      assertEquals("otel turn", root.frame().name());
      assertEquals(Level.valueOf(wanted.path("level").asText()), root.frame().level());
      assertEquals(wanted.path("input").asText(""), text(root.input()));
      assertEquals(
          wanted.path("output").isNull() ? "" : wanted.path("output").asText(),
          text(root.output()));
      List<Generation> calls =
          rows.stream().filter(Generation.class::isInstance).map(Generation.class::cast).toList();
      var totals = new ArrayList<Long>();
      wanted
          .path("generations")
          .forEach(
              one -> {
                long sum = 0;
                for (JsonNode bucket : one.path("usage_details")) {
                  sum += bucket.asLong();
                }
                totals.add(sum);
              });
      assertEquals(
          totals.stream().sorted().toList(),
          calls.stream().map(g -> g.usage() == null ? 0 : g.usage().total()).sorted().toList());
      assertEquals(
          wanted.path("tools").size(), rows.stream().filter(ToolCall.class::isInstance).count());
      assertEquals(
          wanted.path("subagents").size(),
          rows.stream().filter(AgentSpan.class::isInstance).count() - 1);
      var ids = rows.stream().map(o -> o.frame().id()).collect(Collectors.toSet());
      assertEquals(rows.size(), ids.size());
      assertTrue(
          rows.stream()
              .allMatch(o -> o.frame().parent() == null || ids.contains(o.frame().parent())));
      assertFalse(rows.toString().contains("You are an example"), "system instructions");
    }

    private static String text(Content content) {
      return content instanceof Content.Text(_, var text) ? text : "";
    }

    private List<Event> events() throws Exception {
      List<Path> bodies;
      try (Stream<Path> files = Files.list(fixture.resolve("otlp"))) {
        bodies = files.filter(path -> path.toString().endsWith(".body")).sorted().toList();
      }
      var events = new ArrayList<Event>();
      for (Path body : bodies) {
        String head = Files.readString(Path.of(body.toString().replace(".body", ".headers.json")));
        var encoding =
            head.contains("x-protobuf") ? OtlpTraces.Encoding.PROTOBUF : OtlpTraces.Encoding.JSON;
        var in = new ByteArrayInputStream(Files.readAllBytes(body));
        for (SpanBatch batch :
            OtlpTraces.decode(in, encoding, head.contains("gzip"), OtlpLimits.STANDARD).batches()) {
          var groups = new LinkedHashMap<String, List<Span>>();
          for (Span span : batch.spans()) {
            String group = mode == Mode.EVERY_SPAN_ALONE ? span.id().hex() : span.trace().hex();
            groups.computeIfAbsent(group, same -> new ArrayList<>()).add(span);
          }
          groups.values().forEach(spans -> events.add(event(batch, spans)));
        }
      }
      return events;
    }

    private Event event(SpanBatch batch, List<Span> spans) {
      boolean root = spans.stream().anyMatch(span -> span.parent() == null);
      var head = new SpanEnvelope.Head(key.session(), spans.getFirst().trace(), root);
      byte[] body =
          SpanEnvelope.write(head, List.of(new SpanBatch(batch.source(), spans)), SPANS::keeps);
      return new Event(
          new EventId("e-" + spans.getFirst().id().hex()),
          Otel.ID,
          Instant.EPOCH,
          new Caller(null, 0, "otlp", SpanEnvelope.EVENT_NAME, Map.of(), false),
          DestinationId.LOCAL,
          new EventBody.Inline(body));
    }

    private void accept(Event event) {
      waiting.put(event.id(), event);
      if (otel.interpret(event) instanceof Interpretation.Understood<OtelSignal>(var signal)) {
        assembler.accept(event, signal);
      } else {
        throw new AssertionError("not understood: " + event);
      }
    }

    private void look(Circumstances now) {
      for (var next = assembler.poll(now); next.isPresent(); next = assembler.poll(now)) {
        switch (next.get()) {
          case ClosedTurn turn -> {
            told.put(turn.trace(), turn);
            all.put(turn.trace(), new ArrayList<>(turn.observations()));
          }
          case LaterPart part -> all.get(part.trace()).addAll(part.observations());
          case Finished.Skipped _ -> {}
        }
        commit(next.get().memory());
      }
    }

    private void commit(Memory after) {
      memory = Optional.of(after);
      waiting.keySet().retainAll(after.needed());
    }
  }
}
