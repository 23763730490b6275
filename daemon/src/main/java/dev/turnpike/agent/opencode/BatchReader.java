package dev.turnpike.agent.opencode;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.turnpike.agent.AgentJson;
import dev.turnpike.agent.Interpretation;
import dev.turnpike.agent.Interpretation.Malformed;
import dev.turnpike.agent.Interpretation.Understood;
import dev.turnpike.agent.Signal.Moment;
import dev.turnpike.model.Event;
import dev.turnpike.model.EventBody;
import dev.turnpike.model.SessionId;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads what the plugin sends: lines of JSON, the first of them the head.
 *
 * <pre>
 *   {"v":1,"root":"ses_e070…","src":"20527-mi3x…","n":3,"lines":2,"turn":"msg_1f8f…","end":true,"directory":"/home/dev/shop"}
 *   {"t":1795178702582,"event":{"id":"evt_1f8f…","type":"session.idle","properties":{"sessionID":"ses_e070…"}}}
 *   {"t":1795178702319,"request":{"sessionID":"ses_e070…","agent":"build","modelID":"stub-1",…}}
 * </pre>
 *
 * {@code end}: the root session became idle in this batch. {@code turn}: the latest user message of
 * the root session. Events are those of OpenCode's bus (1.18.33), without what nobody needs.
 */
final class BatchReader {
  private static final int LIMIT_HEAD_CHARS = 64 * 1024;

  Interpretation<OpenCodeSignal> interpret(Event event) {
    if (event.body().size() == 0) {
      return new Malformed<>("event.malformed.empty");
    }
    JsonNode head;
    try (var lines = open(event.body())) {
      String first = lines.readLine();
      if (first == null || first.length() > LIMIT_HEAD_CHARS) {
        return new Malformed<>("event.malformed.no_head");
      }
      head = AgentJson.MAPPER.readTree(first);
    } catch (IOException e) {
      return new Malformed<>("event.malformed.no_head");
    }
    String root = Json.text(head, "root");
    if (root == null || !SessionId.isWellFormed(root)) {
      return new Malformed<>("event.malformed.no_session");
    }
    String turn = Json.text(head, "turn");
    String source = Json.text(head, "src");
    long pid = event.caller().parentPid();
    return new Understood<>(
        new OpenCodeSignal(
            new SessionId(root),
            head.path("end").asBoolean(false) ? Moment.TURN_ENDED : Moment.ACTIVITY,
            Optional.ofNullable(turn),
            pid > 0 ? OptionalLong.of(pid) : OptionalLong.empty(),
            source == null ? "" : source,
            head.path("n").asLong(0)));
  }

  /**
   * Gives every line after the head.
   *
   * @return how many lines were no JSON: the last one of a batch that was cut
   */
  int read(Event event, Consumer<JsonNode> each) {
    int unreadable = 0;
    try (var lines = open(event.body())) {
      lines.readLine();
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonNode node = line.isBlank() ? null : parsed(line);
        if (node != null) {
          each.accept(node);
        } else if (!line.isBlank()) {
          unreadable++;
        }
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException("the body of " + event.id() + " cannot be read", e);
    }
    return unreadable;
  }

  private @Nullable JsonNode parsed(String line) {
    try {
      JsonNode node = AgentJson.MAPPER.readTree(line);
      return node.isObject() ? node : null;
    } catch (JacksonException e) {
      return null;
    }
  }

  private static BufferedReader open(EventBody body) throws IOException {
    return new BufferedReader(new InputStreamReader(body.open(), StandardCharsets.UTF_8));
  }
}
