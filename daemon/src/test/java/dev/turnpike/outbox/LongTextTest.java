package dev.turnpike.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LongTextTest {
  private static final JsonFactory JSON = new JsonFactory();
  private static final int TEXTS = 3_000;

  private interface Writing {
    void to(JsonGenerator json) throws IOException;
  }

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

  private static void assertSame(String text) throws IOException {
    assertEquals(
        written(json -> json.writeString(text)), written(json -> LongText.write(json, text)));
  }

  private static String written(Writing what) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.setHighestNonEscapedChar(Body.LAST_BEFORE_SURROGATES);
      json.writeStartArray();
      what.to(json);
      json.writeEndArray();
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
