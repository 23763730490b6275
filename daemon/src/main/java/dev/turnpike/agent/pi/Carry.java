package dev.turnpike.agent.pi;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.turnpike.agent.AgentJson;
import dev.turnpike.model.SpanId;
import dev.turnpike.model.TraceSeed;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The text of {@code Memory.carry()}, and what it holds while the assembler works: facts of the
 * session that neither the rows from its position on nor the events of open turns tell.
 *
 * <pre>
 *   {"v":1,"since":1795179386700,"born":"2026-11-20T…Z","turns":3,"file":"/home/dev/.pi/…jsonl","pi":"0.87.1","mode":"tui","cwd":"/home/dev/shop",
 *    "told":["&lt;session&gt;:1795…"],"pending":[{"session":"…","turn":1795…,"seed":"turnpike|1|pi|…","parent":"0123456789abcdef","type":"helper"}]}
 * </pre>
 */
final class Carry {
  private static final int LIMIT_TOLD = 32;

  /** First contact: what was said before is not ours to send. Milliseconds; 0 if not known yet. */
  long since;

  /** When the session began: older entries were copied from the session it was forked from. */
  Instant born = Instant.EPOCH;

  int turns;
  @Nullable Path file;
  @Nullable String version;
  @Nullable String mode;
  @Nullable String cwd;

  /** Turns that went out lately: events of theirs may come late. */
  final Set<String> told = new LinkedHashSet<>();

  final List<Pending> pending = new ArrayList<>();

  static Carry read(String text) {
    var carry = new Carry();
    JsonNode node;
    try {
      node = AgentJson.MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the session's memory is not JSON", e);
    }
    carry.since = node.path("since").asLong();
    carry.born = Instant.parse(node.path("born").asText(Instant.EPOCH.toString()));
    carry.turns = node.path("turns").asInt();
    String file = ItemParser.text(node, "file");
    carry.file = file == null ? null : Path.of(file);
    carry.version = ItemParser.text(node, "pi");
    carry.mode = ItemParser.text(node, "mode");
    carry.cwd = ItemParser.text(node, "cwd");
    node.path("told").forEach(key -> carry.told.add(key.asText()));
    for (JsonNode each : node.path("pending")) {
      carry.pending.add(
          new Pending(
              each.path("session").asText(),
              each.path("turn").asLong(),
              new TraceSeed(each.path("seed").asText()),
              new SpanId(each.path("parent").asText()),
              each.path("type").asText("pi")));
    }
    return carry;
  }

  void tell(Segment segment) {
    told.add(segment.key().value());
    if (told.size() > LIMIT_TOLD) {
      told.remove(told.iterator().next());
    }
  }

  String text() {
    ObjectNode node =
        AgentJson.MAPPER
            .createObjectNode()
            .put("v", 1)
            .put("since", since)
            .put("born", born.toString())
            .put("turns", turns)
            .put("file", file == null ? null : file.toString())
            .put("pi", version)
            .put("mode", mode)
            .put("cwd", cwd);
    told.forEach(node.putArray("told")::add);
    var list = node.putArray("pending");
    for (Pending each : pending) {
      list.addObject()
          .put("session", each.session())
          .put("turn", each.turn())
          .put("seed", each.seed().text())
          .put("parent", each.parent().hex())
          .put("type", each.type());
    }
    try {
      return AgentJson.MAPPER.writeValueAsString(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of ours cannot be written", e);
    }
  }
}
