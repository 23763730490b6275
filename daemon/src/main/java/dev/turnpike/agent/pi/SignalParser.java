package dev.turnpike.agent.pi;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import dev.turnpike.agent.AgentJson;
import dev.turnpike.agent.Interpretation;
import dev.turnpike.agent.Interpretation.Ignored;
import dev.turnpike.agent.Interpretation.Malformed;
import dev.turnpike.agent.Interpretation.Understood;
import dev.turnpike.agent.Signal.Moment;
import dev.turnpike.model.Event;
import dev.turnpike.model.SessionId;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads requests of our extension: the head as a stream, the records only where they are wanted.
 */
final class SignalParser {
  private static final int LIMIT_TEXT_CHARS = 4096;
  private static final int LIMIT_CHAIN = 8;

  /** The head, whatever follows it. */
  private static final class Head {
    final Map<String, String> texts = new HashMap<>();
    final Map<String, Long> numbers = new HashMap<>();
    final List<String> chain = new ArrayList<>();
  }

  Interpretation<PiSignal> interpret(Event event) {
    if (event.body().size() == 0) {
      return new Malformed<>("event.malformed.empty");
    }
    var head = new Head();
    try (var parser = AgentJson.MAPPER.createParser(event.body().open())) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return new Malformed<>("event.malformed.not_an_object");
      }
      read(parser, head);
    } catch (IOException e) {
      return new Malformed<>("event.malformed.unreadable");
    }
    return understood(head);
  }

  /** The records of a request; none if it cannot be read. */
  static JsonNode records(Event event) throws IOException {
    try (InputStream body = event.body().open()) {
      return AgentJson.MAPPER.readTree(body).path("records");
    }
  }

  /** Stops at the records: they come last. */
  private static void read(JsonParser parser, Head head) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      switch (value) {
        case VALUE_STRING -> {
          String text = parser.getText();
          if (text.length() <= LIMIT_TEXT_CHARS) {
            head.texts.put(name, text);
          }
        }
        case VALUE_NUMBER_INT -> head.numbers.put(name, parser.getLongValue());
        case START_ARRAY -> {
          if (!name.equals("chain")) {
            return;
          }
          while (parser.nextToken() == JsonToken.VALUE_STRING && head.chain.size() < LIMIT_CHAIN) {
            head.chain.add(parser.getText());
          }
        }
        default -> parser.skipChildren();
      }
    }
  }

  private static Interpretation<PiSignal> understood(Head head) {
    String own = head.texts.get("session");
    if (own == null || !SessionId.isWellFormed(own)) {
      return new Malformed<>("event.malformed.no_session");
    }
    String outermost = head.chain.isEmpty() ? own : head.chain.getFirst();
    if (!SessionId.isWellFormed(outermost) || head.chain.contains(own)) {
      return new Malformed<>("event.malformed.chain");
    }
    String said = head.texts.getOrDefault("moment", "");
    boolean launched = !head.chain.isEmpty();
    @Nullable Moment moment =
        switch (said) {
          case "start" -> launched ? Moment.ACTIVITY : Moment.SESSION_STARTED;
          case "prompt" -> launched ? Moment.ACTIVITY : Moment.PROMPT_SUBMITTED;
          case "settled" -> Moment.TURN_ENDED;
          // the end of a sub-agent is not the end of the session
          case "end" -> launched ? Moment.TURN_ENDED : Moment.SESSION_ENDED;
          case "activity" -> Moment.ACTIVITY;
          default -> null;
        };
    if (moment == null) {
      return new Ignored<>("event." + (said.matches("[a-z_]{1,40}") ? said : "unknown"));
    }
    return new Understood<>(
        new PiSignal(
            new SessionId(outermost),
            own,
            head.chain,
            file(head.texts.get("file")),
            Math.max(0, head.numbers.getOrDefault("turn", 0L)),
            (int) Math.min(Integer.MAX_VALUE, head.numbers.getOrDefault("n", 0L)),
            head.numbers.getOrDefault("pid", 0L),
            moment,
            new PiSignal.Facts(
                head.texts.get("pi"), head.texts.get("mode"), head.texts.get("cwd"))));
  }

  /**
   * Relative and malformed paths count as absent; whether it may be read is judged by the reader.
   */
  private static @Nullable Path file(@Nullable String text) {
    if (text == null || !text.endsWith(".jsonl")) {
      return null;
    }
    try {
      Path path = Path.of(text);
      return path.isAbsolute() && path.equals(path.normalize()) ? path : null;
    } catch (InvalidPathException e) {
      return null;
    }
  }
}
