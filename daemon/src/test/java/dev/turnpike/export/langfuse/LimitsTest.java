package dev.turnpike.export.langfuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.model.Digest;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LimitsTest {
  @Test
  void environmentIsAsTheServerWouldNormaliseIt() {
    assertEquals(Optional.of("production"), Limits.environment("Production"));
    assertEquals(Optional.of("eu"), Limits.environment("langfuse-langfuse_eu"));
    assertEquals(Optional.of("a".repeat(40)), Limits.environment("a".repeat(60)));
    assertEquals(Optional.empty(), Limits.environment("prod eu"));
    assertEquals(Optional.empty(), Limits.environment("langfuse"));
    assertEquals(Optional.empty(), Limits.environment(""));
  }

  @Test
  void sessionIdThatDoesNotFitIsHashed() {
    assertEquals("a".repeat(200), Limits.sessionId("a".repeat(200)));
    assertEquals(Digest.sha256Hex("a".repeat(201)), Limits.sessionId("a".repeat(201)));
    assertEquals(Digest.sha256Hex("sitzung-ä"), Limits.sessionId("sitzung-ä"));
  }

  @Test
  void tagsAreCutAndNotRepeated() {
    assertEquals(
        List.of("a", "b".repeat(200)), Limits.tags(List.of("a", "", "a ", "b".repeat(201))));
  }

  @Test
  void cutNeverSplitsASurrogatePair() {
    assertEquals("ab", Limits.cut("ab😀", 3));
    assertEquals("ab😀", Limits.cut("ab😀", 4));
    assertEquals("ä", Limits.cutBytes("ä😀", 5));
    assertEquals("ä😀", Limits.cutBytes("ä😀", 6));
  }

  @Test
  void versionsCompareByNumber() {
    var old = ServerVersion.parse("v3.9.0-rc.1").orElseThrow();
    assertEquals(new ServerVersion(3, 9, 0), old);
    assertFalse(old.atLeast(ServerVersion.READS_OUR_OTLP));
    assertTrue(ServerVersion.parse("3.59").orElseThrow().atLeast(ServerVersion.READS_OUR_OTLP));
    assertTrue(ServerVersion.parse("10.0.0").orElseThrow().atLeast(ServerVersion.READS_OUR_OTLP));
    assertEquals(Optional.empty(), ServerVersion.parse("unknown"));
    assertEquals(Optional.empty(), ServerVersion.parse("3"));
  }
}
