package dev.turnpike.cli.setup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A text with {@code @names@} to be filled in. A name without a value is an error. */
final class Template {
  private static final Pattern NAME = Pattern.compile("@([a-z]+)@");

  private Template() {}

  static String filled(Path file, Map<String, String> values) throws IOException {
    String text = Files.readString(file);
    return NAME.matcher(text)
        .replaceAll(
            match -> {
              String value = values.get(match.group(1));
              if (value == null) {
                throw new IllegalStateException(file + ": nothing to fill in for " + match.group());
              }
              return Matcher.quoteReplacement(value);
            });
  }
}
