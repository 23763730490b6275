package dev.turnpike.export.langfuse;

import dev.turnpike.model.Digest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Langfuse's rules for short values. Whatever breaks them would be dropped or misfiled over there
 * without a word.
 */
final class Limits {
  static final int SHORT_CHARS = 200;
  static final int NAME_CHARS = 1000;
  private static final int ENVIRONMENT_CHARS = 40;
  private static final Pattern OWN_PREFIX = Pattern.compile("^(?:langfuse[-_]?)+");
  private static final Pattern ENVIRONMENT = Pattern.compile("[a-z0-9_-]+");

  private Limits() {}

  /** Cut to {@code chars}, never in the middle of a surrogate pair. */
  static String cut(String text, int chars) {
    if (text.length() <= chars) {
      return text;
    }
    int end = chars > 0 && Character.isHighSurrogate(text.charAt(chars - 1)) ? chars - 1 : chars;
    return text.substring(0, end);
  }

  /** Cut so that its UTF-8 form is at most {@code bytes} long. */
  static String cutBytes(String text, int bytes) {
    int used = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      // A surrogate is half of four bytes, a lone one is written as a question mark.
      used += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
      if (used > bytes) {
        return cut(text, i);
      }
    }
    return text;
  }

  static boolean fits(String text, int bytes) {
    return text.length() <= bytes / 3 || cutBytes(text, bytes).length() == text.length();
  }

  /** 1 to 200 characters of US-ASCII; else the SHA-256 of it. */
  static String sessionId(String id) {
    boolean fits =
        !id.isEmpty()
            && id.length() <= SHORT_CHARS
            && StandardCharsets.US_ASCII.newEncoder().canEncode(id);
    return fits ? id : Digest.sha256Hex(id);
  }

  /**
   * As the server would normalise it; empty where it would silently file the trace under {@code
   * default}.
   */
  static Optional<String> environment(String text) {
    String lower = OWN_PREFIX.matcher(text.strip().toLowerCase(Locale.ROOT)).replaceFirst("");
    String name = cut(lower, ENVIRONMENT_CHARS);
    return ENVIRONMENT.matcher(name).matches() ? Optional.of(name) : Optional.empty();
  }

  /** Each at most 200 characters, none blank, none twice, in their order. */
  static List<String> tags(List<String> tags) {
    var kept = new ArrayList<String>(tags.size());
    for (String tag : tags) {
      String fitting = cut(tag.strip(), SHORT_CHARS);
      if (!fitting.isEmpty() && !kept.contains(fitting)) {
        kept.add(fitting);
      }
    }
    return kept;
  }
}
