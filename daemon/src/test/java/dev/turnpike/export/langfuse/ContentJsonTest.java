package dev.turnpike.export.langfuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.turnpike.model.Content;
import dev.turnpike.model.ContentKind;
import dev.turnpike.model.Message;
import dev.turnpike.model.Part;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class ContentJsonTest {
  @Test
  void plainMessageHasItsTextAsContent() {
    assertEquals(
        "[{\"role\":\"user\",\"content\":\"hi\"}]",
        input(new Message("user", List.of(text("hi")))));
  }

  @Test
  void partsKeepTheirIdsAndKinds() {
    assertEquals(
        "[{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"t1\",\"content\":\"no"
            + " such file\",\"is_error\":true},"
            + "{\"type\":\"image\",\"media_type\":\"image/png\",\"size\":12345},"
            + "{\"type\":\"document\",\"media_type\":\"application/pdf\",\"size\":7}]}]",
        input(
            new Message(
                "user",
                List.of(
                    new Part.ToolResult("t1", "no such file", true),
                    new Part.Media("image/png", 12345),
                    new Part.Media("application/pdf", 7)))));
  }

  @Test
  void answerInSeveralPiecesIsOneMessage() {
    assertEquals(
        "{\"role\":\"assistant\",\"content\":[{\"type\":\"thinking\",\"thinking\":\"\"},{\"type\":\"text\",\"text\":\"a\"}]}",
        ContentJson.output(
                new Content.Messages(
                    List.of(
                        new Message("assistant", List.of(new Part.Reasoning(""))),
                        new Message("assistant", List.of(text("a"))))))
            .orElseThrow()
            .text());
  }

  @Test
  void toolInputThatIsNoJsonBecomesText() throws Exception {
    for (String broken : List.of("{\"a\":", "{} {}", "nope", "{\"a\":1}]", "{}, \"x\":1")) {
      String json =
          input(new Message("assistant", List.of(new Part.ToolUse("t1", "Bash", broken))));
      assertEquals(
          broken,
          new ObjectMapper().readTree(json).path(0).path("content").path(0).path("input").asText());
    }
  }

  @Test
  void missingToolInputIsAnEmptyObject() {
    assertTrue(
        input(new Message("assistant", List.of(new Part.ToolUse("t1", "Bash", " "))))
            .contains("\"input\":{}"));
  }

  @Test
  void nothingIsNothing() {
    assertEquals(Optional.empty(), ContentJson.input(Content.NONE));
    assertEquals(Optional.empty(), ContentJson.input(Content.prompt("")));
    assertEquals(Optional.empty(), ContentJson.input(new Content.Messages(List.of())));
  }

  @Test
  void jsonIsLeftAsItIs() {
    var json =
        ContentJson.input(new Content.Json(ContentKind.TOOL_INPUT, "{\"a\": 1}")).orElseThrow();
    assertEquals("{\"a\": 1}", json.text());
    assertTrue(json.json());
    assertFalse(
        ContentJson.input(new Content.Json(ContentKind.TOOL_INPUT, "{a")).orElseThrow().json());
  }

  @Test
  void longTextIsCutAndSaysSo() {
    String text = ContentJson.input(Content.prompt("ä😀".repeat(300_000))).orElseThrow().text();
    assertTrue(bytes(text) <= ContentJson.LIMIT_FIELD_BYTES, "" + bytes(text));
    assertTrue(text.endsWith(" characters cut]"));
    assertFalse(
        new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8).contains("?"));
  }

  @Test
  void longMessagesLoseTheirEndsAndStayJson() throws Exception {
    var messages = new ArrayList<Message>();
    for (int i = 0; i < 30; i++) {
      messages.add(
          new Message("user", List.of(new Part.ToolResult("t" + i, "x".repeat(90_000), false))));
    }
    String json = ContentJson.input(new Content.Messages(messages)).orElseThrow().text();
    assertTrue(bytes(json) <= ContentJson.LIMIT_FIELD_BYTES);
    assertEquals(30, new ObjectMapper().readTree(json).size());
    assertTrue(json.contains("\"tool_use_id\":\"t29\""));
  }

  @Test
  void tooManyMessagesKeepTheNewest() throws Exception {
    var messages = new ArrayList<Message>();
    for (int i = 0; i < 5000; i++) {
      messages.add(new Message("user", List.of(text(i + "y".repeat(5_000)))));
    }
    String json = ContentJson.input(new Content.Messages(messages)).orElseThrow().text();
    assertTrue(bytes(json) <= ContentJson.LIMIT_FIELD_BYTES);
    var list = new ObjectMapper().readTree(json);
    assertTrue(list.path(0).path("content").asText().contains("earlier messages left out"));
    assertTrue(list.path(list.size() - 1).path("content").asText().startsWith("4999y"));
  }

  @Property(tries = 300)
  void whateverIsInAMessageTheResultIsJsonWithItsIds(@ForAll("messages") List<Message> messages)
      throws Exception {
    String json = ContentJson.input(new Content.Messages(messages)).orElseThrow().text();
    var list = new ObjectMapper().readTree(json);
    assertEquals(messages.size(), list.size());
    for (int i = 0; i < messages.size(); i++) {
      var content = list.path(i).path("content");
      List<Part> parts = messages.get(i).parts();
      assertEquals(
          content.isTextual() ? 1 : parts.size(), content.isTextual() ? 1 : content.size());
      for (int p = 0; p < parts.size(); p++) {
        if (parts.get(p) instanceof Part.ToolUse(var id, _, _)) {
          assertEquals(id, content.path(p).path("id").asText());
          assertEquals("tool_use", content.path(p).path("type").asText());
        }
      }
    }
  }

  @Provide
  Arbitrary<List<Message>> messages() {
    Arbitrary<String> any = Arbitraries.strings().all().ofMaxLength(40);
    Arbitrary<String> json =
        Arbitraries.oneOf(any, Arbitraries.of("{}", "{\"a\":[1,null]}", "\"s\"", "7", "[", "{} x"));
    Arbitrary<Part> part =
        Arbitraries.oneOf(
            any.map(text -> new Part.Text(ContentKind.PROMPT, text)),
            any.map(Part.Reasoning::new),
            Combinators.combine(any, any, json).as(Part.ToolUse::new),
            Combinators.combine(any, any, Arbitraries.of(true, false)).as(Part.ToolResult::new),
            Combinators.combine(any, Arbitraries.longs()).as(Part.Media::new));
    return Combinators.combine(
            Arbitraries.of("user", "assistant", "system"), part.list().ofMaxSize(5))
        .as(Message::new)
        .list()
        .ofMinSize(1)
        .ofMaxSize(5);
  }

  private static Part text(String text) {
    return new Part.Text(ContentKind.PROMPT, text);
  }

  private static String input(Message message) {
    return ContentJson.input(new Content.Messages(List.of(message))).orElseThrow().text();
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
