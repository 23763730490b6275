package dev.turnpike.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SettingsTableTest {
  private static final Path PAGE = Path.of("../docs/settings.md");

  @Test
  void pageSaysWhatTheCodeSays() throws IOException {
    if (Boolean.getBoolean("turnpike.rewriteDocs")) {
      Files.createDirectories(PAGE.getParent());
      Files.writeString(PAGE, SettingsTable.markdown());
    }
    assertEquals(
        SettingsTable.markdown(),
        Files.readString(PAGE),
        "docs/settings.md is stale: run this test with -Dturnpike.rewriteDocs=true");
  }

  @Test
  void everyDefaultIsAValueOfItsKind() {
    for (Setting setting : Setting.values()) {
      if (!setting.defaultValue().isEmpty()) {
        Value value = Value.of(setting, setting.defaultValue());
        assertEquals(Optional.empty(), Optional.ofNullable(value.problem()), setting.name());
      }
      assertTrue(setting.sentence().endsWith("."), setting.name());
    }
  }

  @Test
  void nearestNameIsFound() {
    assertEquals(Optional.of("LANGFUSE_BASE_URL"), Nearest.to("LANGFUSE_BASEURI"));
    assertEquals(Optional.of("TURNPIKE_TAGS"), Nearest.to("turnpike-tag"));
    assertEquals(Optional.empty(), Nearest.to("PATH"));
  }
}
