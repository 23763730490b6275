package dev.turnpike.export;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WireTest {
  @Test
  void pinnedFormIsFrozen() {
    var wire = new Wire(WirePath.OTLP, true, 258, "body".getBytes(StandardCharsets.UTF_8));
    assertEquals("TPW1oz\0\0\1\2body", new String(wire.toBytes(), StandardCharsets.ISO_8859_1));
    var read = Wire.parse(wire.toBytes()).orElseThrow();
    assertEquals(WirePath.OTLP, read.path());
    assertEquals(true, read.gzip());
    assertEquals(258, read.items());
    assertArrayEquals(wire.body(), read.body());
  }

  @Test
  void foreignBytesAreNoWire() {
    for (String text :
        new String[] {"", "TPW1", "TPW2oz\0\0\0\1x", "TPW1xz\0\0\0\1x", "TPW1o?\0\0\0\1x"}) {
      assertEquals(Optional.empty(), Wire.parse(text.getBytes(StandardCharsets.ISO_8859_1)), text);
    }
  }
}
