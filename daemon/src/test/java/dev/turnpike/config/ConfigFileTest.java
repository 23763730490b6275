package dev.turnpike.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The settings file: how it is written, read again, and what trouble with it does. */
class ConfigFileTest extends ConfigCase {
  @Test
  void emptyValueInAFileMeansNone() throws IOException {
    write(
        "LANGFUSE_USER_ID=dev\nLANGFUSE_PUBLIC_KEY="
            + PUBLIC
            + "\nLANGFUSE_SECRET_KEY="
            + SECRET
            + "\n"
            + "[project /secret]\n"
            + "LANGFUSE_USER_ID=\n"
            + "LANGFUSE_PUBLIC_KEY=\n"
            + "LANGFUSE_SECRET_KEY=\n");
    Settings settings = config().resolve("/secret", Map.of("LANGFUSE_RELEASE", ""));
    assertEquals(Optional.empty(), settings.userId());
    assertInstanceOf(Target.Local.class, settings.target());
    remote(resolve(Map.of()));
  }

  @Test
  void linesMayBeWrittenAsInAShell() throws IOException {
    write(
        """
        # comment
        export LANGFUSE_USER_ID="dev \\"x\\" # no comment"   # comment
          TURNPIKE_TAGS = 'a b, c'
        LANGFUSE_RELEASE=v1=2 # comment
        LANGFUSE_TRACING_ENVIRONMENT=Langfuse-Dev\r
        """);
    Settings settings = resolve(Map.of());
    assertEquals(Optional.of("dev \"x\" # no comment"), settings.userId());
    assertEquals(List.of("a b", "c"), settings.tags());
    assertEquals(Optional.of("v1=2"), settings.release());
    assertEquals(Optional.of("dev"), settings.environment());
    assertEquals(List.of(), config().warnings());
  }

  @Test
  void oddLinesAreWarnedOfAndTheRestCounts() throws IOException {
    write(
        """
        TURNPIKE_MAX_FIELD_CHAR=5
        just words
        TURNPIKE_TURN_IDLE=soon
        TURNPIKE_HOME=/x
        [projekt /x]
        LANGFUSE_USER_ID=lost
        [project relative]
        [project /x]
        TURNPIKE_QUEUE_LIMIT=1MiB
        LANGFUSE_SAMPLE_RATE=2
        """);
    Config config = config();
    String warnings = String.join("\n", config.warnings());
    assertTrue(
        warnings.contains(
            "line 1: unknown setting TURNPIKE_MAX_FIELD_CHAR; did you mean"
                + " TURNPIKE_MAX_FIELD_CHARS?"),
        warnings);
    assertTrue(warnings.contains("line 2: a setting is written"), warnings);
    assertTrue(warnings.contains("line 3): soon is no duration"), warnings);
    assertTrue(warnings.contains("line 4: TURNPIKE_HOME counts only as an environment"), warnings);
    assertTrue(warnings.contains("line 5: a section is written"), warnings);
    assertTrue(warnings.contains("line 7: the path of a project"), warnings);
    assertTrue(warnings.contains("line 9: TURNPIKE_QUEUE_LIMIT cannot differ"), warnings);
    assertTrue(warnings.contains("line 10): 2 is not within"), warnings);
    Settings settings = config.resolve("/x", Map.of());
    assertEquals(Duration.ofMinutes(30), settings.turnIdle());
    assertEquals(1.0, settings.sampleRate());
    assertEquals(Optional.empty(), settings.userId());
  }

  @Test
  void fileOthersCanReadKeepsItsSettingsAndLosesItsSecrets() throws IOException {
    write("TRACE_TO_LANGFUSE=false\nLANGFUSE_PUBLIC_KEY=pk-lf-a\nLANGFUSE_SECRET_KEY=sk-lf-a\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    Config config = config();
    Settings settings = config.resolve(null, Map.of());
    assertFalse(settings.traced());
    assertTrue(unusable(settings).contains("chmod 600"));
    assertTrue(String.join("\n", config.warnings()).contains("chmod 600 '" + file + "'"));
    remote(config.resolve(null, KEYS));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    remote(config.resolve(null, Map.of()));
    assertEquals(List.of(), config.warnings());
  }

  @Test
  void fileWithoutSecretsMayBeReadByAll() throws IOException {
    write("LANGFUSE_USER_ID=dev\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    assertEquals(List.of(), config().warnings());
  }

  @Test
  void changedFileCountsAtOnce() throws IOException {
    Config config = config();
    assertEquals(Optional.empty(), config.resolve(null, Map.of()).userId());
    write("LANGFUSE_USER_ID=one\n");
    assertEquals(Optional.of("one"), config.resolve(null, Map.of()).userId());
    write("LANGFUSE_USER_ID=two\n");
    assertEquals(Optional.of("two"), config.resolve(null, Map.of()).userId());
    Files.delete(file);
    assertEquals(Optional.empty(), config.resolve(null, Map.of()).userId());
  }

  @Test
  void lastGoodFileStaysInForce() throws IOException {
    write("LANGFUSE_USER_ID=one\n");
    Config config = config();
    assertEquals(Optional.of("one"), config.resolve(null, Map.of()).userId());
    write("LANGFUSE_USER_ID=" + "x".repeat(SettingsFile.LIMIT_BYTES));
    assertEquals(Optional.of("one"), config.resolve(null, KEYS).userId());
    remote(config.resolve(null, KEYS));
    assertTrue(config.warnings().getFirst().contains("stays in force"));
  }

  @Test
  void nothingLeavesWhileTheFileWasNeverReadable() throws IOException {
    Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe, 'x'});
    String said = unusable(resolve(KEYS));
    assertTrue(said.contains("not UTF-8"), said);
  }

  @Test
  void fileOfCodeTraceCountsUntilThereIsOneOfOurs() throws IOException {
    Path former = home.resolve(".config/code-trace/config");
    Files.createDirectories(former.getParent());
    Files.writeString(
        former, "LANGFUSE_USER_ID=old\nCODE_TRACE_MASK_SECRETS=false\nCODE_TRACE_X=1\n");
    Settings settings = resolve(Map.of());
    assertEquals(Optional.of("old"), settings.userId());
    assertFalse(settings.privacy().maskSecrets());
    assertEquals(List.of(), config().warnings());
    write("# ours\n");
    assertEquals(Optional.empty(), resolve(Map.of()).userId());
  }
}
