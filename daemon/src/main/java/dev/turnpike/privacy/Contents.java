package dev.turnpike.privacy;

import dev.turnpike.config.PrivacyPolicy;
import dev.turnpike.model.Content;
import dev.turnpike.model.ContentKind;
import dev.turnpike.model.Digest;
import dev.turnpike.model.Message;
import dev.turnpike.model.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The input or output of one observation: left out, masked, cut. */
final class Contents {
  /** Of one input or one output, once encoded. */
  static final long LIMIT_FIELD_BYTES = 512 * 1024;

  private static final int LIMIT_NAME_CHARS = 200;

  private final PrivacyPolicy policy;
  private final Masking masking;

  Contents(PrivacyPolicy policy, Masking masking) {
    this.policy = policy;
    this.masking = masking;
  }

  /**
   * @param field {@code input} or {@code output}
   * @param notes takes {@code <field>_chars} and {@code <field>_sha256} of the original if anything
   *     was cut
   */
  Content seal(Content content, String field, Map<String, String> notes) {
    return switch (content) {
      case Content.None none -> none;
      case Content.Text(var kind, var text) -> {
        String kept = text(kind, text, field, notes);
        yield kept.equals(text) ? content : new Content.Text(kind, kept);
      }
      case Content.Json(var kind, var json) -> json(kind, json, field, notes);
      case Content.Messages messages -> messages(messages, field, notes);
    };
  }

  boolean captured(ContentKind kind) {
    return switch (kind) {
      case PROMPT -> policy.capturePrompts();
      case ANSWER -> policy.captureAnswers();
      case TOOL_INPUT -> policy.captureToolInput();
      case TOOL_OUTPUT -> policy.captureToolOutput();
      case REASONING -> policy.captureReasoning();
    };
  }

  /**
   * What stands for something that is not captured: how much it was, and a hash by which two can be
   * told apart.
   */
  static String placeholder(ContentKind kind, String text) {
    return "[not captured: %s]".formatted(facts(kind, text));
  }

  private static String facts(ContentKind kind, String text) {
    String word = kind.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    return "%s, %d characters, sha256 %s".formatted(word, text.length(), Digest.sha256Hex(text));
  }

  String mask(String text) {
    return policy.maskSecrets() ? masking.mask(text) : Sizing.wellFormed(text);
  }

  private String text(ContentKind kind, String text, String field, Map<String, String> notes) {
    if (!captured(kind)) {
      return placeholder(kind, text);
    }
    String masked = mask(text);
    String cut = Cutting.text(masked, policy.maxFieldChars(), LIMIT_FIELD_BYTES);
    if (!cut.equals(masked)) {
      note(field, text, notes);
    }
    return cut;
  }

  /** JSON stays JSON; what is none although an adapter said so is text. */
  private Content json(ContentKind kind, String json, String field, Map<String, String> notes) {
    Optional<String> masked = captured(kind) ? maskedJson(json) : Optional.empty();
    if (masked.isEmpty()) {
      return new Content.Text(kind, text(kind, json, field, notes));
    }
    Optional<String> cut = Cutting.json(masked.get(), policy.maxFieldChars(), LIMIT_FIELD_BYTES);
    if (cut.isPresent() && cut.get().equals(masked.get())) {
      return new Content.Json(kind, cut.get());
    }
    note(field, json, notes);
    return cut.isPresent()
        ? new Content.Json(kind, cut.get())
        : new Content.Text(
            kind, Cutting.text(masked.get(), policy.maxFieldChars(), LIMIT_FIELD_BYTES));
  }

  private Optional<String> maskedJson(String json) {
    return policy.maskSecrets()
        ? masking.maskJson(json)
        : JsonText.rewrite(json, (field, text) -> text);
  }

  private static void note(String field, String original, Map<String, String> notes) {
    notes.put(field + "_chars", Integer.toString(original.length()));
    notes.put(field + "_sha256", Digest.sha256Hex(original));
  }

  private Content messages(Content.Messages content, String field, Map<String, String> notes) {
    List<Message> messages = content.messages();
    var sealed = new ArrayList<Message>(messages.size());
    var cut = new boolean[1];
    boolean changed = false;
    for (Message message : messages) {
      Message one = message(message, cut);
      changed |= !one.equals(message);
      sealed.add(one);
    }
    List<Message> fitting = new Fitting(LIMIT_FIELD_BYTES).fit(sealed);
    boolean fits = fitting.equals(sealed);
    if (cut[0] || !fits) {
      note(field, joined(messages), notes);
    }
    return changed || !fits ? new Content.Messages(fitting) : content;
  }

  private Message message(Message message, boolean[] cut) {
    var parts = new ArrayList<Part>(message.parts().size());
    boolean changed = false;
    for (Part part : message.parts()) {
      Part one = part(part, cut);
      changed |= !one.equals(part);
      parts.add(one);
    }
    String role = shortText(message.role());
    return changed || !role.equals(message.role()) ? new Message(role, parts) : message;
  }

  /** The very same part if there is nothing to change in it, as in nearly all. */
  private Part part(Part part, boolean[] cut) {
    return switch (part) {
      case Part.Text(var kind, var text) -> {
        String kept = partText(kind, text, cut);
        yield kept.equals(text) ? part : new Part.Text(kind, kept);
      }
      case Part.Reasoning(var text) -> {
        String kept = text.isEmpty() ? text : partText(ContentKind.REASONING, text, cut);
        yield kept.equals(text) ? part : new Part.Reasoning(kept);
      }
      case Part.ToolUse(var id, var name, var json) ->
          new Part.ToolUse(shortText(id), shortText(mask(name)), partJson(json, cut));
      case Part.ToolResult(var id, var text, var error) -> {
        String call = shortText(id);
        String kept = partText(ContentKind.TOOL_OUTPUT, text, cut);
        yield kept.equals(text) && call.equals(id) ? part : new Part.ToolResult(call, kept, error);
      }
      case Part.Media(var mimeType, var bytes) -> new Part.Media(shortText(mimeType), bytes);
    };
  }

  private String partText(ContentKind kind, String text, boolean[] cut) {
    if (!captured(kind)) {
      return placeholder(kind, text);
    }
    String masked = mask(text);
    String kept = Cutting.text(masked, policy.maxFieldChars(), Long.MAX_VALUE);
    cut[0] |= !kept.equals(masked);
    return kept;
  }

  /**
   * Providers expect an object as a tool's input, so that is what comes out when there is none to
   * show.
   */
  private String partJson(String json, boolean[] cut) {
    if (!captured(ContentKind.TOOL_INPUT)) {
      return "{\"not_captured\":%s}".formatted(JsonText.quote(facts(ContentKind.TOOL_INPUT, json)));
    }
    Optional<String> masked = maskedJson(json);
    if (masked.isEmpty()) {
      return "{\"text\":%s}".formatted(JsonText.quote(partText(ContentKind.TOOL_INPUT, json, cut)));
    }
    Optional<String> kept = Cutting.json(masked.get(), policy.maxFieldChars(), Long.MAX_VALUE);
    cut[0] |= kept.isEmpty() || !kept.get().equals(masked.get());
    return kept.orElseGet(
        () ->
            "{\"cut\":%s}"
                .formatted(
                    JsonText.quote(
                        Cutting.text(masked.get(), policy.maxFieldChars(), Long.MAX_VALUE))));
  }

  private static String shortText(String text) {
    return Cutting.text(text, LIMIT_NAME_CHARS, Long.MAX_VALUE);
  }

  /** The texts of all parts, a newline between them: what the hash of a list of messages is of. */
  private static String joined(List<Message> messages) {
    var all = new StringBuilder();
    for (Message message : messages) {
      for (Part part : message.parts()) {
        all.append(all.isEmpty() ? "" : "\n").append(Fitting.textOf(part));
      }
    }
    return all.toString();
  }
}
