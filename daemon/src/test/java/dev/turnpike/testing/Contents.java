package dev.turnpike.testing;

import dev.turnpike.model.Content;
import dev.turnpike.model.Part;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What an observation's content says, for comparing. */
public final class Contents {
  private Contents() {}

  /** Its text; of messages that of all text parts, a line each; empty for none. */
  public static String text(Content content) {
    return switch (content) {
      case Content.None() -> "";
      case Content.Text(var _, var text) -> text;
      case Content.Json(var _, var json) -> json;
      case Content.Messages _ ->
          parts(content, Part.Text.class).map(Part.Text::text).collect(Collectors.joining("\n"));
    };
  }

  /** The parts of that kind of all messages; none if there are no messages. */
  public static <P extends Part> Stream<P> parts(Content content, Class<P> kind) {
    return content instanceof Content.Messages(var messages)
        ? messages.stream()
            .flatMap(m -> m.parts().stream())
            .filter(kind::isInstance)
            .map(kind::cast)
        : Stream.empty();
  }
}
