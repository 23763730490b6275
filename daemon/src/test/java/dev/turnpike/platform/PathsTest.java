package dev.turnpike.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PathsTest {
  private static final Path HOME = Path.of("/home/dev");

  private static Paths linux(Map<String, String> env, boolean runtimeDirectory) {
    return Paths.of(env, HOME, Os.LINUX, 1000, path -> runtimeDirectory);
  }

  @Test
  void oneDirectoryHoldsEverythingIfTheUserNamesIt() {
    Paths paths = linux(Map.of("TURNPIKE_HOME", "/tmp/tp", "XDG_STATE_HOME", "/elsewhere"), true);
    assertEquals(
        new Paths(
            Path.of("/tmp/tp/config"),
            Path.of("/tmp/tp/state"),
            Path.of("/tmp/tp/cache"),
            Path.of("/tmp/tp/log"),
            Path.of("/tmp/tp/turnpike.sock")),
        paths);
    assertEquals(Path.of("/tmp/tp/state/spool"), paths.spool());
    assertEquals(Path.of("/tmp/tp/state/credentials"), paths.credentials());
  }

  @Test
  void linuxUsesTheUsualPlaces() {
    assertEquals(
        new Paths(
            Path.of("/home/dev/.config/turnpike/config"),
            Path.of("/home/dev/.local/state/turnpike"),
            Path.of("/home/dev/.cache/turnpike"),
            Path.of("/home/dev/.local/state/turnpike/log"),
            Path.of("/run/user/1000/turnpike/turnpike.sock")),
        linux(Map.of(), true));
  }

  @Test
  void socketLiesWithTheStateWhereThereIsNoRuntimeDirectory() {
    assertEquals(
        Path.of("/home/dev/.local/state/turnpike/turnpike.sock"), linux(Map.of(), false).socket());
    assertEquals(
        Path.of("/run/x/turnpike/turnpike.sock"),
        linux(Map.of("XDG_RUNTIME_DIR", "/run/x"), false).socket());
  }

  @Test
  void relativePathsInXdgVariablesAreIgnored() {
    assertEquals(
        Path.of("/home/dev/.config/turnpike/config"),
        linux(Map.of("XDG_CONFIG_HOME", "conf"), true).config());
    assertEquals(
        Path.of("/c/turnpike/config"), linux(Map.of("XDG_CONFIG_HOME", "/c"), true).config());
  }

  @Test
  void macosUsesTheLibrary() {
    Paths paths = Paths.of(Map.of(), Path.of("/Users/dev"), Os.MACOS, 501);
    assertEquals(Path.of("/Users/dev/.config/turnpike/config"), paths.config());
    assertEquals(Path.of("/Users/dev/Library/Application Support/turnpike"), paths.state());
    assertEquals(Path.of("/Users/dev/Library/Logs/turnpike"), paths.log());
    assertEquals(paths.state().resolve("turnpike.sock"), paths.socket());
  }

  @Test
  void socketThatIsTooLongIsNamedBeforeItIsBound() {
    // sun_path holds 108 bytes on Linux and 104 on macOS, the closing zero byte included
    String longest = "/" + "s".repeat(106);
    Paths fits = linux(Map.of("TURNPIKE_SOCKET", longest), true);
    assertEquals(Optional.empty(), fits.socketProblem(Os.LINUX));
    assertTrue(fits.socketProblem(Os.MACOS).orElseThrow().contains("allows 103"));
    Paths over = linux(Map.of("TURNPIKE_SOCKET", longest.substring(0, 105) + "éx"), true);
    assertTrue(over.socketProblem(Os.LINUX).orElseThrow().contains("TURNPIKE_SOCKET"));
  }
}
