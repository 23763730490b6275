package dev.turnpike.privacy;

import dev.turnpike.model.ContentKind;
import dev.turnpike.model.Message;
import dev.turnpike.model.Part;
import java.util.ArrayList;
import java.util.List;

/** Makes a list of messages fit: the oldest parts go first, and a note says how much is missing. */
final class Fitting {
  private static final long BYTES_PER_PART = 128;
  private static final long BYTES_PER_MESSAGE = 64;
  private static final long BYTES_OF_NOTE = 256;

  /** How many times larger JSON text may become when it is a string in JSON once more. */
  private static final long MOST_GROWTH = 3;

  private final long limitBytes;

  Fitting(long limitBytes) {
    this.limitBytes = limitBytes;
  }

  List<Message> fit(List<Message> messages) {
    if (surelyFits(messages)) {
      return messages;
    }
    long bytes = 0;
    for (Message message : messages) {
      bytes += bytes(message);
    }
    if (bytes <= limitBytes) {
      return messages;
    }
    bytes += BYTES_OF_NOTE;
    var kept = new ArrayList<>(messages);
    int parts = 0;
    long chars = 0;
    while (bytes > limitBytes && !isOnePart(kept)) {
      Message first = kept.getFirst();
      bytes -= bytes(first);
      if (first.parts().isEmpty() || first.parts().size() == 1) {
        kept.removeFirst();
      } else {
        var rest = new Message(first.role(), first.parts().subList(1, first.parts().size()));
        bytes += bytes(rest);
        kept.set(0, rest);
      }
      if (!first.parts().isEmpty()) {
        parts++;
        chars += textOf(first.parts().getFirst()).length();
      }
    }
    Message first = kept.getFirst();
    var noted = new ArrayList<Part>();
    if (parts > 0) {
      ContentKind kind = first.role().equals("assistant") ? ContentKind.ANSWER : ContentKind.PROMPT;
      noted.add(
          new Part.Text(
              kind,
              "[turnpike: %d earlier parts left out, %d characters]".formatted(parts, chars)));
    }
    first.parts().forEach(part -> noted.add(bounded(part)));
    kept.set(0, new Message(first.role(), noted));
    return kept;
  }

  private static boolean isOnePart(List<Message> messages) {
    return messages.size() == 1 && messages.getFirst().parts().size() <= 1;
  }

  /** The last part is not dropped but cut: something of it is better than a note alone. */
  private Part bounded(Part part) {
    long room = limitBytes - BYTES_OF_NOTE - BYTES_PER_PART - BYTES_PER_MESSAGE;
    return switch (part) {
      case Part.Text(var kind, var text) -> new Part.Text(kind, cut(text, room));
      case Part.Reasoning(var text) -> new Part.Reasoning(cut(text, room));
      case Part.ToolResult(var id, var text, var error) ->
          new Part.ToolResult(id, cut(text, room), error);
      case Part.ToolUse(var id, var name, var json) ->
          new Part.ToolUse(
              id,
              name,
              Cutting.json(json, Integer.MAX_VALUE, room / MOST_GROWTH)
                  .orElseGet(
                      () ->
                          "{\"cut\":%s}".formatted(JsonText.quote(cut(json, room / MOST_GROWTH)))));
      case Part.Media media -> media;
    };
  }

  private static String cut(String text, long room) {
    return Cutting.text(text, Integer.MAX_VALUE, room);
  }

  /** Nearly all do, and lengths are known without a walk through the texts. */
  private boolean surelyFits(List<Message> messages) {
    long most = 0;
    for (Message message : messages) {
      most += BYTES_PER_MESSAGE;
      for (Part part : message.parts()) {
        most += BYTES_PER_PART + Sizing.MOST_BYTES_PER_CHAR * textOf(part).length();
      }
    }
    return most <= limitBytes;
  }

  static long bytes(Message message) {
    long bytes = BYTES_PER_MESSAGE;
    for (Part part : message.parts()) {
      bytes += BYTES_PER_PART + Sizing.encodedBytes(textOf(part));
    }
    return bytes;
  }

  static String textOf(Part part) {
    return switch (part) {
      case Part.Text(_, var text) -> text;
      case Part.Reasoning(var text) -> text;
      case Part.ToolUse(_, _, var json) -> json;
      case Part.ToolResult(_, var text, _) -> text;
      case Part.Media(var mimeType, _) -> mimeType;
    };
  }
}
