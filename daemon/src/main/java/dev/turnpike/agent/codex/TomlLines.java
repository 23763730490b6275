package dev.turnpike.agent.codex;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A TOML document as its lines, with what each of them begins: enough to find tables and to add or
 * take away whole ones, so that every other byte stays. It judges no values; a text that is no TOML
 * may pass.
 */
record TomlLines(List<Entry> entries) {
  TomlLines {
    entries = List.copyOf(entries);
  }

  enum Kind {
    /** {@code [a.b]} */
    TABLE,
    /** {@code [[a.b]]} */
    ELEMENT,
    /** {@code a.b = …}, with all lines of the value. */
    KEY,
    /** Blank or a comment. */
    OTHER
  }

  /**
   * @param text with its end of line, if it has one
   * @param path of a table as it says, of a key within its table
   * @param value of a key, as written, with the comment behind it
   */
  record Entry(Kind kind, String text, List<String> path, String value) {
    Entry {
      path = List.copyOf(path);
    }
  }

  /** The text is no TOML; {@code line} counts from 1. */
  static final class Malformed extends Exception {
    private static final long serialVersionUID = 1L;
    private final int line;

    Malformed(int line, String message) {
      super(message);
      this.line = line;
    }

    int line() {
      return line;
    }
  }

  static TomlLines of(String text) throws Malformed {
    var entries = new ArrayList<Entry>();
    int at = text.startsWith("\uFEFF") ? 1 : 0;
    int begin = 0;
    while (at < text.length()) {
      var scan = new Scan(text, at);
      Entry entry = scan.entry();
      entries.add(
          new Entry(entry.kind(), text.substring(begin, scan.at), entry.path(), entry.value()));
      at = scan.at;
      begin = at;
    }
    return new TomlLines(entries);
  }

  String text() {
    var text = new StringBuilder();
    for (Entry entry : entries) {
      text.append(entry.text());
    }
    return text.toString();
  }

  /** What a TOML string says, if {@code value} is one of a single line. */
  static Optional<String> string(String value) {
    var scan = new Scan(value.strip(), 0);
    try {
      return value.strip().startsWith("\"") || value.strip().startsWith("'")
          ? Optional.of(scan.part())
          : Optional.empty();
    } catch (Malformed e) {
      return Optional.empty();
    }
  }

  /** As a basic string, which can hold everything. */
  static String quoted(String text) {
    var quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> quoted.append("\\\"");
        case '\\' -> quoted.append("\\\\");
        default -> {
          if (c < ' ' || c == 0x7f) {
            quoted.append("\\u%04x".formatted((int) c));
          } else {
            quoted.append(c);
          }
        }
      }
    }
    return quoted.append('"').toString();
  }

  /** Reads one entry from {@code at} on. */
  private static final class Scan {
    private final String text;
    private final int start;
    private int at;

    Scan(String text, int at) {
      this.text = text;
      this.start = at;
      this.at = at;
    }

    private Malformed malformed(String message) {
      int line = 1 + (int) text.substring(0, Math.min(at, text.length())).lines().count();
      boolean within = at > 0 && at <= text.length() && text.charAt(at - 1) != '\n';
      return new Malformed(within ? Math.max(1, line - 1) : line, message);
    }

    private boolean more() {
      return at < text.length();
    }

    private void blanks() {
      while (more() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
        at++;
      }
    }

    Entry entry() throws Malformed {
      blanks();
      if (!more() || text.charAt(at) == '#' || text.charAt(at) == '\n' || text.charAt(at) == '\r') {
        line();
        return new Entry(Kind.OTHER, "", List.of(), "");
      }
      if (text.charAt(at) == '[') {
        boolean element = text.startsWith("[[", at);
        at += element ? 2 : 1;
        List<String> path = path();
        if (!text.startsWith(element ? "]]" : "]", at)) {
          throw malformed("a table's name does not end");
        }
        line();
        return new Entry(element ? Kind.ELEMENT : Kind.TABLE, "", path, "");
      }
      List<String> path = path();
      if (!more() || text.charAt(at) != '=') {
        throw malformed("a key has no value");
      }
      at++;
      int begin = at;
      value();
      int end = at;
      line();
      return new Entry(Kind.KEY, "", path, text.substring(begin, end).strip());
    }

    private void line() {
      int end = text.indexOf('\n', at);
      at = end < 0 ? text.length() : end + 1;
    }

    private List<String> path() throws Malformed {
      var path = new ArrayList<String>();
      while (true) {
        blanks();
        path.add(part());
        blanks();
        if (!more() || text.charAt(at) != '.') {
          return path;
        }
        at++;
      }
    }

    private String part() throws Malformed {
      if (!more()) {
        throw malformed("a name is missing");
      }
      char first = text.charAt(at);
      if (first == '"' || first == '\'') {
        int begin = at;
        string();
        String inside = text.substring(begin + 1, at - 1);
        return first == '"' ? unescaped(inside) : inside;
      }
      int begin = at;
      while (more() && bare(text.charAt(at))) {
        at++;
      }
      if (begin == at) {
        throw malformed("a name was expected");
      }
      return text.substring(begin, at);
    }

    private static boolean bare(char c) {
      return Character.isLetterOrDigit(c) || c == '_' || c == '-';
    }

    private String unescaped(String inside) throws Malformed {
      var said = new StringBuilder();
      int i = 0;
      while (i < inside.length()) {
        char c = inside.charAt(i++);
        if (c != '\\') {
          said.append(c);
          continue;
        }
        char kind = i < inside.length() ? inside.charAt(i++) : 0;
        int digits = kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
        switch (kind) {
          case 'n' -> said.append('\n');
          case 't' -> said.append('\t');
          case 'r' -> said.append('\r');
          case 'b' -> said.append('\b');
          case 'f' -> said.append('\f');
          case '"', '\\' -> said.append(kind);
          case 'u', 'U' -> {
            if (i + digits > inside.length()) {
              throw malformed("an escape is cut");
            }
            try {
              said.appendCodePoint(Integer.parseInt(inside.substring(i, i + digits), 16));
            } catch (IllegalArgumentException e) {
              throw malformed("an escape is no character");
            }
            i += digits;
          }
          default -> throw malformed("an escape is unknown");
        }
      }
      return said.toString();
    }

    /** Passes over a string of any of the four kinds. */
    private void string() throws Malformed {
      String quote = text.substring(at, at + 1);
      String triple = quote.repeat(3);
      boolean multiLine = text.startsWith(triple, at);
      String close = multiLine ? triple : quote;
      at += close.length();
      while (true) {
        if (!more() || (!multiLine && text.charAt(at) == '\n')) {
          throw malformed("a string does not end");
        }
        if (text.startsWith(close, at)) {
          at += close.length();
          while (multiLine && text.startsWith(quote, at)) {
            at++;
          }
          return;
        }
        at += quote.equals("\"") && text.charAt(at) == '\\' && at + 1 < text.length() ? 2 : 1;
      }
    }

    /** Up to the end of the line on which the value ends. */
    private void value() throws Malformed {
      int depth = 0;
      while (more()) {
        switch (text.charAt(at)) {
          case '\n' -> {
            if (depth == 0) {
              return;
            }
            at++;
          }
          case '#' -> {
            int end = text.indexOf('\n', at);
            at = end < 0 ? text.length() : end;
          }
          case '"', '\'' -> string();
          case '[', '{' -> {
            depth++;
            at++;
          }
          case ']', '}' -> {
            depth--;
            at++;
          }
          default -> at++;
        }
      }
      if (depth > 0) {
        at = start;
        throw malformed("a value that begins here does not end");
      }
    }
  }
}
