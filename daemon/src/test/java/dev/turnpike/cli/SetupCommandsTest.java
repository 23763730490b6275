package dev.turnpike.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.turnpike.cli.setup.FakeMachine;
import dev.turnpike.cli.setup.Surroundings;
import dev.turnpike.gateway.GatewayFixture;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class SetupCommandsTest {
  @TempDir Path temp;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private FakeMachine machine;

  @BeforeEach
  void machine() throws IOException {
    machine = new FakeMachine(temp.toRealPath());
    machine.environment.put("TURNPIKE_HOME", machine.home.resolve("tp").toString());
  }

  @Test
  void installAndUninstallSayWhatTheyDid() throws Exception {
    assertEquals(0, run("install", "claude-code"));
    assertTrue(
        out.toString().contains("done      install the program in " + machine.home),
        out.toString());
    assertTrue(Files.exists(machine.home.resolve(".claude/settings.json")));
    assertEquals(0, run("uninstall", "--purge"));
    assertFalse(Files.exists(machine.home.resolve("tp")));
    assertFalse(Files.exists(machine.home.resolve(".claude")));
    out.getBuffer().setLength(0);
    assertEquals(0, run("uninstall"));
    assertTrue(out.toString().contains("nothing of Turnpike is installed"), out.toString());
  }

  @Test
  void aBackupThatGoesToIsNotNamed() throws Exception {
    Files.createDirectories(machine.home.resolve(".claude"));
    Files.writeString(machine.home.resolve(".claude/settings.json"), "{\"model\": \"opus\"}");
    assertEquals(0, run("install", "claude-code"));
    assertTrue(out.toString().contains("(before: "), out.toString());
    out.getBuffer().setLength(0);
    assertEquals(0, run("uninstall"));
    assertTrue(out.toString().contains("(before: "), out.toString());
    assertEquals(0, run("install", "claude-code"));
    out.getBuffer().setLength(0);
    assertEquals(0, run("uninstall", "--purge"));
    assertTrue(out.toString().contains("settings.json: "), out.toString());
    assertFalse(out.toString().contains("(before: "), out.toString());
  }

  @Test
  void aDryRunSaysWhatItWouldDo() throws Exception {
    assertEquals(0, run("install", "--dry-run"));
    assertTrue(out.toString().contains("would     start the daemon"), out.toString());
    assertFalse(Files.exists(machine.home.resolve("tp")));
  }

  @Test
  void whatFailsIsTheExitCodeToo() throws Exception {
    Files.createDirectories(machine.home.resolve(".claude"));
    Files.writeString(machine.home.resolve(".claude/settings.json"), "[]");
    assertEquals(1, run("install", "--dry-run"), "it would fail");
    assertTrue(out.toString().contains("FAILED"), out.toString());
    out.getBuffer().setLength(0);
    assertEquals(1, run("install", "--json"));
    JsonNode report = new ObjectMapper().readTree(out.toString());
    assertFalse(report.path("ok").asBoolean());
    assertTrue(report.path("steps").toString().contains("\"failed\""));
  }

  @Test
  void anAgentNobodyKnowsIsWrongUsage() throws Exception {
    assertEquals(2, run("install", "emacs"));
    assertTrue(err.toString().contains("claude-code"), err.toString());
  }

  @Test
  void doctorWorksWithTheDaemonDownAndUp() throws Exception {
    assertEquals(0, run("doctor"));
    assertTrue(out.toString().contains("not running"), out.toString());
    out.getBuffer().setLength(0);
    Path home = Files.createDirectories(machine.home.resolve("tp"));
    try (var fixture = new GatewayFixture(home)) {
      assertTrue(Files.exists(fixture.socket));
      run("doctor", "--json");
      JsonNode report = new ObjectMapper().readTree(out.toString());
      assertTrue(report.path("findings").toString().contains("version 0.1.0, pid 4711"));
    }
  }

  @Test
  void doctorsExitCodeSaysWhetherThereIsAProblem() throws Exception {
    Files.createDirectories(machine.home.resolve("tp"));
    Files.writeString(machine.home.resolve("tp/config"), "LANGFUSE_PUBLIC_KEY=pk-lf-12345678\n");
    assertEquals(1, run("doctor"));
    assertTrue(out.toString().contains("LANGFUSE_SECRET_KEY is not"), out.toString());
  }

  @Test
  void theDemoNeedsADaemon() throws Exception {
    assertEquals(69, run("demo"));
    assertFalse(Files.exists(machine.home.resolve("tp/state/demo")));
  }

  @Test
  void whatIsNotForEveryDayIsNotInTheList() throws Exception {
    assertEquals(0, run("--help"));
    assertTrue(out.toString().contains("doctor"));
    assertFalse(out.toString().contains("train"), out.toString());
    out.getBuffer().setLength(0);
    assertEquals(0, run("demo", "--help"));
    assertTrue(out.toString().contains("tagged `demo`"));
  }

  private int run(String... arguments) throws IOException {
    Function<Context, Surroundings> here = context -> machine.world();
    return Cli.run(
        arguments,
        new Context(
            machine.paths(),
            machine.environment,
            machine.home,
            FakeMachine.VERSION,
            List.of(machine.image.resolve("bin/turnpike").toString()),
            () -> 17,
            List.of(
                context -> new InstallCommand(context, here),
                context -> new UninstallCommand(context, here),
                context -> new DoctorCommand(context, here),
                context -> new DemoCommand(context, here),
                context -> new TrainCommand(context, here)),
            new PrintWriter(out),
            new PrintWriter(err),
            false));
  }
}
