package dev.turnpike.agent;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.turnpike.model.EventBody;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The short texts at the top level of a hook's payload, read as a stream: whatever else is in it is
 * passed over. A payload that was cut counts as far as it goes.
 *
 * @param object the payload is a JSON object, or at least begins as one
 * @param whole it was read to its end
 */
public record HookTexts(Map<String, String> texts, boolean object, boolean whole) {
  private static final int LIMIT_TEXT_CHARS = 4096;

  public HookTexts {
    texts = Map.copyOf(texts);
  }

  /**
   * Of the fields {@code wanted}, and of those that tell whose hook it is ({@link HookClues}),
   * those that are there and no longer than 4096 characters; empty where a list or an object
   * stands.
   */
  public static HookTexts read(EventBody body, Set<String> wanted) {
    var texts = new HashMap<String, String>();
    boolean object = false;
    boolean whole = false;
    try (var parser = AgentJson.MAPPER.createParser(body.open())) {
      object = parser.nextToken() == JsonToken.START_OBJECT;
      if (object) {
        read(parser, wanted, texts);
      }
      whole = true;
    } catch (IOException e) {
      whole = false;
    }
    return new HookTexts(texts, object, whole);
  }

  private static void read(JsonParser parser, Set<String> wanted, Map<String, String> texts)
      throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      boolean sought = wanted.contains(name) || HookClues.FIELDS.contains(name);
      if (sought && value == JsonToken.VALUE_STRING) {
        String text = parser.getText();
        if (text.length() <= LIMIT_TEXT_CHARS) {
          texts.putIfAbsent(name, text);
        }
      } else if (sought && value != null && value.isStructStart()) {
        texts.putIfAbsent(name, "");
      }
      parser.skipChildren();
    }
  }

  public @Nullable String text(String name) {
    return texts.get(name);
  }

  /** A file of JSON lines by its absolute path; whether it may be read is judged where it is. */
  public @Nullable Path transcript(String name) {
    String text = texts.get(name);
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
