package dev.turnpike.config;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.platform.Os;
import dev.turnpike.platform.Paths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A home with a settings file, and the words in which tests ask what counts. */
abstract class ConfigCase {
  static final String PUBLIC = "pk-lf-test";
  static final String SECRET = "sk-lf-test";
  static final Map<String, String> KEYS =
      Map.of("LANGFUSE_PUBLIC_KEY", PUBLIC, "LANGFUSE_SECRET_KEY", SECRET);

  @TempDir Path given;
  Path home;
  Path file;
  final Map<String, String> daemonEnv = new HashMap<>();

  @BeforeEach
  void layOut() throws IOException {
    home = given.toRealPath();
    file = home.resolve(".config/turnpike/config");
    Files.createDirectories(file.getParent());
    daemonEnv.put("HOME", home.toString());
  }

  Config config() {
    return Config.of(Paths.of(daemonEnv, home, Os.LINUX, 1000), daemonEnv);
  }

  void write(String text) throws IOException {
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  Settings resolve(Map<String, String> call) {
    return config().resolve(null, call);
  }

  static Map<String, String> and(Map<String, String> one, String name, String value) {
    var both = new HashMap<>(one);
    both.put(name, value);
    return both;
  }

  static String unusable(Settings settings) {
    String problem = assertInstanceOf(Target.Unusable.class, settings.target()).problem();
    assertTrue(problem.contains("stay on this machine"), problem);
    assertFalse(problem.contains(SECRET), problem);
    assertTrue(settings.problems().contains(problem));
    return problem;
  }

  static Target.Remote remote(Settings settings) {
    return assertInstanceOf(Target.Remote.class, settings.target(), settings.problems().toString());
  }
}
