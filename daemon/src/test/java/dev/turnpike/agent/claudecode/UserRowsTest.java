package dev.turnpike.agent.claudecode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UserRowsTest {
  private static final String FILE = "/home/dev/.claude/projects/-p/s/tool-results/bnbs.txt";
  private static final String TOLD =
      "<persisted-output>\nOutput too large (106.3KB). Full output saved to: %s\n\nPreview:\n1\n2";

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "Exit code 1\n", "a line of the tool's\nand one more\n"})
  void theFileOfALongOutputIsNamedAtItsBeginning(String before) throws IOException {
    assertEquals(FILE, persisted(before + TOLD.formatted(FILE)));
    String windows = "C:\\Users\\dev\\.claude\\projects\\p\\s\\tool-results\\b.txt";
    assertEquals(windows, persisted(before + TOLD.formatted(windows)));
  }

  @Test
  void aToolThatPrintsSuchATagSomewhereHasNoFile() throws IOException {
    assertNull(persisted("line of a log\n".repeat(100) + TOLD.formatted(FILE)));
    assertNull(persisted("<persisted-output>\n" + "x".repeat(5_000) + FILE));
    assertNull(persisted("<persisted-output>\nno file here"));
    assertNull(persisted("<persisted-output>"));
    assertNull(persisted(""));
  }

  private static @Nullable String persisted(String text) throws IOException {
    String row =
        """
        {"type":"user","uuid":"u","message":{"role":"user","content":[
        {"type":"tool_result","tool_use_id":"t","content":%s}]}}\
        """
            .replace("\n", "")
            .formatted(Script.quoted(text));
    ClaudeLine line = new LineParser().parse(row.getBytes(StandardCharsets.UTF_8));
    return assertInstanceOf(ClaudeLine.ToolResults.class, line).results().getFirst().persisted();
  }
}
