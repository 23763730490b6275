package dev.turnpike.privacy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.config.PrivacyPolicy;
import dev.turnpike.model.Content;
import dev.turnpike.model.ContentKind;
import dev.turnpike.model.Digest;
import dev.turnpike.model.Frame;
import dev.turnpike.model.Level;
import dev.turnpike.model.Message;
import dev.turnpike.model.Observation;
import dev.turnpike.model.Part;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is too long is cut, says so, and stays what it was. */
class FittingTest extends PrivacyCase {
  @Test
  void longTextIsCutAndSaysSo() {
    String original = "ab\uD83D\uDE00".repeat(1_000);
    var sealed = seal(limit(11), root(Content.prompt(original), Content.NONE)).getFirst();
    assertEquals(
        "ab\uD83D\uDE00ab\uD83D\uDE00ab…[turnpike: cut, 10 of 4000 characters]",
        text(sealed.input()).text());
    assertEquals(
        Map.of("input_chars", "4000", "input_sha256", Digest.sha256Hex(original)),
        sealed.frame().metadata());
  }

  @Test
  void secretAtTheCutIsMaskedBeforeItIsCut() {
    var sealed = seal(limit(20), root(Content.prompt("0123456789" + "\n" + TOKEN), Content.NONE));
    assertEquals(
        "0123456789\n[masked:g…[turnpike: cut, 20 of 32 characters]",
        text(sealed.getFirst().input()).text());
  }

  @Test
  void longJsonIsCutInsideItsLongestStrings() throws Exception {
    var node = JSON.createObjectNode();
    node.put("path", "src/main/java/Shop.java");
    node.put("old", "a".repeat(300));
    node.put("new", "b".repeat(50_000));
    var sealed =
        seal(
            limit(2_000),
            tool(new Content.Json(ContentKind.TOOL_INPUT, node.toString()), Content.NONE, null));
    var json = assertInstanceOf(Content.Json.class, sealed.getFirst().input()).json();
    assertTrue(json.length() <= 2_000, json.length() + " characters");
    assertTrue(json.length() > 1_800, json.length() + " characters");
    var read = JSON.readTree(json);
    assertEquals("src/main/java/Shop.java", read.path("path").asText());
    assertEquals("a".repeat(300), read.path("old").asText());
    assertTrue(read.path("new").asText().endsWith("of 50000 characters]"));
    assertEquals(
        Integer.toString(node.toString().length()),
        sealed.getFirst().frame().metadata().get("input_chars"));
  }

  @Test
  void jsonOfManyShortThingsBecomesText() {
    String json = "[" + "1234567,".repeat(5_000) + "1]";
    var sealed =
        seal(
            limit(1_000), tool(new Content.Json(ContentKind.TOOL_INPUT, json), Content.NONE, null));
    assertTrue(
        text(sealed.getFirst().input()).text().endsWith("1000 of 40003 characters]"),
        "cut as text");
  }

  @Test
  void fieldNeverTakesMoreThanItsShareWhateverTheSettingSays() throws Exception {
    String controls = "\u0001\u00e9\uD83D\uDE00\"\n".repeat(200_000);
    var node = JSON.createObjectNode();
    node.put("content", controls);
    var sealed =
        seal(
            limit(10_000_000),
            root(Content.prompt(controls), Content.answer("x".repeat(2_000_000))),
            tool(new Content.Json(ContentKind.TOOL_INPUT, node.toString()), Content.NONE, null));
    String input = text(sealed.getFirst().input()).text();
    assertTrue(JSON.writeValueAsBytes(input).length <= 512 * 1024 + 2);
    assertTrue(JSON.writeValueAsBytes(input).length > 500 * 1024, "as much as fits");
    String output = text(sealed.getFirst().output()).text();
    assertTrue(output.getBytes(StandardCharsets.UTF_8).length <= 512 * 1024);
    String json = assertInstanceOf(Content.Json.class, sealed.get(1).input()).json();
    assertTrue(json.getBytes(StandardCharsets.UTF_8).length <= 512 * 1024);
    assertNotNull(JSON.readTree(json));
  }

  @Test
  void oldestPartsOfALongConversationGiveWay() {
    var messages = new ArrayList<Message>();
    for (int i = 0; i < 100; i++) {
      messages.add(
          new Message(
              i % 2 == 0 ? "user" : "assistant",
              List.of(new Part.Text(ContentKind.PROMPT, i + ":" + "x".repeat(20_000)))));
    }
    var sealed = seal(PrivacyPolicy.defaults(), generation(messages, Content.NONE)).getFirst();
    var kept = assertInstanceOf(Content.Messages.class, sealed.input()).messages();
    long bytes = kept.stream().mapToLong(Fitting::bytes).sum();
    assertTrue(bytes <= 512 * 1024 && bytes > 450 * 1024, bytes + " bytes");
    int gone = 100 - kept.size();
    assertTrue(
        part(sealed.input(), 0, 0)
            .toString()
            .contains("[turnpike: " + gone + " earlier parts left out, "));
    assertEquals(messages.getLast(), kept.getLast());
    assertNotNull(sealed.frame().metadata().get("input_sha256"));
  }

  @Test
  void partsAreCutOneByOneAndToolArgumentsStayJson() throws Exception {
    var node = JSON.createObjectNode().put("content", "y".repeat(9_000)).put("path", "a/b");
    var message =
        new Message(
            "assistant",
            List.of(
                new Part.Text(ContentKind.ANSWER, "short"),
                new Part.ToolUse("t1", "Write", node.toString()),
                new Part.ToolResult("t1", "z".repeat(9_000), false),
                new Part.Media("image/png", 12_345)));
    var input = seal(limit(1_000), generation(List.of(message), Content.NONE)).getFirst().input();
    assertEquals(new Part.Text(ContentKind.ANSWER, "short"), part(input, 0, 0));
    var use = assertInstanceOf(Part.ToolUse.class, part(input, 0, 1));
    assertEquals("a/b", JSON.readTree(use.inputJson()).path("path").asText());
    assertTrue(use.inputJson().length() <= 1_000);
    var result = assertInstanceOf(Part.ToolResult.class, part(input, 0, 2));
    assertTrue(result.text().endsWith("[turnpike: cut, 1000 of 9000 characters]"));
    assertEquals(new Part.Media("image/png", 12_345), part(input, 0, 3));
  }

  @Test
  void spanStaysBelowItsLimitHoweverItIsFilled() throws Exception {
    var metadata = new LinkedHashMap<String, String>();
    for (int i = 0; i < 5_000; i++) {
      metadata.put("k".repeat(500) + i, "\u0001".repeat(5_000));
    }
    String big = "\u0001".repeat(3_000_000);
    var span =
        new Observation.ToolCall(
            new Frame(CHILD, ROOT, big, START, START, Level.ERROR, big, metadata),
            big,
            new Content.Json(ContentKind.TOOL_INPUT, JSON.writeValueAsString(big)),
            new Content.Text(ContentKind.TOOL_OUTPUT, big));
    var sealed = seal(limit(10_000_000), span).getFirst();
    assertTrue(JSON.writeValueAsBytes(sealed.toString()).length < 4 * 1024 * 1024);
    assertEquals(200, sealed.frame().name().length());
    assertTrue(sealed.frame().metadata().size() <= 64 + 1 + 4 + 2);
    assertTrue(sealed.frame().metadata().values().stream().allMatch(v -> v.length() <= 1_000));
  }
}
