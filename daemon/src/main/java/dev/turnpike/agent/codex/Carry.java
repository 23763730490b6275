package dev.turnpike.agent.codex;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.turnpike.agent.AgentJson;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The text of {@code Memory.carry()}, and what it holds while the assembler works: facts that the
 * rows from its position on do not tell.
 *
 * <pre>
 *   {"v":1,"file":"/home/dev/.codex/sessions/…/rollout-….jsonl","since":"2026-…","heard":["01a1f8f5-…"],"awaited":["01a1f8f5-…"],"over":null,
 *    "turns":3,"threads":{"01a1f8fa-…":"/home/dev/.codex/sessions/…jsonl"},"told":{"01a1f8fa-…":{"number":2,"agents":[],"held":["01a1f8fa-…:call_1"]}},
 *    "main":{"meta":{"cli_version":"0.169.0"},"total":"","records":true}}
 * </pre>
 */
final class Carry {
  private static final int LIMIT_IDS = 64;

  /** A turn that went out while something of it still ran. */
  static final class Told {
    final int number;

    /** Turns of sub-agents that went out. */
    final Set<String> agents = new LinkedHashSet<>();

    /** Tool calls that wait for their end. */
    final Set<String> held = new LinkedHashSet<>();

    Told(int number) {
      this.number = number;
    }
  }

  @Nullable Path file;

  /** Turns that began before it are history; absent while no event told where to begin. */
  @Nullable Instant since;

  /** Until then: the turns that events spoke of. */
  final Set<String> heard = new LinkedHashSet<>();

  /** Turns that ended, by what a hook said, and that did not go out yet. */
  final Set<String> awaited = new LinkedHashSet<>();

  /** When the agent said that the session ended, if it said nothing since. */
  @Nullable Instant over;

  int turns;

  /** Files of sub-agents' threads that hooks named. */
  final Map<String, Path> threads = new LinkedHashMap<>();

  final Map<String, Told> told = new LinkedHashMap<>();

  /** What the main file's rows before its position told. */
  final ObjectNode main = AgentJson.MAPPER.createObjectNode();

  static Carry read(String text) {
    var carry = new Carry();
    JsonNode node;
    try {
      node = AgentJson.MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the session's memory is not JSON", e);
    }
    String file = Row.text(node, "file");
    carry.file = file == null ? null : Path.of(file);
    carry.since = moment(node, "since");
    carry.over = moment(node, "over");
    carry.turns = node.path("turns").asInt();
    node.path("heard").forEach(id -> carry.heard.add(id.asText()));
    node.path("awaited").forEach(id -> carry.awaited.add(id.asText()));
    node.path("threads")
        .properties()
        .forEach(one -> carry.threads.put(one.getKey(), Path.of(one.getValue().asText())));
    node.path("told")
        .properties()
        .forEach(
            one -> {
              var told = new Told(one.getValue().path("number").asInt());
              one.getValue().path("agents").forEach(id -> told.agents.add(id.asText()));
              one.getValue().path("held").forEach(id -> told.held.add(id.asText()));
              carry.told.put(one.getKey(), told);
            });
    if (node.path("main") instanceof ObjectNode main) {
      carry.main.setAll(main);
    }
    return carry;
  }

  private static @Nullable Instant moment(JsonNode node, String name) {
    String text = Row.text(node, name);
    return text == null ? null : Instant.parse(text);
  }

  static void keep(Collection<String> ids, String id) {
    ids.add(id);
    if (ids.size() > LIMIT_IDS) {
      ids.remove(ids.iterator().next());
    }
  }

  void thread(String id, Path path) {
    threads.put(id, path);
    if (threads.size() > LIMIT_IDS) {
      threads.remove(threads.keySet().iterator().next());
    }
  }

  String text() {
    ObjectNode node =
        AgentJson.MAPPER
            .createObjectNode()
            .put("v", 1)
            .put("file", file == null ? null : file.toString())
            .put("since", since == null ? null : since.toString())
            .put("over", over == null ? null : over.toString())
            .put("turns", turns);
    put(node.putArray("heard"), heard);
    put(node.putArray("awaited"), awaited);
    ObjectNode paths = node.putObject("threads");
    threads.forEach((id, path) -> paths.put(id, path.toString()));
    ObjectNode roots = node.putObject("told");
    told.forEach(
        (id, one) -> {
          ObjectNode root = roots.putObject(id).put("number", one.number);
          put(root.putArray("agents"), one.agents);
          put(root.putArray("held"), one.held);
        });
    node.set("main", main);
    try {
      return AgentJson.MAPPER.writeValueAsString(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of ours cannot be written", e);
    }
  }

  private static void put(ArrayNode array, Set<String> ids) {
    ids.forEach(array::add);
  }
}
