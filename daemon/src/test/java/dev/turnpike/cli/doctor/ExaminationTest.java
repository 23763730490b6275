package dev.turnpike.cli.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.cli.doctor.Finding.Level;
import dev.turnpike.cli.setup.FakeMachine;
import dev.turnpike.gateway.api.HealthReport;
import dev.turnpike.gateway.api.Samples;
import dev.turnpike.gateway.api.StatusReport;
import dev.turnpike.platform.PrivateFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExaminationTest {
  private static final Optional<HealthReport> DOWN = Optional.empty();
  private static final Optional<StatusReport> UNKNOWN = Optional.empty();

  @TempDir Path temp;

  private FakeMachine machine;

  @BeforeEach
  void machine() throws IOException {
    machine = new FakeMachine(temp.toRealPath());
  }

  @Test
  void aBareMachineHasNoProblemsButThingsToDo() throws Exception {
    List<Finding> found = examine(DOWN, UNKNOWN);
    assertEquals(List.of(), of(found, Level.PROBLEM));
    assertTrue(area(found, "program").advice().contains("turnpike install"));
    assertTrue(area(found, "daemon").advice().contains("turnpike start"));
    assertEquals("not found on this machine", area(found, "claude-code").text());
    assertTrue(area(found, "keys").text().contains("stay on this machine"));
  }

  @Test
  void everythingThatIsWrongHasAnAdvice() throws Exception {
    PrivateFiles.createDirectory(machine.paths().state());
    Files.setPosixFilePermissions(
        machine.paths().state(), PosixFilePermissions.fromString("rwxr-xr-x"));
    settings(
        "LANGFUSE_PUBLIC_KEY=sk-lf-11111111\nLANGFUSE_SECRET_KEY=pk-lf-11111111\nTURNPIKE_TAG=x\n");
    Files.createDirectories(machine.home.resolve(".claude"));
    Files.writeString(machine.home.resolve(".claude/settings.json"), "{");
    machine.environment.put("PATH", "/usr/bin");
    List<Finding> found = examine(DOWN, UNKNOWN);
    assertEquals(Level.PROBLEM, area(found, "state").level());
    assertEquals(Level.PROBLEM, area(found, "keys").level());
    assertTrue(area(found, "keys").text().contains("swapped"));
    assertTrue(area(found, "settings").text().contains("TURNPIKE_TAGS"));
    assertEquals(Level.PROBLEM, area(found, "claude-code").level());
    assertEquals(Level.WARNING, area(found, "PATH").level());
    for (Finding finding : found) {
      assertEquals(finding.level() == Level.OK, finding.advice().isEmpty(), finding.toString());
    }
  }

  @Test
  void aSocketPathThatIsTooLongIsAProblem() throws Exception {
    machine.environment.put("TURNPIKE_SOCKET", "/" + "s".repeat(120) + ".sock");
    assertEquals(Level.PROBLEM, area(examine(DOWN, UNKNOWN), "socket").level());
  }

  @Test
  void whatWaitsInTheSpoolIsSaid() throws Exception {
    Path spool = machine.paths().spool();
    PrivateFiles.createDirectory(spool);
    Files.writeString(spool.resolve("1-2.evt"), "x");
    assertTrue(area(examine(DOWN, UNKNOWN), "spool").text().startsWith("1 hooks wait"));
    Files.writeString(spool.resolve("dropped"), "1 claude-code 10 spool-full\n");
    assertTrue(area(examine(DOWN, UNKNOWN), "spool").text().contains("were lost"));
  }

  @Test
  void theDaemonsOwnComplaintsAreHandedOn() throws Exception {
    List<Finding> sick = examine(Optional.of(Samples.sick()), UNKNOWN);
    assertEquals(Level.PROBLEM, area(sick, "daemon").level());
    assertTrue(area(sick, "daemon").text().contains("the disk is full"));

    List<Finding> found = examine(Optional.of(Samples.health()), Optional.of(Samples.status()));
    assertTrue(
        found.stream()
            .anyMatch(
                finding ->
                    finding.area().equals("daemon")
                        && finding.level() == Level.WARNING
                        && finding.text().contains("LANGFUSE_PUBLICKEY")));
    assertTrue(found.stream().anyMatch(finding -> finding.text().contains("pid 4711")));
  }

  @Test
  void aDaemonThatRunsAndIsNotFoundIsNoDaemonThatDoesNotRun() throws Exception {
    PrivateFiles.createDirectory(machine.paths().state());
    // as the system lists a daemon
    Process daemon =
        new ProcessBuilder("/bin/sh", "-c", "read line", "-Dturnpike.image=/x", "daemon").start();
    try {
      Files.writeString(machine.paths().lock(), daemon.pid() + "\n");
      List<Finding> found = examine(DOWN, UNKNOWN);
      assertEquals(Level.PROBLEM, area(found, "daemon").level());
      assertTrue(area(found, "daemon").text().startsWith("pid " + daemon.pid() + " runs"));
      assertTrue(area(found, "socket").text().endsWith("is gone"));
    } finally {
      daemon.destroyForcibly().waitFor();
    }
    assertTrue(area(examine(DOWN, UNKNOWN), "daemon").advice().contains("turnpike start"));
    Files.writeString(machine.paths().lock(), ProcessHandle.current().pid() + "\n");
    assertEquals(
        Level.WARNING, area(examine(DOWN, UNKNOWN), "daemon").level(), "another has that pid now");
  }

  @Test
  void aDaemonOfAnotherVersionIsAWarning() throws Exception {
    var older = new HealthReport(true, "0.0.1", 1, List.of());
    assertEquals(Level.WARNING, area(examine(Optional.of(older), UNKNOWN), "daemon").level());
  }

  @Test
  void aFormatThatChangedIsSeen() throws Exception {
    StatusReport status = Samples.status();
    StatusReport.AgentStatus agent = status.agents().getFirst();
    var odd =
        new StatusReport.AgentStatus(
            agent.agent(),
            agent.name(),
            agent.accepted(),
            0,
            0,
            Map.of(),
            Map.of(),
            Map.of("read", 69L, "unknown.new", 31L),
            1,
            1,
            1,
            null);
    var report =
        new StatusReport(
            status.version(),
            status.pid(),
            status.started(),
            1,
            true,
            List.of(),
            List.of(),
            List.of(odd),
            List.of(),
            List.of(),
            Map.of(),
            Map.of());
    List<Finding> found = examine(Optional.of(Samples.health()), Optional.of(report));
    assertTrue(
        found.stream().anyMatch(finding -> finding.text().contains("31%")), found.toString());
    assertTrue(
        found.stream().noneMatch(finding -> finding.text().contains("no hook has come")),
        "none is registered");
    Files.createDirectories(machine.home.resolve(".claude"));
    Files.writeString(
        machine.home.resolve(".claude/settings.json"),
        """
        {"hooks": {"Stop": [{"hooks": [
          {"type": "command", "command": "/opt/turnpike-hook", "args": ["claude-code"]}]}]}}
        """);
    found = examine(Optional.of(Samples.health()), Optional.of(report));
    assertTrue(found.stream().anyMatch(finding -> finding.text().contains("no hook has come")));
  }

  private List<Finding> examine(Optional<HealthReport> health, Optional<StatusReport> status)
      throws IOException, InterruptedException {
    return new Examination(machine.world(), FakeMachine.VERSION)
        .findings(machine.home, health, status);
  }

  private void settings(String text) throws IOException {
    Path file = machine.paths().config();
    PrivateFiles.createDirectory(file.getParent());
    PrivateFiles.writeAtomically(file, text.getBytes(StandardCharsets.UTF_8));
  }

  private static List<Finding> of(List<Finding> found, Level level) {
    return found.stream().filter(finding -> finding.level() == level).toList();
  }

  /** The gravest of an area. */
  private static Finding area(List<Finding> found, String area) {
    return found.stream()
        .filter(finding -> finding.area().equals(area))
        .max(Comparator.comparing(Finding::level))
        .orElseThrow();
  }
}
