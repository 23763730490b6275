package dev.turnpike.agent.gemini;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.turnpike.agent.AgentJson;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The text of {@code Memory.carry()}, and what it holds while the assembler works: facts that the
 * rows from its position on do not tell.
 *
 * <pre>
 *   {"v":1,"file":"/home/dev/.gemini/tmp/shop/chats/session-….jsonl","since":"1970-…","spoken":null,"ends":["2026-…"],"overs":[],"served":"2026-…",
 *    "last":"2026-…","turns":3,"version":"0.61.0","cwd":"/home/dev/shop","told":["a4805df7-…"],
 *    "begun":"2026-…","submitted":"2026-…","prompts":1,"refusable":true,"asked":{"2026-…":"5f0c…"},"before":{"key":"860ea401-…","number":3,"text":"5f0c…","shown":"5f0c…"}}
 * </pre>
 */
final class Carry {
  /** Answers of turns that went out: the CLI may write such a row once more. */
  private static final int LIMIT_TOLD = 64;

  private static final int LIMIT_ENDS = 64;

  /** In {@link #asked}: what ended went on with an answer that was refused. */
  static final String REFUSED = "refused";

  /**
   * The turn that went out last, where its answer may still be refused.
   *
   * @param number of the turn within the session
   */
  record Before(String key, int number, Asked asked) {}

  @Nullable Path file;

  /** First contact: prompts before it are history. Absent while no event told where to begin. */
  @Nullable Instant since;

  /** First contact: an event of a turn under way was heard at this moment. */
  @Nullable Instant spoken;

  /** When the agent said that a turn ended, lately. */
  final NavigableSet<Instant> ends = new TreeSet<>();

  /** When it said that the session ended; 0.61.0 says so up to three times. */
  final NavigableSet<Instant> overs = new TreeSet<>();

  /** What was said to have ended up to here has been looked for. */
  Instant served = Instant.EPOCH;

  /** Time of the last row before the position. */
  Instant last = Instant.EPOCH;

  int turns;
  @Nullable String version;
  @Nullable String cwd;
  final Set<String> told = new LinkedHashSet<>();

  /** When the agent's process took the session up. */
  @Nullable Instant begun;

  /** When it took up a prompt last, or what it gives the model as one. */
  Instant submitted = Instant.EPOCH;

  /** Prompts of this process that went out, as far as counting them tells anything. */
  private int prompts;

  /** Somebody else is asked at a turn's end, and may refuse the answer. */
  boolean refusable;

  /** By when a turn was said to have ended: what it was said to have been asked, as a digest. */
  final NavigableMap<Instant, String> asked = new TreeMap<>();

  @Nullable Before before;

  static Carry read(String text) {
    var carry = new Carry();
    JsonNode node;
    try {
      node = AgentJson.MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the session's memory is not JSON", e);
    }
    String file = RowParser.text(node, "file");
    carry.file = file == null ? null : Path.of(file);
    carry.since = RowParser.instant(node, "since");
    carry.spoken = RowParser.instant(node, "spoken");
    node.path("ends").forEach(at -> carry.ends.add(Instant.parse(at.asText())));
    node.path("overs").forEach(at -> carry.overs.add(Instant.parse(at.asText())));
    carry.served = moment(node, "served");
    carry.last = moment(node, "last");
    carry.turns = node.path("turns").asInt();
    carry.version = RowParser.text(node, "version");
    carry.cwd = RowParser.text(node, "cwd");
    node.path("told").forEach(id -> carry.told.add(id.asText()));
    carry.begun = RowParser.instant(node, "begun");
    carry.submitted = moment(node, "submitted");
    carry.prompts = node.path("prompts").asInt();
    carry.refusable = node.path("refusable").asBoolean();
    for (Map.Entry<String, JsonNode> each : node.path("asked").properties()) {
      carry.asked.put(Instant.parse(each.getKey()), each.getValue().asText());
    }
    JsonNode before = node.path("before");
    String key = RowParser.text(before, "key");
    carry.before =
        key == null ? null : new Before(key, before.path("number").asInt(), Asked.read(before));
    return carry;
  }

  /** Nothing from there on is history. */
  void from(Instant at) {
    since = earlier(since, at);
  }

  void begin(Instant at) {
    if (begun == null || at.isAfter(begun)) {
      begun = at;
      prompts = 0;
    }
  }

  /** A new prompt was told. With {@code -p} a process has but one. */
  void prompted() {
    prompts = Math.min(prompts + 1, 2);
  }

  /** Whether the process is known to run in a terminal. */
  boolean terminal() {
    return prompts > 1;
  }

  /** The CLI showed something: only in a terminal does that have a row. */
  void showed(Instant at) {
    if (begun == null || !at.isBefore(begun)) {
      prompts = 2;
    }
  }

  void ended(Instant at, @Nullable String ofWhat) {
    keep(ends, at);
    if (ofWhat != null) {
      asked.put(at, ofWhat);
      asked.headMap(ends.first()).clear();
    }
  }

  private static Instant moment(JsonNode node, String name) {
    Instant at = RowParser.instant(node, name);
    return at == null ? Instant.EPOCH : at;
  }

  void tell(Work work) {
    work.steps().forEach(step -> told.add(step.answer.id()));
    while (told.size() > LIMIT_TOLD) {
      told.remove(told.iterator().next());
    }
    last = later(last, work.end());
  }

  static void keep(NavigableSet<Instant> moments, Instant at) {
    moments.add(at);
    if (moments.size() > LIMIT_ENDS) {
      moments.removeFirst();
    }
  }

  /** Whether one of them lies from {@code start} on and before {@code next}. */
  static boolean between(NavigableSet<Instant> moments, Instant start, Instant next) {
    Instant end = moments.ceiling(start);
    return end != null && end.isBefore(next);
  }

  private static void put(ArrayNode array, NavigableSet<Instant> moments) {
    moments.forEach(at -> array.add(at.toString()));
  }

  static Instant later(Instant a, Instant b) {
    return a.isAfter(b) ? a : b;
  }

  static Instant earlier(@Nullable Instant a, Instant b) {
    return a == null || b.isBefore(a) ? b : a;
  }

  String text() {
    ObjectNode node =
        AgentJson.MAPPER
            .createObjectNode()
            .put("v", 1)
            .put("file", file == null ? null : file.toString())
            .put("since", since == null ? null : since.toString())
            .put("spoken", spoken == null ? null : spoken.toString())
            .put("served", served.toString())
            .put("last", last.toString())
            .put("turns", turns)
            .put("version", version)
            .put("cwd", cwd);
    told.forEach(node.putArray("told")::add);
    put(node.putArray("ends"), ends);
    put(node.putArray("overs"), overs);
    node.put("begun", begun == null ? null : begun.toString())
        .put("submitted", submitted.toString())
        .put("prompts", prompts)
        .put("refusable", refusable);
    ObjectNode ofWhat = node.putObject("asked");
    asked.forEach((at, digest) -> ofWhat.put(at.toString(), digest));
    Before gone = before;
    if (gone != null) {
      ObjectNode turn =
          node.putObject("before").put("key", gone.key()).put("number", gone.number());
      gone.asked().write(turn);
    }
    try {
      return AgentJson.MAPPER.writeValueAsString(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of ours cannot be written", e);
    }
  }
}
