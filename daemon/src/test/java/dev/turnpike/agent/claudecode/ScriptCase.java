package dev.turnpike.agent.claudecode;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A session that has begun, written by hand. */
abstract class ScriptCase {
  @TempDir Path home;
  Script script;

  @BeforeEach
  void begin() throws IOException {
    script = new Script(home);
    script.starts();
  }
}
