package dev.turnpike.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AgentIdTest {
  private static final String LONGEST = "a234567890123456789012345678901234567890";

  @ParameterizedTest
  @ValueSource(strings = {"codex", "claude-code", "1", "a-", LONGEST})
  void whatMayNameAnAgent(String name) {
    assertEquals(name, new AgentId(name).value());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "-a", "Codex", "a b", "a.b", "a/b", "a_b", "\u00e4", "codex\n", LONGEST + "1"})
  void whatMayNot(String name) {
    assertThrows(IllegalArgumentException.class, () -> new AgentId(name));
  }
}
