package dev.turnpike.agent;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A person's JSON file, as text. What we change is cut out of or put into the text; every other
 * character stays as it was written: the order of keys, how numbers are written, indentation, line
 * ends. Each change gives a new document.
 *
 * <pre>
 *   JsonDocument.parse("{\n    \"a\": 1e3\n}").put("", "b", true)
 *   {
 *       "a": 1e3,
 *       "b": true
 *   }
 * </pre>
 *
 * Of a key that stands twice in an object the last one counts, as it does for the agents. Comments
 * stay too, where an agent reads them ({@link #parseCommented}): one behind a value on its line
 * belongs to that value, one above a value to what follows.
 */
public final class JsonDocument {
  private static final JsonFactory PLAIN = new JsonFactory();
  private static final JsonFactory COMMENTED =
      JsonFactory.builder().enable(JsonReadFeature.ALLOW_JAVA_COMMENTS).build();
  private static final ObjectMapper MAPPER = new ObjectMapper(COMMENTED);
  private static final String USUAL_INDENT = "  ";

  private final boolean comments;
  private final String text;
  private final Span root;

  private JsonDocument(boolean comments, String text, Span root) {
    this.comments = comments;
    this.text = text;
    this.root = root;
  }

  /** Where a value stands in the text; children only of objects and arrays. */
  private record Span(int start, int end, List<Child> children) {}

  /**
   * @param name of a member, empty for an element
   * @param start where the name stands, or the element
   */
  private record Child(String name, int start, Span value) {}

  /** The text is no JSON. The message says what is wrong, without quoting the text. */
  public static final class Malformed extends Exception {
    private static final long serialVersionUID = 1L;

    private final int line;

    Malformed(String message, int line) {
      super(message);
      this.line = line;
    }

    /** Counted from 1. */
    public int line() {
      return line;
    }
  }

  /** A text of nothing but blanks is an empty object. */
  public static JsonDocument parse(String text) throws Malformed {
    return parse(false, text);
  }

  /** The same with {@code //} and {@code /*} comments between what JSON allows. */
  public static JsonDocument parseCommented(String text) throws Malformed {
    return parse(true, text);
  }

  private static JsonDocument parse(boolean comments, String text) throws Malformed {
    String whole = text.isBlank() ? "{}\n" : text;
    // a byte order mark is no character of ours, but it stays
    int from = whole.startsWith("\uFEFF") ? 1 : 0;
    try (JsonParser parser = (comments ? COMMENTED : PLAIN).createParser(whole.substring(from))) {
      if (parser.nextToken() == null) {
        throw new Malformed("it holds no value", 1);
      }
      Span root = span(parser, from);
      if (parser.nextToken() != null) {
        throw new Malformed(
            "something follows after its end", parser.currentTokenLocation().getLineNr());
      }
      return new JsonDocument(comments, whole, root);
    } catch (JsonProcessingException e) {
      JsonLocation at = e.getLocation();
      throw new Malformed(
          "it is not JSON (column " + (at == null ? 1 : at.getColumnNr()) + ")",
          at == null ? 1 : at.getLineNr());
    } catch (IOException e) {
      throw new UncheckedIOException("reading from memory failed", e);
    }
  }

  private static Span span(JsonParser parser, int from) throws IOException {
    int start = from + (int) parser.currentTokenLocation().getCharOffset();
    JsonToken token = parser.currentToken();
    var children = new ArrayList<Child>();
    if (token == JsonToken.START_OBJECT) {
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        int nameStart = from + (int) parser.currentTokenLocation().getCharOffset();
        parser.nextToken();
        children.add(new Child(name, nameStart, span(parser, from)));
      }
    } else if (token == JsonToken.START_ARRAY) {
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        Span element = span(parser, from);
        children.add(new Child("", element.start(), element));
      }
    } else {
      // strings are read lazily: only then is their end known
      parser.finishToken();
    }
    return new Span(start, from + (int) parser.currentLocation().getCharOffset(), children);
  }

  public String text() {
    return text;
  }

  /**
   * The value at an RFC 6901 pointer, e.g. {@code /hooks/Stop/0}; the empty pointer is the whole.
   */
  public Optional<JsonNode> at(String pointer) {
    return find(JsonPointer.compile(pointer)).map(this::node);
  }

  private JsonNode node(Span span) {
    try {
      return MAPPER.readTree(text.substring(span.start(), span.end()));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a part of JSON that is no JSON", e);
    }
  }

  /** Sets a member of the object at {@code pointer}: in its place if it is there, else last. */
  public JsonDocument put(String pointer, String key, JsonNode value) {
    Span object = require(pointer);
    Optional<Child> present = member(object, key);
    return present
        .map(child -> replaced(child.value(), value))
        .orElseGet(() -> inserted(object, MAPPER.valueToTree(key) + ": ", value));
  }

  /** Adds an element at the end of the array at {@code pointer}. */
  public JsonDocument append(String pointer, JsonNode value) {
    return inserted(require(pointer), "", value);
  }

  /** Takes a member or an element out, with its comma. */
  public JsonDocument remove(String pointer) {
    JsonPointer whole = JsonPointer.compile(pointer);
    Span target = require(pointer);
    Span container = find(whole.head()).orElseThrow();
    List<Child> children = container.children();
    int index = 0;
    while (children.get(index).value().start() != target.start()) {
      index++;
    }
    boolean first = index == 0;
    boolean last = index == children.size() - 1;
    int gap = first ? container.start() + 1 : children.get(index - 1).value().end();
    int rest = last ? container.end() - 1 : children.get(index + 1).start();
    if (commented(gap, children.get(index).start()) || commented(target.end(), rest)) {
      return removedAmongComments(children.get(index), gap, rest, first, last);
    }
    if (first && last) {
      return changed(gap, rest, "");
    }
    return last
        ? changed(gap, target.end(), "")
        : changed(children.get(index).start(), children.get(index + 1).start(), "");
  }

  /** A comment behind the value on its line goes with it, all others stay. */
  private JsonDocument removedAmongComments(
      Child child, int gap, int rest, boolean first, boolean last) {
    int end = child.value().end();
    if (!last) {
      end = JsonComments.behind(text, text.indexOf(',', JsonComments.skipped(text, end)) + 1);
      while (end < rest && Character.isWhitespace(text.charAt(end))) {
        end++;
      }
      return changed(child.start(), end, "");
    }
    end = JsonComments.behind(text, end);
    int from = child.start();
    if (end < text.length() && (text.charAt(end) == '\n' || text.charAt(end) == '\r')) {
      while (from > gap && Character.isWhitespace(text.charAt(from - 1))) {
        from--;
      }
    }
    if (first) {
      return changed(from, end, "");
    }
    int comma = JsonComments.skipped(text, gap);
    return changed(gap, end, text.substring(gap, comma) + text.substring(comma + 1, from));
  }

  private boolean commented(int from, int to) {
    return comments && text.substring(from, to).indexOf('/') >= 0;
  }

  private Span require(String pointer) {
    return find(JsonPointer.compile(pointer))
        .orElseThrow(() -> new IllegalArgumentException("nothing at " + pointer));
  }

  private Optional<Span> find(JsonPointer pointer) {
    Span at = root;
    for (JsonPointer rest = pointer; !rest.matches(); rest = rest.tail()) {
      Optional<Child> next;
      if (text.charAt(at.start()) == '{') {
        next = member(at, rest.getMatchingProperty());
      } else {
        int index = rest.getMatchingIndex();
        next =
            index >= 0 && index < at.children().size()
                ? Optional.of(at.children().get(index))
                : Optional.empty();
      }
      if (next.isEmpty()) {
        return Optional.empty();
      }
      at = next.get().value();
    }
    return Optional.of(at);
  }

  private static Optional<Child> member(Span object, String key) {
    return object.children().stream()
        .filter(child -> child.name().equals(key))
        .reduce((first, second) -> second);
  }

  private JsonDocument replaced(Span old, JsonNode value) {
    return changed(old.start(), old.end(), written(value, lineIndent(old.start()), oneLine(old)));
  }

  private JsonDocument inserted(Span container, String head, JsonNode value) {
    List<Child> children = container.children();
    if (children.isEmpty() && commented(container.start() + 1, container.end() - 1)) {
      String outer = lineIndent(container.start());
      String inner = outer + unit();
      String kept = text.substring(container.start() + 1, container.end() - 1).stripTrailing();
      return changed(
          container.start() + 1,
          container.end() - 1,
          kept + newline() + inner + head + written(value, inner, false) + newline() + outer);
    }
    if (children.isEmpty()) {
      if (!text.contains("\n") && !text.strip().equals("{}")) {
        return changed(
            container.start() + 1, container.end() - 1, head.strip() + written(value, "", true));
      }
      String outer = lineIndent(container.start());
      String inner = outer + unit();
      return changed(
          container.start() + 1,
          container.end() - 1,
          newline() + inner + head + written(value, inner, false) + newline() + outer);
    }
    Child last = children.getLast();
    int end = last.value().end();
    if (oneLine(container)) {
      String blank = text.contains("\n") ? " " : "";
      String name = blank.isEmpty() ? head.strip() : head;
      return changed(end, end, "," + blank + name + written(value, "", true));
    }
    String inner = lineIndent(last.start());
    int behind = comments ? JsonComments.behind(text, end) : end;
    return changed(
        end,
        behind,
        ","
            + text.substring(end, behind)
            + newline()
            + inner
            + head
            + written(value, inner, false));
  }

  private JsonDocument changed(int from, int to, String by) {
    try {
      return parse(comments, text.substring(0, from) + by + text.substring(to));
    } catch (Malformed e) {
      throw new IllegalStateException("our own change made it unreadable", e);
    }
  }

  /** Whether the value stands on one line and says something: then so does what we add to it. */
  private boolean oneLine(Span span) {
    int lineEnd = text.indexOf('\n', span.start());
    return !span.children().isEmpty() && (lineEnd < 0 || lineEnd >= span.end());
  }

  private String written(JsonNode value, String indent, boolean oneLine) {
    if (oneLine || value.isValueNode()) {
      return value.toString();
    }
    var lines = new DefaultIndenter(unit(), newline());
    var printer =
        new DefaultPrettyPrinter(
            Separators.createDefaultInstance()
                .withObjectFieldValueSpacing(Separators.Spacing.AFTER)
                .withObjectEmptySeparator("")
                .withArrayEmptySeparator(""));
    printer.indentObjectsWith(lines);
    printer.indentArraysWith(lines);
    try {
      return MAPPER
          .writer(printer)
          .writeValueAsString(value)
          .replace(newline(), newline() + indent);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree that is no JSON", e);
    }
  }

  /** The blanks at the beginning of the line on which {@code position} stands. */
  private String lineIndent(int position) {
    int line = text.lastIndexOf('\n', position - 1) + 1;
    int end = line;
    while (end < text.length() && (text.charAt(end) == ' ' || text.charAt(end) == '\t')) {
      end++;
    }
    return text.substring(line, end);
  }

  /** One step of indentation, as the outermost object shows it. */
  private String unit() {
    if (root.children().isEmpty()) {
      return USUAL_INDENT;
    }
    String indent = lineIndent(root.children().getFirst().start());
    return indent.isEmpty() ? USUAL_INDENT : indent;
  }

  private String newline() {
    return text.contains("\r\n") ? "\r\n" : "\n";
  }
}
