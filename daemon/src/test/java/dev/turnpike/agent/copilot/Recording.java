package dev.turnpike.agent.copilot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.turnpike.agent.Circumstances;
import dev.turnpike.agent.Finished;
import dev.turnpike.agent.Finished.ClosedTurn;
import dev.turnpike.agent.Finished.LaterPart;
import dev.turnpike.agent.FollowedFile;
import dev.turnpike.agent.Interpretation;
import dev.turnpike.agent.Memory;
import dev.turnpike.agent.SessionRef;
import dev.turnpike.agent.TurnAssembler;
import dev.turnpike.model.Caller;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.Digest;
import dev.turnpike.model.Event;
import dev.turnpike.model.EventBody;
import dev.turnpike.model.EventId;
import dev.turnpike.model.Observation;
import dev.turnpike.model.SessionId;
import dev.turnpike.model.SessionKey;
import dev.turnpike.model.TraceId;
import dev.turnpike.model.TraceSeed;
import dev.turnpike.model.TurnKey;
import dev.turnpike.otlp.OtlpLimits;
import dev.turnpike.otlp.OtlpTraces;
import dev.turnpike.otlp.Span;
import dev.turnpike.otlp.SpanBatch;
import dev.turnpike.otlp.SpanEnvelope;
import dev.turnpike.testing.LentRow;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A recording of Copilot, and a worker that plays it to the adapter. */
final class Recording {
  enum Mode {
    IN_ORDER,
    EVERY_SPAN_ALONE,
    TWICE,
    SHUFFLED,
    /** The daemon is restarted after every event. */
    RESTARTED_ALWAYS,
    SPANS_BEFORE_HOOKS
  }

  /** A turn with the parts that came later. */
  record Told(ClosedTurn turn, List<Observation> all) {}

  private static final JsonMapper MAPPER = new JsonMapper();
  private static final Circumstances SOON = new Circumstances(true, false, false, false, false);
  private static final Circumstances PATIENT = new Circumstances(true, false, false, true, false);
  private static final CopilotSpans SPANS = new CopilotSpans();

  private final Path folder;
  private final Copilot copilot = new Copilot(new CopilotInstaller(), Path.of("/nowhere"));
  private final Map<EventId, Event> waiting = new LinkedHashMap<>();
  private final Set<EventId> known = new HashSet<>();
  private final Set<TurnKey> exported = new HashSet<>();
  private final Map<TraceId, Told> told = new LinkedHashMap<>();
  private final Map<Path, byte[]> files = new LinkedHashMap<>();
  private final Map<Path, Long> read = new LinkedHashMap<>();
  private @Nullable SessionKey key;
  private @Nullable TurnAssembler<CopilotSignal> assembler;
  private Optional<Memory> memory = Optional.empty();

  Recording(Path folder) {
    this.folder = folder;
  }

  static boolean playable(Path folder) {
    return Files.isDirectory(folder.resolve("otlp"))
        || Files.exists(folder.resolve("hooks.jsonl"))
        || Files.isDirectory(folder.resolve("run-1"));
  }

  List<Told> play(Mode mode) throws Exception {
    JsonNode expected = MAPPER.readTree(folder.resolve("expected.json").toFile());
    if (expected.has("session_id")) {
      key = new SessionKey(Copilot.ID, new SessionId(expected.path("session_id").asText()));
    }
    for (Path run : runs()) {
      List<Event> hooks = hooks(run);
      List<Event> spans = spans(run, mode);
      if (mode == Mode.SHUFFLED) {
        Collections.shuffle(hooks, new Random(5));
        Collections.shuffle(spans, new Random(5));
      }
      var all = new ArrayList<Event>(mode == Mode.SPANS_BEFORE_HOOKS ? spans : hooks);
      all.addAll(mode == Mode.SPANS_BEFORE_HOOKS ? hooks : spans);
      files(run);
      for (Event event : all) {
        deliver(event);
        if (mode == Mode.TWICE) {
          deliver(event);
        }
        if (mode == Mode.RESTARTED_ALWAYS) {
          look(SOON);
          restart();
        }
      }
      look(SOON);
      look(PATIENT);
    }
    if (assembler != null) {
      assertFalse(assembler.open(), "something stayed open");
      assertEquals(Set.of(), assembler.memory().needed());
    }
    return List.copyOf(told.values());
  }

  private List<Path> runs() throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      List<Path> runs =
          all.filter(p -> p.getFileName().toString().startsWith("run-")).sorted().toList();
      return runs.isEmpty() ? List.of(folder) : runs;
    }
  }

  private static List<Event> hooks(Path run) throws IOException {
    var events = new ArrayList<Event>();
    Path file = run.resolve("hooks.jsonl");
    if (Files.exists(file)) {
      for (String line : Files.readAllLines(file)) {
        JsonNode row = MAPPER.readTree(line);
        events.add(event(row.path("configured_event").asText(), row.path("payload").toString()));
      }
    }
    return events;
  }

  private static Event event(String name, String body) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return new Event(
        new EventId("e-" + Digest.sha256Hex(name + body).substring(0, 32)),
        Copilot.ID,
        Instant.EPOCH,
        new Caller(null, 0, "0.1.0", name, Map.of(), false),
        DestinationId.LOCAL,
        new EventBody.Inline(bytes));
  }

  private List<Event> spans(Path run, Mode mode) throws Exception {
    var events = new ArrayList<Event>();
    Path folder = run.resolve("otlp");
    if (!Files.isDirectory(folder)) {
      return events;
    }
    try (Stream<Path> all = Files.list(folder)) {
      for (Path body :
          all.filter(p -> p.toString().contains("-traces") && p.toString().endsWith(".body"))
              .sorted()
              .toList()) {
        String head = Files.readString(Path.of(body.toString().replace(".body", ".headers.json")));
        var encoding =
            head.contains("application/x-protobuf")
                ? OtlpTraces.Encoding.PROTOBUF
                : OtlpTraces.Encoding.JSON;
        var in = new ByteArrayInputStream(Files.readAllBytes(body));
        for (SpanBatch batch :
            OtlpTraces.decode(in, encoding, false, OtlpLimits.STANDARD).batches()) {
          events.addAll(events(batch, mode == Mode.EVERY_SPAN_ALONE));
        }
      }
    }
    return events;
  }

  private List<Event> events(SpanBatch batch, boolean alone) {
    var groups = new LinkedHashMap<String, List<Span>>();
    for (Span span : batch.spans()) {
      String group = alone ? span.id().hex() : span.trace().hex();
      groups.computeIfAbsent(group, same -> new ArrayList<>()).add(span);
    }
    return groups.values().stream()
        .map(
            spans -> {
              Span first = spans.getFirst();
              var head =
                  new SpanEnvelope.Head(
                      session(batch, first),
                      first.trace(),
                      spans.stream().anyMatch(span -> span.parent() == null));
              byte[] body =
                  SpanEnvelope.write(
                      head, List.of(new SpanBatch(batch.source(), spans)), SPANS::keeps);
              return event(SpanEnvelope.EVENT_NAME, new String(body, StandardCharsets.UTF_8));
            })
        .toList();
  }

  /** The receiver knows a trace's session from its other spans. */
  private SessionId session(SpanBatch batch, Span span) {
    String said = SPANS.session(batch.source(), span);
    if (said.isEmpty() && key != null) {
      return key.session();
    }
    return new SessionId(said);
  }

  private void files(Path run) throws IOException {
    Path state = run.resolve("session/.copilot/session-state");
    if (!Files.isDirectory(state)) {
      return;
    }
    try (Stream<Path> all = Files.walk(state)) {
      for (Path file : all.filter(p -> p.endsWith("events.jsonl")).toList()) {
        files.put(
            Path.of("/home/dev/.copilot/session-state").resolve(state.relativize(file)),
            Files.readAllBytes(file));
      }
    }
  }

  private void deliver(Event event) {
    if (!known.add(event.id())) {
      return;
    }
    if (copilot.interpret(event) instanceof Interpretation.Understood<CopilotSignal>(var signal)) {
      if (key == null) {
        key = new SessionKey(Copilot.ID, signal.session());
      }
      if (!key.session().equals(signal.session())) {
        return; // a side call of VS Code is a session of its own
      }
      waiting.put(event.id(), event);
      assembler().accept(event, signal);
    }
  }

  private TurnAssembler<CopilotSignal> assembler() {
    TurnAssembler<CopilotSignal> present = assembler;
    if (present == null) {
      if (key == null) {
        throw new IllegalStateException("no session yet");
      }
      var ref =
          new SessionRef(
              key,
              memory,
              exported::contains,
              (turn, number, prompt) -> TraceSeed.of(Copilot.ID, turn),
              reason -> {});
      present = copilot.assembler(ref);
      assembler = present;
    }
    return present;
  }

  private void look(Circumstances now) {
    if (assembler == null) {
      return;
    }
    TurnAssembler<CopilotSignal> at = assembler;
    boolean more = true;
    while (more) {
      more = readFiles(at);
      for (var next = at.poll(now); next.isPresent(); next = at.poll(now)) {
        tell(next.get());
        more = true;
      }
    }
  }

  private boolean readFiles(TurnAssembler<CopilotSignal> at) {
    boolean any = false;
    for (FollowedFile file : at.files()) {
      byte[] bytes = files.get(file.path());
      if (bytes == null) {
        continue;
      }
      int from = (int) (long) read.getOrDefault(file.path(), file.from());
      for (int end = from; end < bytes.length; end++) {
        if (bytes[end] == '\n') {
          LentRow.give(bytes, from, end, row -> at.accept(file.path(), row));
          from = end + 1;
          any = true;
        }
      }
      read.put(file.path(), (long) from);
    }
    return any;
  }

  private void tell(Finished finished) {
    switch (finished) {
      case ClosedTurn turn -> {
        exported.add(turn.key());
        told.put(turn.trace(), new Told(turn, new ArrayList<>(turn.observations())));
      }
      case LaterPart part -> {
        Told of = told.get(part.trace());
        if (of != null) {
          of.all().addAll(part.observations());
        }
      }
      case Finished.Skipped _ -> {}
    }
    commit(finished.memory());
  }

  private void commit(Memory after) {
    memory = Optional.of(after);
    waiting.keySet().retainAll(after.needed());
  }

  /** What the worker does after a restart: the memory, and the events it needs told again. */
  private void restart() {
    if (assembler == null) {
      return;
    }
    commit(assembler.memory());
    assembler = null;
    read.clear();
    for (Event event : waiting.values()) {
      if (copilot.interpret(event)
          instanceof Interpretation.Understood<CopilotSignal>(var signal)) {
        assembler().accept(event, signal);
      }
    }
    assembler();
  }
}
