package dev.turnpike.config;

import dev.turnpike.platform.Durations;
import dev.turnpike.platform.Sizes;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A setting's value as it was written, checked.
 *
 * @param text in its plain form ({@code yes} is {@code true}); null: it does not count
 * @param problem what is wrong with it, without a secret; null: nothing
 */
record Value(@Nullable String text, @Nullable String problem) {
  private static final int LIMIT_TEXT_CHARS = 1_000;
  private static final int LIMIT_USER_CHARS = 200;
  private static final int LIMIT_FIELD_CHARS = 10_000_000;
  private static final int LIMIT_ENVIRONMENT_CHARS = 40;
  private static final int SHOWN_CHARS = 60;
  private static final String OFF = "off";
  private static final Pattern ENVIRONMENT = Pattern.compile("[a-z0-9_-]+");
  private static final Pattern LANGFUSE_PREFIX = Pattern.compile("^langfuse[-_]*");
  private static final List<String> LOG_LEVELS = List.of("error", "warn", "info", "debug", "trace");

  static Value of(Setting setting, String raw) {
    String text = raw.strip();
    return switch (setting.kind()) {
      case BOOLEAN -> bool(setting, text);
      case INTEGER -> integer(text);
      case RATE -> rate(text);
      case DURATION -> duration(setting, text);
      case SIZE -> size(text);
      case PORT -> port(text);
      case CHOICE -> choice(setting, text);
      case URL -> url(text);
      case TEXT, LIST, SECRET -> text(setting, text);
    };
  }

  private static Value good(String text) {
    return new Value(text, null);
  }

  private static Value bad(String problem) {
    return new Value(null, problem);
  }

  static Optional<Boolean> asBoolean(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true", "1", "yes", "on" -> Optional.of(true);
      case "false", "0", "no", "off" -> Optional.of(false);
      default -> Optional.empty();
    };
  }

  /**
   * A switch that decides what leaves the machine and cannot be read is taken for the careful
   * choice.
   */
  private static Value bool(Setting setting, String text) {
    Optional<Boolean> value = asBoolean(text);
    if (value.isPresent()) {
      return good(value.get().toString());
    }
    String careful =
        switch (setting) {
          case TRACE_TO_LANGFUSE,
              LANGFUSE_TRACING_ENABLED,
              TURNPIKE_CAPTURE_PROMPTS,
              TURNPIKE_CAPTURE_ANSWERS,
              TURNPIKE_CAPTURE_TOOL_INPUT,
              TURNPIKE_CAPTURE_TOOL_OUTPUT,
              TURNPIKE_CAPTURE_REASONING,
              TURNPIKE_USER_FROM_GIT ->
              "false";
          case TURNPIKE_MASK_SECRETS, TURNPIKE_REQUIRE_GIT -> "true";
          default -> "";
        };
    String problem = shown(setting, text) + " is neither true nor false";
    return careful.isEmpty()
        ? bad(problem)
        : new Value(careful, problem + "; it counts as " + careful);
  }

  private static Value integer(String text) {
    try {
      int number = Integer.parseInt(text.replace("_", "").replace(",", ""));
      if (number >= 1 && number <= LIMIT_FIELD_CHARS) {
        return good(Integer.toString(number));
      }
    } catch (NumberFormatException e) {
      return bad(cut(text) + " is no number");
    }
    return bad("%s is not within 1 and %d".formatted(cut(text), LIMIT_FIELD_CHARS));
  }

  private static Value port(String text) {
    if (text.equalsIgnoreCase(OFF)) {
      return good(OFF);
    }
    int port = text.matches("\\d{1,5}") ? Integer.parseInt(text) : 0;
    return port >= 1 && port <= 65_535
        ? good(Integer.toString(port))
        : bad(cut(text) + " is neither a port nor off");
  }

  private static Value rate(String text) {
    try {
      double rate = Double.parseDouble(text);
      return rate >= 0 && rate <= 1
          ? good(Double.toString(rate))
          : bad(cut(text) + " is not within 0 and 1");
    } catch (NumberFormatException e) {
      return bad(cut(text) + " is no number within 0 and 1");
    }
  }

  private static Value duration(Setting setting, String text) {
    boolean mayBeOff = setting.defaultValue().equals(OFF);
    if (mayBeOff && (text.equalsIgnoreCase(OFF) || text.equalsIgnoreCase("never"))) {
      return good(OFF);
    }
    Optional<Duration> duration = Durations.parse(text);
    if (duration.isEmpty()) {
      return bad(cut(text) + " is no duration such as 2s, 30m or 2h30m");
    }
    if (duration.get().isZero()) {
      return mayBeOff ? good(OFF) : bad("it must be longer than 0");
    }
    return good(Durations.format(duration.get()));
  }

  private static Value size(String text) {
    OptionalLong bytes = Sizes.parse(text);
    return bytes.isPresent()
        ? good(Sizes.format(bytes.getAsLong()))
        : bad(cut(text) + " is no size such as 64KiB or 16MiB");
  }

  private static Value choice(Setting setting, String text) {
    String word = text.toLowerCase(Locale.ROOT);
    List<String> words =
        switch (setting) {
          case TURNPIKE_EXPORTER -> List.of("auto", "otlp", "classic");
          case TURNPIKE_DESTINATIONS -> List.of("ask", "all", "known");
          case TURNPIKE_LOG_LEVEL -> LOG_LEVELS;
          default -> throw new IllegalStateException(setting + " has no list of words");
        };
    if (setting == Setting.TURNPIKE_LOG_LEVEL) {
      // its aliases are switches: CODE_TRACE_DEBUG=true
      word = asBoolean(word).map(on -> on ? "debug" : "info").orElse(word);
    }
    if (words.contains(word)) {
      return good(word);
    }
    String problem = "%s is none of %s".formatted(cut(text), String.join(", ", words));
    return setting == Setting.TURNPIKE_DESTINATIONS
        ? new Value("known", problem + "; it counts as known")
        : bad(problem);
  }

  /**
   * A wrong address stays the one that counts: falling back to another server would send traces
   * where they do not belong.
   */
  private static Value url(String text) {
    if (text.isEmpty()) {
      return good("");
    }
    return BaseUrl.normalise(text)
        .map(Value::good)
        .orElseGet(() -> new Value(text, "it is no address such as https://cloud.langfuse.com"));
  }

  private static Value text(Setting setting, String text) {
    if (text.chars().anyMatch(Character::isISOControl)) {
      return bad("it holds control characters");
    }
    int limit = setting == Setting.LANGFUSE_USER_ID ? LIMIT_USER_CHARS : LIMIT_TEXT_CHARS;
    if (text.length() > limit) {
      return bad("it is longer than %d characters".formatted(limit));
    }
    if (setting != Setting.LANGFUSE_TRACING_ENVIRONMENT || text.isEmpty()) {
      return good(text);
    }
    // as the server does, so that a value which would land in "default" there is noticed here
    String name = LANGFUSE_PREFIX.matcher(text.toLowerCase(Locale.ROOT)).replaceFirst("");
    name =
        name.length() > LIMIT_ENVIRONMENT_CHARS ? name.substring(0, LIMIT_ENVIRONMENT_CHARS) : name;
    return ENVIRONMENT.matcher(name).matches()
        ? good(name)
        : bad(cut(text) + " is no environment: only a-z, 0-9, - and _ are allowed");
  }

  /** For people: never a secret, also when one stands in the wrong place. */
  static String shown(Setting setting, String raw) {
    if (raw.isEmpty()) {
      return "";
    }
    if (setting.secret() || raw.contains("sk-lf-")) {
      return Masked.secret(raw);
    }
    if (setting.kind() == Setting.Kind.URL) {
      int scheme = raw.indexOf("://");
      int user = raw.lastIndexOf('@');
      return cut(
          scheme >= 0 && user > scheme
              ? raw.substring(0, scheme + 3) + "..." + raw.substring(user)
              : raw);
    }
    return cut(raw);
  }

  private static String cut(String text) {
    String shown = text.contains("sk-lf-") ? Masked.secret(text) : text;
    return shown.length() <= SHOWN_CHARS ? shown : shown.substring(0, SHOWN_CHARS) + "...";
  }
}
