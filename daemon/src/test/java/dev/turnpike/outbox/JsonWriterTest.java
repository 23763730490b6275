package dev.turnpike.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class JsonWriterTest {
  private static final JsonFactory JSON = new JsonFactory();
  private static final int TEXTS = 3_000;

  /** Of all lengths around its own limits and the generator's, mostly plain, with any character. */
  @Test
  void isWhatJacksonWrites() throws Exception {
    var random = new Random(1);
    for (int n = 0; n < TEXTS; n++) {
      var text = new StringBuilder();
      int length = random.nextInt(n % 10 == 0 ? 20_000 : 300);
      int odd = random.nextInt(4) == 0 ? 1 : 1 + random.nextInt(200);
      int last = new int[] {0x7f, 0xff, 0xffff}[random.nextInt(3)];
      while (text.length() < length) {
        boolean plain = random.nextInt(odd) > 0;
        text.append((char) (plain ? 'a' + random.nextInt(26) : random.nextInt(last + 1)));
      }
      assertSame(text.toString());
    }
  }

  @Test
  void everyAsciiCharacterAndHalvesOfPairs() throws Exception {
    String filler = "x".repeat(100);
    for (char c = 0; c < 0x80; c++) {
      assertSame(filler + c);
      assertSame(c + filler + c + c + filler);
    }
    for (String odd :
        new String[] {"\ud83d", "\ude00", "\ud83d\ude00", "?\ud83d", "\ud83d?", "é"}) {
      assertSame(filler + odd);
      assertSame(odd + filler);
    }
    assertSame("\n".repeat(5_000));
    assertSame("\u0001".repeat(5_000));
    assertSame("?".repeat(5_000));
  }

  /** Pairs are one question mark in the Latin-1 copy, halves of them one each. */
  @Test
  void otherScriptsBesideAndBetweenAscii() throws Exception {
    var random = new Random(2);
    String[] pieces = {
      "\ud83d\ude80",
      "\ud83d",
      "\ude80",
      "→",
      "人工智能",
      "?",
      "é",
      "\n",
      "a\"b",
      "plain text ",
      "\uffff"
    };
    for (int n = 0; n < TEXTS; n++) {
      var text = new StringBuilder();
      for (int count = random.nextInt(60); count > 0; count--) {
        text.append(pieces[random.nextInt(pieces.length)]);
      }
      assertSame(text.toString());
    }
    assertSame("人".repeat(30_000));
    assertSame("\ud83d\ude80".repeat(30_000));
  }

  @Test
  void aTextThatComesAgainIsNamedByItsNumber() {
    String one = "a\nb?".repeat(100);
    String two = "é→\ud83d".repeat(200);
    String brief = "x".repeat(TraceJson.LEAST_NUMBERED_CHARS - 1);
    var json = new JsonWriter();
    json.beginObject();
    json.text("a", brief);
    json.text("b", one);
    int written = json.length();
    json.text("c", two);
    int bytesOfTwo = json.length() - written - ",\"c\":".length();
    json.taken();
    json.text("d", brief);
    json.text("e", two);
    json.text("f", one);
    json.text("g", new String(one));
    json.text("h", two);
    json.endObject();
    String again = "\"" + one.replace("\n", "\\n") + "\"";
    assertEquals(
        ",\"d\":\"" + brief + "\",\"e\":1,\"f\":0,\"g\":" + again + ",\"h\":1}", text(json));
    assertEquals(2L * bytesOfTwo + again.length() - 3, json.sparedBytes());
    json.reset();
    json.beginObject();
    json.text("a", one);
    assertEquals("{\"a\":" + again, text(json));
    assertEquals(0, json.sparedBytes());
  }

  @Test
  void namesValuesAndCommas() throws Exception {
    var expected = new ByteArrayOutputStream();
    try (JsonGenerator jackson = jackson(expected)) {
      jackson.writeStartObject();
      jackson.writeStringField("plain", "2026-11-29T20:00:00Z");
      jackson.writeStringField("none", "");
      jackson.writeFieldName("a \"näme\"\n");
      jackson.writeStartArray();
      jackson.writeStartObject();
      jackson.writeEndObject();
      jackson.writeStartArray();
      jackson.writeEndArray();
      jackson.writeNull();
      jackson.writeNumber(Long.MIN_VALUE);
      jackson.writeEndArray();
      jackson.writeNumberField("n", 7);
      jackson.writeBooleanField("b", true);
      jackson.writeEndObject();
    }
    var json = new JsonWriter();
    json.beginObject();
    json.plain("plain", "2026-11-29T20:00:00Z");
    json.string("none", "");
    json.anyName("a \"näme\"\n");
    json.beginArray();
    json.beginObject();
    json.endObject();
    json.beginArray();
    json.endArray();
    json.nothing();
    json.number(Long.MIN_VALUE);
    json.endArray();
    json.number("n", 7);
    json.bool("b", true);
    json.endObject();
    assertEquals(expected.toString(StandardCharsets.UTF_8), text(json));
  }

  private static void assertSame(String text) throws IOException {
    var expected = new ByteArrayOutputStream();
    try (JsonGenerator jackson = jackson(expected)) {
      jackson.writeStartArray();
      jackson.writeString(text);
      jackson.writeEndArray();
    }
    var json = new JsonWriter();
    json.beginArray();
    json.string(text);
    json.endArray();
    assertEquals(expected.toString(StandardCharsets.UTF_8), text(json));
  }

  private static String text(JsonWriter json) {
    return new String(json.bytes(), 0, json.length(), StandardCharsets.UTF_8);
  }

  private static JsonGenerator jackson(ByteArrayOutputStream bytes) throws IOException {
    JsonGenerator jackson = JSON.createGenerator(bytes);
    jackson.setHighestNonEscapedChar(Body.LAST_BEFORE_SURROGATES);
    return jackson;
  }
}
