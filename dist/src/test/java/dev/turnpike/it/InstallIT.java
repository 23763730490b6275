package dev.turnpike.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.turnpike.image.Image;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The image installed into a home of its own, shown, and taken away again. */
class InstallIT {
  private static final long LIMIT_SECONDS = 120;
  private static final String SETTINGS =
      """
      {
          "model": "opus",
          "hooks": {
              "Stop": [{"hooks": [{"type": "command", "command": "say done"}]}]
          }
      }
      """;

  @TempDir Path temp;

  private Path home;
  private Path own;
  private Path settings;

  private record Answer(int exit, String out) {}

  @BeforeEach
  void aHomeWithAnAgentInUse() throws IOException {
    home = Files.createDirectories(temp.toRealPath().resolve("home"));
    own = home.resolve("tp");
    settings = Files.createDirectories(home.resolve(".claude")).resolve("settings.json");
    Files.writeString(settings, SETTINGS);
  }

  @AfterEach
  void nothingKeepsRunning() throws Exception {
    run(Image.folder().resolve("bin/turnpike"), "stop");
  }

  @Test
  void installShowAndTakeAway() throws Exception {
    Path built = Image.folder().resolve("bin/turnpike");
    succeed(built, "install");
    Path installed = own.resolve("bin/turnpike");
    assertTrue(
        Files.readString(settings).contains(own.resolve("app/bin/turnpike-hook").toString()));

    String again = succeed(built, "install");
    assertTrue(again.lines().noneMatch(line -> line.startsWith("done")), again);

    JsonNode trace = new ObjectMapper().readTree(succeed(installed, "demo", "--json"));
    assertTrue(trace.path("tags").toString().contains("\"demo\""), trace.toString());
    assertEquals("kept", trace.at("/summary/wentTo/0/state").asText());
    assertEquals(1, trace.path("observations").size());
    String tree = succeed(installed, "demo");
    assertTrue(tree.contains("agent general-purpose"), tree);
    assertTrue(tree.contains("LANGFUSE_PUBLIC_KEY"), tree);
    assertEquals(2, traces(installed), "each demonstration is a session of its own");

    String findings = succeed(installed, "doctor");
    assertTrue(findings.contains("All is well."), findings);

    succeed(installed, "uninstall", "--purge");
    assertFalse(Files.exists(own));
    assertEquals(SETTINGS, Files.readString(settings));
  }

  private int traces(Path program) throws Exception {
    return new ObjectMapper().readTree(succeed(program, "traces", "--json")).path("traces").size();
  }

  private String succeed(Path program, String... arguments) throws Exception {
    Answer answer = run(program, arguments);
    assertEquals(0, answer.exit(), () -> String.join(" ", arguments) + ":\n" + answer.out());
    return answer.out();
  }

  private Answer run(Path program, String... arguments) throws Exception {
    var command = new ArrayList<>(List.of(program.toString()));
    command.addAll(List.of(arguments));
    Path out = temp.resolve("out");
    var builder =
        new ProcessBuilder(command)
            .directory(home.toFile())
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectErrorStream(true)
            .redirectOutput(out.toFile());
    builder.environment().clear();
    builder
        .environment()
        .putAll(
            Map.of(
                "PATH", own.resolve("bin") + ":/usr/bin:/bin",
                "LANG", "C.UTF-8",
                "HOME", home.toString(),
                "JAVA_HOME", System.getProperty("java.home"),
                "TURNPIKE_HOME", own.toString()));
    Process process = builder.start();
    if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IllegalStateException("did not end: " + command);
    }
    return new Answer(process.exitValue(), Files.readString(out));
  }
}
