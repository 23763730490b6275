package dev.turnpike.privacy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.config.PrivacyPolicy;
import dev.turnpike.model.Content;
import dev.turnpike.model.ContentKind;
import dev.turnpike.model.Frame;
import dev.turnpike.model.Level;
import dev.turnpike.model.Message;
import dev.turnpike.model.Observation;
import dev.turnpike.model.Part;
import dev.turnpike.model.Trace;
import dev.turnpike.model.TraceId;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Halves of surrogate pairs are seen in passing; what has none, and no secret, stays as it is. */
class WellFormedTest {
  private static final List<String> PIECES =
      List.of("x", "?", "a.b:", "\u00e9", "\u00ff", "\u2192", "\ud83d", "\ude00", "\ud83d\ude00");

  private final Anchors anchors = Shapes.known().anchors();

  @Test
  void halvesOfPairsAreSeenWhereverTheyStand() {
    var random = new Random(20_261_129);
    int ill = 0;
    for (int i = 0; i < 40_000; i++) {
      String text = text(random);
      String whole = whole(text);
      assertEquals(whole, Sizing.wellFormed(text));
      assertEquals(!whole.equals(text), (anchors.in(text) & Anchors.ILL_FORMED) != 0, () -> text);
      assertEquals(whole, new Masking(Shapes.known(), new Tally()).mask(text));
      ill += whole.equals(text) ? 0 : 1;
    }
    assertTrue(ill > 10_000, "only " + ill);
  }

  @Test
  void alsoAtTheEdgesOfChunks() {
    for (int before = 500; before < 520; before++) {
      String text = "\u2192".repeat(before);
      for (String half : List.of("\ud83d", "\ude00", "\ude00\ud83d")) {
        assertTrue(anchors.in(text + half) < 0);
        assertTrue(anchors.in(text + half + "x") < 0);
      }
      assertTrue(anchors.in(text + "\ud83d\ude00") >= 0);
      assertTrue(anchors.in(text + "\ud83d\ude00x") >= 0);
    }
  }

  @Test
  void nothingIsMadeAnewWhereNothingIsToBeChanged() {
    var frame =
        new Frame(
            PrivacyCase.ROOT,
            null,
            "Bash",
            PrivacyCase.START,
            PrivacyCase.START,
            Level.ERROR,
            "exit 1 \u2192 stopped",
            Map.of("path", "src/cart.py"));
    var told =
        new Content.Messages(
            List.of(
                new Message(
                    "user",
                    List.of(
                        new Part.ToolResult("toolu_1", "total 12", false),
                        new Part.Text(ContentKind.PROMPT, "go on"),
                        new Part.Reasoning("")))));
    var result = new Content.Text(ContentKind.TOOL_OUTPUT, "total 12");
    var call = new Observation.ToolCall(frame, "toolu_1", told, result);
    var trace = new Trace(new TraceId("0".repeat(31) + "1"), PrivacyCase.CONTEXT, List.of(call));
    var sealed = Privacy.seal(trace, PrivacyPolicy.defaults()).trace().observations().getFirst();
    assertSame(frame, sealed.frame());
    assertSame(told, sealed.input());
    assertSame(result, sealed.output());
  }

  private static String text(Random random) {
    int kinds = 1 + random.nextInt(PIECES.size());
    var text = new StringBuilder();
    for (int n = random.nextInt(60); n >= 0; n--) {
      text.append(PIECES.get(random.nextInt(kinds)));
    }
    return text.toString();
  }

  private static String whole(String text) {
    var whole = new StringBuilder();
    text.codePoints()
        .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xfffd : c)
        .forEach(whole::appendCodePoint);
    return whole.toString();
  }
}
