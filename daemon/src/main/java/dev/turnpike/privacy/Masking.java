package dev.turnpike.privacy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;

/**
 * Replaces secrets by {@code [masked:<kind>]}. Text that is JSON is masked inside its strings, so
 * that escapes hide nothing and JSON stays JSON. Masking a masked text changes nothing.
 */
final class Masking {
  static final String FAILED = "<fully masked: masking failed>";

  /** JSON in a string in JSON: tools wrap each other's answers. */
  private static final int LIMIT_NESTING = 3;

  private static final int LIMIT_ROUNDS = 8;

  /** The shortest thing any shape finds. */
  private static final int LEAST_CHARS = 8;

  private static final Comparator<Match> BY_PLACE = Comparator.comparingInt(Match::start);

  /** What is long and comes again within one trace is looked at once. */
  private static final int LEAST_REMEMBERED_CHARS = 256;

  /**
   * @param found what it counted, each time it comes
   */
  private record Done(String masked, Tally found) {}

  /**
   * @param masked empty: it is no JSON
   */
  private record DoneJson(Optional<String> masked, Tally found) {}

  private final List<Shape> shapes;
  private final Anchors anchors;
  private final Tally tally;

  // by identity: a result and the call that is told of it share one string, and to compare others
  // would be another walk
  private final IdentityHashMap<String, Done> done = new IdentityHashMap<>();

  // a call's input stands in the call and in the message that asked for it
  private final IdentityHashMap<String, DoneJson> doneJson = new IdentityHashMap<>();

  Masking(Shapes shapes, Tally tally) {
    this.shapes = shapes.all();
    this.anchors = shapes.anchors();
    this.tally = tally;
  }

  /**
   * The text well formed and without secrets. Never lets one through unseen: if a shape fails on
   * it, all of it is replaced and counted.
   */
  String mask(String text) {
    if (text.length() < LEAST_REMEMBERED_CHARS) {
      return mask(text, tally);
    }
    Done before = done.get(text);
    if (before == null) {
      var found = new Tally();
      before = new Done(mask(text, found), found);
      done.put(text, before);
    }
    tally.add(before.found());
    return before.masked();
  }

  private String mask(String text, Tally found) {
    try {
      if (text.length() < LEAST_CHARS || JsonText.looksLike(text)) {
        return text(Sizing.wellFormed(text), 0, found);
      }
      int worth = anchors.in(text);
      return (worth & Anchors.ILL_FORMED) == 0
          ? plain(text, worth, found)
          : plain(Sizing.wellFormed(text), found);
    } catch (RuntimeException | StackOverflowError e) {
      // the text may be anything, and what it is must neither stop the session nor leave unmasked
      found.count("failed");
      return FAILED;
    }
  }

  /** As {@link #mask}; empty if it is no JSON. */
  Optional<String> maskJson(String json) {
    DoneJson before = doneJson.get(json);
    if (before == null) {
      var found = new Tally();
      before = new DoneJson(maskJson(json, found), found);
      doneJson.put(json, before);
    }
    tally.add(before.found());
    return before.masked();
  }

  private Optional<String> maskJson(String json, Tally found) {
    try {
      return JsonText.rewrite(json, new InsideJson(1, found));
    } catch (RuntimeException | StackOverflowError e) {
      found.count("failed");
      return Optional.of(JsonText.quote(FAILED));
    }
  }

  private String text(String text, int nesting, Tally counted) {
    if (text.length() < LEAST_CHARS) {
      return text;
    }
    if (nesting < LIMIT_NESTING && JsonText.looksLike(text)) {
      Optional<String> json = JsonText.rewrite(text, new InsideJson(nesting + 1, counted));
      if (json.isPresent()) {
        return json.get();
      }
    }
    return plain(text, counted);
  }

  private final class InsideJson implements JsonText.Rule {
    private final int nesting;
    private final Tally counted;

    InsideJson(int nesting, Tally counted) {
      this.nesting = nesting;
      this.counted = counted;
    }

    @Override
    public String value(String field, String text) {
      String kind = AssignmentShape.kindOf(field, text);
      String plain = text(text, nesting, counted);
      if (kind.isEmpty() || !plain.equals(text)) {
        return plain;
      }
      counted.count(kind);
      return replacement(kind);
    }

    @Override
    public String name(String name) {
      return plain(name, counted);
    }
  }

  private String plain(String text, Tally counted) {
    return text.length() < LEAST_CHARS ? text : plain(text, anchors.in(text), counted);
  }

  private String plain(String text, int worth, Tally counted) {
    // what stood beside a secret may be seen as one of its own once the secret is gone
    String masked = text;
    int ask = worth;
    for (int round = 0; round < LIMIT_ROUNDS; round++) {
      List<Match> found = find(masked, ask);
      if (found.isEmpty()) {
        break;
      }
      masked = replace(masked, found, counted);
      ask = anchors.in(masked);
    }
    return masked;
  }

  private List<Match> find(String text, int worth) {
    if ((worth & ~Anchors.ILL_FORMED) == 0) {
      return List.of();
    }
    var found = new ArrayList<Match>();
    for (int i = 0; i < shapes.size(); i++) {
      if ((worth >>> i & 1) != 0) {
        shapes.get(i).find(text, found);
      }
    }
    return found;
  }

  /**
   * The list sort is stable: of two matches in one place the one of the earlier shape comes first
   * and names the secret.
   */
  private static String replace(String text, List<Match> found, Tally counted) {
    found.sort(BY_PLACE);
    var masked = new StringBuilder(text.length());
    int copied = 0;
    int i = 0;
    while (i < found.size()) {
      Match match = found.get(i);
      int end = match.end();
      for (i++; i < found.size() && found.get(i).start() < end; i++) {
        end = Math.max(end, found.get(i).end());
      }
      int start = Math.min(end, behindEscape(text, match.start()));
      masked.append(text, copied, start).append(replacement(match.kind()));
      counted.count(match.kind());
      copied = end;
    }
    return masked.append(text, copied, text.length()).toString();
  }

  /**
   * A line of JSON is masked as it stands: the rest of an escape ({@code \\n}, {@code \\u0041})
   * must stay with its backslash.
   */
  private static int behindEscape(String text, int start) {
    for (int back = 1; back <= 4 && back <= start; back++) {
      // among the four hex digits of an escape
      if (text.charAt(start - back) == 'u' && isEscaped(text, start - back)) {
        return Math.min(text.length(), start - back + 5);
      }
    }
    if (!isEscaped(text, start) || "nrtbfu".indexOf(text.charAt(start)) < 0) {
      return start;
    }
    return text.charAt(start) == 'u' ? Math.min(text.length(), start + 5) : start + 1;
  }

  /** Whether an odd number of backslashes stands before it. */
  private static boolean isEscaped(String text, int at) {
    int backslashes = 0;
    while (at - backslashes > 0 && text.charAt(at - backslashes - 1) == '\\') {
      backslashes++;
    }
    return backslashes % 2 == 1;
  }

  private static String replacement(String kind) {
    return "[masked:" + kind + "]";
  }
}
