package dev.turnpike.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.turnpike.cli.SettingsEditor.Section;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SettingsEditorTest {
  private static final String FILE =
      """
      # mine
      export A=1   # why
      B=2

      # about shop
      [project ~/shop]
      A=3
      """;

  @Test
  void aValueIsReplacedWhereItStands() {
    assertEquals(
        """
        # mine
        A=9
        B=2

        # about shop
        [project ~/shop]
        A=3
        """,
        set(FILE, Optional.empty(), "A", "9"));
  }

  @Test
  void aNewSettingFollowsTheLastOneOfItsPart() {
    assertEquals(
        """
        # mine
        export A=1   # why
        B=2
        C=x y

        # about shop
        [project ~/shop]
        A=3
        """,
        set(FILE, Optional.empty(), "C", "x y"));
  }

  @Test
  void aProjectsSectionIsFoundHoweverItsPathIsWritten() {
    var edited = set(FILE, Optional.of(section("/home/dev/shop")), "A", "4");
    assertEquals(FILE.replace("A=3", "A=4"), edited);
  }

  @Test
  void aMissingSectionIsMade() {
    assertEquals(
        FILE + "\n[project /srv/x]\nA=5\n", set(FILE, Optional.of(section("/srv/x")), "A", "5"));
    assertEquals("A=1\n", set("", Optional.empty(), "A", "1"));
  }

  @Test
  void whatStandsUnderAnAliasIsReplacedToo() {
    assertEquals(
        "NEW=2\n",
        SettingsEditor.edit(
            "OLD=1\nNEW=1\n", Optional.empty(), "NEW", Set.of("OLD", "NEW"), Optional.of("2")));
  }

  @Test
  void removingLeavesTheRest() {
    assertEquals(
        FILE.replace("B=2\n", ""),
        SettingsEditor.edit(FILE, Optional.empty(), "B", Set.of("B"), Optional.empty()));
    assertEquals(
        FILE,
        SettingsEditor.edit(
            FILE, Optional.of(section("/elsewhere")), "B", Set.of("B"), Optional.empty()));
  }

  @Test
  void onlyWhatWouldBeMisreadIsQuoted() {
    assertEquals("A=a b\n", set("", Optional.empty(), "A", "a b"));
    assertEquals("A=\"a #b\"\n", set("", Optional.empty(), "A", "a #b"));
    assertEquals("A=\"\\\"x\\\" \"\n", set("", Optional.empty(), "A", "\"x\" "));
  }

  private static Section section(String directory) {
    return new Section(Path.of(directory), Path.of("/home/dev"));
  }

  private static String set(String text, Optional<Section> section, String name, String value) {
    return SettingsEditor.edit(text, section, name, Set.of(name), Optional.of(value));
  }
}
