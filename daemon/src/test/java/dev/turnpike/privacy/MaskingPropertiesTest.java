package dev.turnpike.privacy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class MaskingPropertiesTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Masking masking = new Masking(Shapes.known(), new Tally());

  /** Pieces of which shapes are made, glued together as they come. */
  @Provide
  Arbitrary<String> pieces() {
    return Arbitraries.of(Secrets.pieces()).list().ofMaxSize(25).map(list -> String.join("", list));
  }

  @Property(tries = 2_000)
  void maskingTwiceIsMaskingOnce(@ForAll("pieces") String text) {
    String once = masking.mask(text);
    assertEquals(once, masking.mask(once));
  }

  @Property(tries = 2_000)
  void jsonStaysJson(@ForAll("pieces") String text, @ForAll("pieces") String name)
      throws Exception {
    var node = JSON.createObjectNode();
    node.put(name, text);
    node.putArray("list").add(text).add(12).addNull();
    String json = node.toString();
    var masked = JSON.readTree(masking.mask(json));
    assertTrue(masked.isObject());
    JSON.readTree(masking.mask("{\"a\":" + JSON.writeValueAsString(json) + "}"));
  }

  /**
   * A line of JSON among others cannot be read as one document: its strings are masked as plain
   * text.
   */
  @Property(tries = 2_000)
  void jsonLinesStayJsonLines(@ForAll("pieces") String text) throws Exception {
    String line = JSON.createObjectNode().put("text", text).put("api_key", text).toString();
    for (String one : masking.mask(line + "\n" + line).split("\n", -1)) {
      assertTrue(JSON.readTree(one).isObject(), one);
    }
  }

  /** Not a measurement: quadratic time would take minutes here. */
  @Test
  void repeatedAnchorsDoNotMakeItSlow() {
    for (String piece :
        List.of(
            "-----BEGIN PRIVATE KEY-----",
            "-----BEGIN RSA PRIVATE KEY-----" + "A".repeat(64),
            "sk-ant-",
            "xoxb-",
            "eyJ",
            "eyJ.",
            "aaaaaaaa.eyJaaaaaa",
            "://a:",
            "a://a:a@",
            "password=",
            "password=\"",
            "token: ",
            "uthorization=",
            "Bearer ",
            "glpat-glpat_",
            "AKIA",
            "[",
            "{\"a\":",
            "\"",
            "\\")) {
      String text = piece.repeat((1 << 20) / piece.length());
      assertTimeoutPreemptively(
          Duration.ofMinutes(2), () -> masking.mask(text), () -> "too slow for " + piece);
    }
  }
}
