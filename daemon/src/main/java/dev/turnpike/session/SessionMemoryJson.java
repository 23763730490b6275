package dev.turnpike.session;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.turnpike.agent.Memory;
import dev.turnpike.model.AgentId;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.TraceContext;
import dev.turnpike.model.TraceId;
import dev.turnpike.session.SessionMemory.Pending;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The JSON a step keeps of a session, one object:
 *
 * <pre>
 * {"v":1,"open":true,"pid":4711,"pidBirth":4711042,"pidAt":1795178893500,
 *  "files":{"/home/dev/.claude/projects/-home-dev-shop/a4b1.jsonl":{"offset":16824,"head":"9f86..."}},
 *  "carry":"{...}",
 *  "latest":{"destination":"1f3c...","cwd":"/home/dev/shop","environment":{}},
 *  "terms":{"d128fe76-...":{"declined":true}},
 *  "pending":{"4bf92f...":{"destination":"1f3c...","cwd":"/home/dev/shop","environment":{},"context":{...}}}}
 * </pre>
 *
 * Fields are only ever added; a reader ignores what it does not know.
 */
final class SessionMemoryJson {
  private static final ObjectMapper JSON = new ObjectMapper();

  private SessionMemoryJson() {}

  /** Whether the session had something open, without building the rest; no if it is unreadable. */
  static boolean isOpen(String text) {
    try {
      return JSON.readTree(text).path("open").asBoolean(false);
    } catch (JsonProcessingException e) {
      return false; // whoever reads the whole says so
    }
  }

  static SessionMemory read(String text) {
    JsonNode root;
    try {
      root = JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw unreadable(e);
    }
    var byPrompt = new LinkedHashMap<String, Terms>();
    root.path("terms").forEachEntry((prompt, node) -> byPrompt.put(prompt, terms(node)));
    var pending = new LinkedHashMap<TraceId, Pending>();
    root.path("pending")
        .forEachEntry(
            (trace, node) ->
                pending.put(
                    new TraceId(trace), new Pending(context(node.path("context")), traced(node))));
    return new SessionMemory(
        assembler(root),
        byPrompt,
        root.has("latest") ? terms(root.path("latest")) : null,
        pending,
        new SessionMemory.AgentProcess(
            root.path("pid").asLong(),
            root.path("pidBirth").asLong(),
            Instant.ofEpochMilli(root.path("pidAt").asLong())),
        root.path("open").asBoolean(false));
  }

  static String write(SessionMemory memory) {
    ObjectNode root = JSON.createObjectNode();
    root.put("v", 1);
    root.put("open", memory.open());
    SessionMemory.AgentProcess agent = memory.agent();
    if (agent.pid() > 0) {
      root.put("pid", agent.pid());
      root.put("pidBirth", agent.birth());
      root.put("pidAt", agent.saidAt().toEpochMilli());
    }
    memory
        .assembler()
        .ifPresent(
            state -> {
              ObjectNode files = root.putObject("files");
              state
                  .positions()
                  .forEach(
                      (path, position) ->
                          files
                              .putObject(path.toString())
                              .put("offset", position.offset())
                              .put("head", position.head()));
              root.put("carry", state.carry());
            });
    Terms latest = memory.latestTerms();
    if (latest != null) {
      root.set("latest", terms(latest));
    }
    ObjectNode byPrompt = root.putObject("terms");
    memory.termsByPrompt().forEach((prompt, terms) -> byPrompt.set(prompt, terms(terms)));
    ObjectNode pending = root.putObject("pending");
    memory
        .pending()
        .forEach(
            (trace, of) -> {
              ObjectNode node = terms(of.terms());
              pending.set(trace.hex(), node);
              node.set("context", context(of.context()));
            });
    return root.toString();
  }

  private static Optional<Memory> assembler(JsonNode root) {
    if (!root.has("carry")) {
      return Optional.empty();
    }
    var positions = new TreeMap<Path, Memory.Position>();
    root.path("files")
        .forEachEntry(
            (path, node) ->
                positions.put(
                    Path.of(path),
                    new Memory.Position(node.path("offset").asLong(), node.path("head").asText())));
    return Optional.of(new Memory(positions, root.path("carry").asText()));
  }

  private static ObjectNode terms(Terms terms) {
    ObjectNode node = JSON.createObjectNode();
    switch (terms) {
      case Terms.Declined() -> node.put("declined", true);
      case Terms.Traced(var destination, var cwd, var environment) -> {
        node.put("destination", destination.value());
        if (cwd != null) {
          node.put("cwd", cwd);
        }
        putAll(node.putObject("environment"), environment);
      }
    }
    return node;
  }

  private static Terms terms(JsonNode node) {
    if (node.path("declined").asBoolean(false)) {
      return new Terms.Declined();
    }
    return traced(node);
  }

  private static Terms.Traced traced(JsonNode node) {
    return new Terms.Traced(
        new DestinationId(node.path("destination").asText()),
        node.hasNonNull("cwd") ? node.path("cwd").asText() : null,
        strings(node.path("environment")));
  }

  private static ObjectNode context(TraceContext context) {
    ObjectNode node = JSON.createObjectNode();
    node.put("agent", context.agent().value());
    node.put("session", context.sessionId());
    node.put("user", context.userId());
    context.tags().forEach(node.putArray("tags")::add);
    node.put("name", context.traceName());
    optional(context.environment(), text -> node.put("environment", text));
    optional(context.release(), text -> node.put("release", text));
    optional(context.agentVersion(), text -> node.put("version", text));
    putAll(node.putObject("metadata"), context.metadata());
    return node;
  }

  private static TraceContext context(JsonNode node) {
    var tags = new ArrayList<String>();
    node.path("tags").forEach(tag -> tags.add(tag.asText()));
    return new TraceContext(
        new AgentId(node.path("agent").asText()),
        node.path("session").asText(),
        node.path("user").asText(),
        tags,
        node.path("name").asText(),
        textOrNull(node, "environment"),
        textOrNull(node, "release"),
        textOrNull(node, "version"),
        strings(node.path("metadata")));
  }

  private static @Nullable String textOrNull(JsonNode node, String field) {
    return node.hasNonNull(field) ? node.path(field).asText() : null;
  }

  private static void optional(@Nullable String text, Consumer<String> put) {
    if (text != null) {
      put.accept(text);
    }
  }

  private static void putAll(ObjectNode node, Map<String, String> values) {
    values.forEach(node::put);
  }

  private static Map<String, String> strings(JsonNode node) {
    var all = new LinkedHashMap<String, String>();
    node.forEachEntry((key, value) -> all.put(key, value.asText()));
    return all;
  }

  private static IllegalStateException unreadable(JsonProcessingException cause) {
    return new IllegalStateException("a session's memory in the journal is not JSON", cause);
  }
}
