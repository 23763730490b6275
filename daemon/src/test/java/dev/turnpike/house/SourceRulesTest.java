package dev.turnpike.house;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Rules on the text of the sources. */
class SourceRulesTest {
  private static final int LINES_MAX = 400;

  /** Longer files, with the reason why the length is fair. One that has shrunk leaves the list. */
  private static final Map<String, String> LONG_FILES = Map.of();

  /** Written so that this file does not forbid itself. */
  private static final Pattern UNFINISHED = Pattern.compile("\\b(T[O]DO|F[I]XME|X[X]X|H[A]CK)\\b");

  private static final Pattern SWITCHED_OFF = Pattern.compile("@D[i]sabled\\b");

  @Test
  void everyPackageSaysWhatItIsFor() throws Exception {
    List<String> complaints = new ArrayList<>();
    TreeSet<Path> packages = new TreeSet<>();
    for (Path source : SourceTree.shippedJava()) {
      packages.add(source.getParent());
    }
    for (Path folder : packages) {
      Path description = folder.resolve("package-info.java");
      if (!Files.exists(description)) {
        complaints.add(SourceTree.named(folder) + " has no package-info.java");
      } else {
        String text = Files.readString(description);
        if (!text.contains("@NullMarked")) {
          complaints.add(SourceTree.named(description) + " is not @NullMarked");
        }
        if (!described(text)) {
          complaints.add(
              SourceTree.named(description) + " does not say what it owns, takes in, gives out");
        }
      }
    }
    assertTrue(!packages.isEmpty(), "read no sources");
    assertNone(complaints);
  }

  @Test
  void aDescriptionIsACommentOfSomeWords() {
    assertEquals(false, described("@NullMarked package a;"));
    assertEquals(false, described("/** Things. */ @NullMarked package a;"));
    assertEquals(
        true,
        described("/**\n * Owns the values of the house. Takes in\n * none. Gives out all. */"));
  }

  @Test
  void filesCanBeReadAtASitting() throws Exception {
    List<String> complaints = new ArrayList<>();
    TreeSet<String> still = new TreeSet<>();
    for (Path source : SourceTree.java()) {
      int lines = Files.readAllLines(source).size();
      if (lines > LINES_MAX) {
        still.add(SourceTree.named(source));
        if (!LONG_FILES.containsKey(SourceTree.named(source))) {
          complaints.add(
              "%s has %d lines, more than %d: split it, or give the reason in LONG_FILES"
                  .formatted(SourceTree.named(source), lines, LINES_MAX));
        }
      }
    }
    LONG_FILES.keySet().stream()
        .filter(listed -> !still.contains(listed))
        .forEach(listed -> complaints.add(listed + " is no longer long: take it off the list"));
    assertNone(complaints);
  }

  @Test
  void nothingIsLeftForLater() throws Exception {
    assertNone(matches(SourceRulesTest::isCode, UNFINISHED));
  }

  @Test
  void noTestIsSwitchedOff() throws Exception {
    assertNone(matches(path -> path.toString().endsWith(".java"), SWITCHED_OFF));
  }

  @Test
  void theRulesSeeWhatTheyForbid() {
    assertTrue(UNFINISHED.matcher("// TO" + "DO: later").find());
    assertTrue(SWITCHED_OFF.matcher("@Dis" + "abled(\"flaky\")").find());
    assertEquals(false, SWITCHED_OFF.matcher("@Dis" + "abledOnOs(MAC)").find());
  }

  /** A doc comment of at least eight words. */
  private static boolean described(String source) {
    int start = source.indexOf("/**");
    int end = source.indexOf("*/");
    return start >= 0
        && end > start
        && Pattern.compile("\\p{L}+").matcher(source.substring(start, end)).results().count() >= 8;
  }

  private static boolean isCode(Path path) {
    String name = path.getFileName().toString();
    return name.endsWith(".java")
        || name.endsWith(".c")
        || name.endsWith(".ts")
        || name.endsWith(".mjs")
        || name.endsWith(".js")
        || name.endsWith(".sh")
        || !name.contains(".");
  }

  private static List<String> matches(Predicate<Path> wanted, Pattern pattern) throws IOException {
    List<String> found = new ArrayList<>();
    for (Path source : SourceTree.sources(wanted)) {
      if (source.startsWith(SourceTree.root()) && !source.toString().contains("/resources/")) {
        List<String> lines = Files.readAllLines(source);
        for (int i = 0; i < lines.size(); i++) {
          if (pattern.matcher(lines.get(i)).find()) {
            found.add("%s:%d: %s".formatted(SourceTree.named(source), i + 1, lines.get(i).strip()));
          }
        }
      }
    }
    return found;
  }

  private static void assertNone(List<String> complaints) {
    assertTrue(complaints.isEmpty(), () -> "\n" + String.join("\n", complaints));
  }
}
