package dev.turnpike.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.List;
import org.junit.jupiter.api.Test;

class JsonDocumentTest {
  private static final JsonNode YES = JsonNodeFactory.instance.booleanNode(true);

  @Test
  void whatIsNotChangedStaysAsItWasWritten() throws Exception {
    String text =
        """
        {
        \t"z" : 1.00, "a":1e3,
        \t"b": [ 1,2 ],
        \t"c": "\\u00e9"
        }
        """;
    assertEquals(
        text.replace("e9\"", "e9\",\n\t\"new\": true"),
        JsonDocument.parse(text).put("", "new", YES).text());
  }

  @Test
  void anEmptyObjectIsFilledInLines() throws Exception {
    assertEquals("{\n  \"a\": true\n}\n", JsonDocument.parse("{}\n").put("", "a", YES).text());
    assertEquals("{\n  \"a\": true\n}\n", JsonDocument.parse("  \n").put("", "a", YES).text());
    assertEquals(
        "{\"h\":{\"a\":true}}", JsonDocument.parse("{\"h\":{}}").put("/h", "a", YES).text());
  }

  @Test
  void whatStandsOnOneLineIsContinuedOnIt() throws Exception {
    assertEquals(
        "{\n  \"a\": [1, 2, true]\n}",
        JsonDocument.parse("{\n  \"a\": [1, 2]\n}").append("/a", YES).text());
    assertEquals("{\"a\":1,\"b\":true}", JsonDocument.parse("{\"a\":1}").put("", "b", YES).text());
  }

  @Test
  void windowsLineEndsStay() throws Exception {
    assertEquals(
        "{\r\n  \"a\": {\r\n    \"b\": 1,\r\n    \"c\": true\r\n  }\r\n}\r\n",
        JsonDocument.parse("{\r\n  \"a\": {\r\n    \"b\": 1\r\n  }\r\n}\r\n")
            .put("/a", "c", YES)
            .text());
  }

  @Test
  void aByteOrderMarkStays() throws Exception {
    assertEquals(
        "\uFEFF{\"a\":1,\"b\":true}",
        JsonDocument.parse("\uFEFF{\"a\":1}").put("", "b", YES).text());
  }

  @Test
  void whatWasAddedCanBeTakenOutWithoutATrace() throws Exception {
    for (String text :
        List.of(
            "{}",
            "{\n  \"a\": 1\n}\n",
            "{\n  \"a\": []\n}\n",
            "{\"a\":{\"b\":2}}",
            "{ \"a\" : 1 , \"b\" : 2 }",
            "{\n\n  \"a\": 1\n\n}")) {
      JsonDocument document = JsonDocument.parse(text);
      assertEquals(text, document.put("", "new", YES).remove("/new").text());
    }
  }

  @Test
  void theFirstAMiddleAndTheLastCanBeTakenOut() throws Exception {
    JsonDocument document =
        JsonDocument.parse("{\n  \"a\": 1,\n  \"b\": [1, 2, 3],\n  \"c\": 3\n}");
    assertEquals("{\n  \"b\": [1, 2, 3],\n  \"c\": 3\n}", document.remove("/a").text());
    assertEquals("{\n  \"a\": 1,\n  \"c\": 3\n}", document.remove("/b").text());
    assertEquals("{\n  \"a\": 1,\n  \"b\": [1, 2, 3]\n}", document.remove("/c").text());
    assertEquals("{\n  \"a\": 1,\n  \"b\": [1, 3],\n  \"c\": 3\n}", document.remove("/b/1").text());
  }

  @Test
  void aMemberThatIsThereIsReplacedInItsPlace() throws Exception {
    assertEquals(
        "{\"a\": true, \"b\": 2}",
        JsonDocument.parse("{\"a\": [1, 2], \"b\": 2}").put("", "a", YES).text());
  }

  @Test
  void ofAKeyThatStandsTwiceTheLastCounts() throws Exception {
    JsonDocument document = JsonDocument.parse("{\"a\":1,\"a\":2}");
    assertEquals(2, document.at("/a").orElseThrow().asInt());
    assertEquals("{\"a\":1,\"a\":true}", document.put("", "a", YES).text());
  }

  @Test
  void namesWithSlashesAndEscapesAreFound() throws Exception {
    JsonDocument document = JsonDocument.parse("{\"a\\/b\": {\"c~d\": 7}}");
    assertEquals(7, document.at("/a~1b/c~0d").orElseThrow().asInt());
    assertTrue(document.at("/a").isEmpty());
  }

  @Test
  void whatIsNoJsonSaysOnWhichLine() {
    assertEquals(3, malformed("{\n  \"a\": 1,\n  // why\n  \"b\": 2\n}").line());
    assertEquals(1, malformed("{\"a\": 1").line());
    assertEquals(2, malformed("{}\n{}").line());
    assertEquals(2, malformed("{\n\"a\": 'x'}").line());
  }

  @Test
  void complaintsDoNotQuoteTheText() {
    assertTrue(!malformed("{\"key\": sk-lf-secret}").getMessage().contains("secret"));
  }

  private static JsonDocument.Malformed malformed(String text) {
    return assertThrows(JsonDocument.Malformed.class, () -> JsonDocument.parse(text));
  }

  @Test
  void commentsStayWhereTheyBelong() throws Exception {
    String text =
        """
        {
          // of a
          "a": 1, // one
          /* of b */
          "b": 2 // two
          // the end
        }
        """;
    JsonDocument document = JsonDocument.parseCommented(text);
    JsonDocument added = document.put("", "c", YES);
    assertEquals(text.replace("2 // two", "2, // two\n  \"c\": true"), added.text());
    assertEquals(text, added.remove("/c").text());
    String withoutA = text.replace("\"a\": 1, // one\n  ", "");
    assertEquals(withoutA, document.remove("/a").text());
    assertEquals(
        text.replace("1, // one", "1 // one").replace("\n  \"b\": 2 // two", ""),
        document.remove("/b").text());
    assertEquals(
        withoutA.replace("\n  \"b\": 2 // two", ""), document.remove("/a").remove("/b").text());
    assertEquals(2, document.at("/b").orElseThrow().asInt());
  }

  @Test
  void aCommentIsAllThereIs() throws Exception {
    assertEquals(
        "{\n  // empty\n  \"a\": true\n}\n",
        JsonDocument.parseCommented("{\n  // empty\n}\n").put("", "a", YES).text());
    assertEquals(
        "{\"a\": [1, /* x */ true] }",
        JsonDocument.parseCommented("{\"a\": [1, /* x */ 2, true] }").remove("/a/1").text());
  }

  @Test
  void whoDoesNotReadCommentsIsNotGivenAny() {
    assertThrows(JsonDocument.Malformed.class, () -> JsonDocument.parse("{ // no\n}"));
    assertThrows(JsonDocument.Malformed.class, () -> JsonDocument.parseCommented("{\"a\": 1,}"));
  }
}
