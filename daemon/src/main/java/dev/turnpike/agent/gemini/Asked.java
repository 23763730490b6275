package dev.turnpike.agent.gemini;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.turnpike.agent.gemini.Row.Said;
import dev.turnpike.model.Digest;
import org.jspecify.annotations.Nullable;

/**
 * What a turn was asked, as short as it can be and still be known again.
 *
 * @param text digest of what the model was sent, without what hooks added to it
 * @param shown digest of what was typed
 */
record Asked(String text, String shown) {
  /** Nobody asked. Nothing is like it. */
  static final Asked NOTHING = new Asked("", "");

  private static final int DIGITS = 16;

  static Asked of(@Nullable Said said) {
    return said == null ? NOTHING : new Asked(digest(said.own()), digest(said.prompt()));
  }

  static String digest(String text) {
    return Digest.sha256Hex(text).substring(0, DIGITS);
  }

  static Asked read(JsonNode node) {
    return new Asked(node.path("text").asText(), node.path("shown").asText());
  }

  void write(ObjectNode node) {
    node.put("text", text).put("shown", shown);
  }
}
