package dev.turnpike.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelNameTest {
  @ParameterizedTest
  @CsvSource({
    "claude-opus-5-5, claude-opus-5-5",
    "claude-opus-4-6[1m], claude-opus-4-6",
    "openrouter/claude-sonnet-4.5, claude-sonnet-4-5",
    "openrouter/anthropic/claude-sonnet-4.5, anthropic/claude-sonnet-4-5",
    "models/gemini-2.5-pro, gemini-2.5-pro",
    "claude-4.5-sonnet-thinking, claude-sonnet-4-5",
    "claude-opus-4-7-thinking-max, claude-opus-4-7",
    "claude-3-5-sonnet-20241022, claude-sonnet-3-5-20241022",
    "claude-opus-4-5-20251101, claude-opus-4-5-20251101",
    "claude-opus-4-6-20260205, claude-opus-4-6",
    "claude-opus-5-20270101, claude-opus-5",
    "claude-sonnet-4-20250514, claude-sonnet-4-20250514",
    "gpt-5.2, gpt-5.2",
    "github-copilot/gpt-5-codex, gpt-5-codex",
    "anthropic/claude-4.6-opus, anthropic/claude-opus-4-6"
  })
  void namesAreAsLangfusePricesThem(String raw, String normal) {
    assertEquals(normal, ModelName.of(raw).normal());
  }

  @Test
  void saysWhetherTheNameWasChanged() {
    assertFalse(ModelName.of("claude-opus-5-5").changed());
    assertTrue(ModelName.of("claude-opus-4-6[1m]").changed());
    assertEquals("claude-opus-4-6[1m]", ModelName.of("claude-opus-4-6[1m]").raw());
  }
}
