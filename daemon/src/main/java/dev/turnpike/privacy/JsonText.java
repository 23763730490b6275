package dev.turnpike.privacy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.Optional;

/**
 * Changes the strings of a JSON text and nothing else: numbers keep their digits, and what comes
 * out is JSON again.
 */
final class JsonText {
  /** What becomes of a string. */
  interface Rule {
    /**
     * @param field the name it stands under, also for the elements of an array there; empty at the
     *     top
     */
    String value(String field, String text);

    default String name(String name) {
      return name;
    }
  }

  // names come from anywhere: they must not pile up in a table shared by all parsers
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .build();

  private JsonText() {}

  /**
   * Whether it is worth trying: an object or an array from end to end. Sees nothing of what lies
   * between.
   */
  static boolean looksLike(String text) {
    int from = 0;
    int end = text.length();
    while (from < end && text.charAt(from) <= ' ') {
      from++;
    }
    while (end > from && text.charAt(end - 1) <= ' ') {
      end--;
    }
    if (end - from < 2) {
      return false;
    }
    char first = text.charAt(from);
    char last = text.charAt(end - 1);
    return (first == '{' && last == '}') || (first == '[' && last == ']');
  }

  /**
   * The text with {@code rule} applied, the very same text if that changed nothing; empty if it is
   * no single JSON value.
   */
  static Optional<String> rewrite(String json, Rule rule) {
    var out = new StringWriter(json.length() + 16);
    boolean changed = false;
    try (JsonParser parser = JSON.createParser(json);
        JsonGenerator generator = JSON.createGenerator(out)) {
      JsonToken token = parser.nextToken();
      if (token == null) {
        return Optional.empty();
      }
      int depth = 0;
      String[] fields = new String[16];
      fields[0] = "";
      do {
        switch (token) {
          case START_OBJECT, START_ARRAY -> {
            generator.copyCurrentEvent(parser);
            depth++;
            fields = depth < fields.length ? fields : Arrays.copyOf(fields, 2 * depth);
            fields[depth] = fields[depth - 1];
          }
          case END_OBJECT, END_ARRAY -> {
            generator.copyCurrentEvent(parser);
            depth--;
          }
          case FIELD_NAME -> {
            String name = parser.currentName();
            String kept = Sizing.wellFormed(rule.name(name));
            changed |= !kept.equals(name);
            fields[depth] = name;
            generator.writeFieldName(kept);
          }
          case VALUE_STRING -> {
            String text = parser.getText();
            String kept = Sizing.wellFormed(rule.value(fields[depth], text));
            changed |= !kept.equals(text);
            generator.writeString(kept);
          }
          case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> generator.writeNumber(parser.getText());
          case VALUE_TRUE, VALUE_FALSE, VALUE_NULL -> generator.copyCurrentEvent(parser);
          case VALUE_EMBEDDED_OBJECT, NOT_AVAILABLE ->
              throw new IllegalStateException("no such thing in JSON text: " + token);
        }
        token = parser.nextToken();
      } while (token != null && depth > 0);
      if (token != null) {
        return Optional.empty();
      }
    } catch (IOException notJson) {
      return Optional.empty();
    }
    return Optional.of(changed ? out.toString() : json);
  }

  /** {@code text} as a JSON string, quotes included. */
  static String quote(String text) {
    var out = new StringWriter(text.length() + 16);
    try (JsonGenerator generator = JSON.createGenerator(out)) {
      generator.writeString(text);
    } catch (IOException e) {
      throw new IllegalStateException("a writer in memory failed", e);
    }
    return out.toString();
  }
}
