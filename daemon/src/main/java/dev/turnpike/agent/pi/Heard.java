package dev.turnpike.agent.pi;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnpike.model.EventId;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What the extension told of one turn of one session. Everything is kept by its own time or id, so
 * that neither the order nor the number of times in which it is told makes a difference.
 */
final class Heard {
  /** Records of one request are told apart by their place in it. */
  private static final int LIMIT_RECORDS = 1 << 20;

  record Tool(String name, @Nullable String arguments, @Nullable String parent) {}

  record Model(@Nullable String model, @Nullable String provider) {}

  final long turn;
  final Set<EventId> events = new LinkedHashSet<>();

  /** Messages and entries of a session without a file, in their order. */
  final NavigableMap<Long, Item> pushed = new TreeMap<>();

  private final Map<String, NavigableMap<Long, Tool>> begun = new HashMap<>();
  private final Map<String, NavigableMap<Long, Long>> ended = new HashMap<>();
  private final NavigableMap<Long, Model> requests = new TreeMap<>();
  private final NavigableMap<Long, Model> answers = new TreeMap<>();
  private final Map<Long, Long> firsts = new HashMap<>();
  private final NavigableSet<Long> compactings = new TreeSet<>();
  private final Set<Long> said = new HashSet<>();
  private final NavigableSet<Integer> numbers = new TreeSet<>();
  private @Nullable String prompt;
  private int promptNumber;
  private int settledNumber;
  private long settledAt;
  private @Nullable String leaf;
  private boolean aborted;
  private long latest;

  Heard(long turn) {
    this.turn = turn;
    this.latest = turn;
  }

  void request(int number, EventId event) {
    numbers.add(number);
    events.add(event);
  }

  void record(JsonNode record, int number, int place, ItemParser items) {
    long at = record.path("t").asLong();
    latest = Math.max(latest, at);
    String id = record.path("id").asText();
    switch (record.path("k").asText()) {
      case "prompt" -> {
        prompt = record.path("text").asText();
        promptNumber = number;
      }
      case "said" -> said.add(record.path("m").asLong());
      case "request" -> requests.put(at, model(record));
      case "answer" -> answers.put(record.path("m").asLong(), model(record));
      case "first" -> firsts.put(record.path("m").asLong(), at);
      case "tool" -> {
        JsonNode arguments = record.path("args");
        var tool =
            new Tool(
                record.path("name").asText("tool"),
                arguments.isMissingNode() ? null : arguments.toString(),
                ItemParser.text(record, "parent"));
        begun.computeIfAbsent(id, key -> new TreeMap<>()).put(at, tool);
      }
      case "toolend" ->
          ended.computeIfAbsent(id, key -> new TreeMap<>()).put(at, record.path("ms").asLong(-1));
      case "compacting" -> compactings.add(at);
      case "message" ->
          items
              .message(record.path("message"), Instant.ofEpochMilli(at))
              .ifPresent(item -> pushed.put(place(number, place), item));
      case "entry" ->
          items
              .entry(record.path("entry"), Instant.ofEpochMilli(at))
              .ifPresent(item -> pushed.put(place(number, place), item));
      case "settled" -> {
        settledAt = at;
        settledNumber = number;
        leaf = ItemParser.text(record, "leaf");
        aborted = record.path("aborted").asBoolean();
      }
      default -> {
        // a newer extension may tell more
      }
    }
  }

  private static long place(int number, int place) {
    return (long) number * LIMIT_RECORDS + Math.min(place, LIMIT_RECORDS - 1);
  }

  private static Model model(JsonNode record) {
    return new Model(ItemParser.text(record, "model"), ItemParser.text(record, "provider"));
  }

  /** A message of that moment came while this turn ran. */
  boolean heldMessage(long when) {
    return said.contains(when);
  }

  Optional<String> prompt() {
    return Optional.ofNullable(prompt);
  }

  boolean settled() {
    return settledAt > 0;
  }

  long settledAt() {
    return settledAt;
  }

  Optional<String> leaf() {
    return Optional.ofNullable(leaf);
  }

  boolean aborted() {
    return aborted;
  }

  /** Every request from the prompt's to the last one is here. */
  boolean whole() {
    return promptNumber > 0
        && settledNumber > 0
        && numbers.subSet(promptNumber, true, settledNumber, true).size()
            == settledNumber - promptNumber + 1;
  }

  /** The last moment of which anything was told. */
  long latest() {
    return latest;
  }

  /** Calls that began, by id. */
  Map<String, NavigableMap<Long, Tool>> tools() {
    return begun;
  }

  /** When the call that the model asked for at {@code from} began, if that was told. */
  Optional<Instant> toolBegan(String call, Instant from) {
    return after(begun.get(call), from.toEpochMilli()).map(Instant::ofEpochMilli);
  }

  /** When it ended; newer versions say for how long it ran, which is more exact. */
  Optional<Instant> toolEnded(String call, Instant from) {
    NavigableMap<Long, Long> ends = ended.get(call);
    Map.Entry<Long, Long> end = ends == null ? null : ends.ceilingEntry(from.toEpochMilli());
    if (end == null) {
      return Optional.empty();
    }
    long millis = end.getValue();
    long at = millis < 0 ? end.getKey() : from.toEpochMilli() + millis;
    return Optional.of(Instant.ofEpochMilli(at));
  }

  private static Optional<Long> after(@Nullable NavigableMap<Long, ?> moments, long from) {
    return moments == null ? Optional.empty() : Optional.ofNullable(moments.ceilingKey(from));
  }

  Optional<Instant> firstToken(long answer) {
    return Optional.ofNullable(firsts.get(answer)).map(Instant::ofEpochMilli);
  }

  /** A compaction that was over at {@code end} began then. */
  Optional<Instant> compactionBegan(Instant end) {
    return Optional.ofNullable(compactings.floor(end.toEpochMilli())).map(Instant::ofEpochMilli);
  }

  /**
   * A model call that was under way when everything stopped: by the start of its answer, as an
   * entry would have it, else by the request.
   */
  Optional<Map.Entry<Long, Model>> unanswered(long after) {
    Optional<Map.Entry<Long, Model>> begun = Optional.ofNullable(answers.higherEntry(after));
    return begun.or(() -> Optional.ofNullable(requests.higherEntry(after)));
  }
}
