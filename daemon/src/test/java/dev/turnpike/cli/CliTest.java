package dev.turnpike.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.gateway.GatewayFixture;
import dev.turnpike.gateway.api.ApiJson;
import dev.turnpike.gateway.api.Samples;
import dev.turnpike.gateway.api.text.ReportText;
import dev.turnpike.platform.Os;
import dev.turnpike.platform.Paths;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class CliTest {
  @TempDir Path home;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private Path launcher;

  @BeforeEach
  void name() {
    launcher = home.resolve("launcher");
  }

  @Test
  void answersArePrintedAsTheDaemonGivesThem() throws Exception {
    try (var fixture = new GatewayFixture(home)) {
      assertPrints(ReportText.of(Samples.status(), ZoneId.systemDefault()), "status");
      assertPrints(json(ApiJson.write(Samples.status())), "status", "--json");
      assertPrints(ReportText.of(Samples.sessions(), ZoneId.systemDefault()), "sessions");
      assertPrints(ReportText.of(Samples.sent(), ZoneId.systemDefault()), "send");
      assertPrints(ReportText.of(Samples.outbox(), ZoneId.systemDefault()), "outbox");
      assertPrints(ReportText.of(Samples.retried(), ZoneId.systemDefault()), "outbox", "--retry");
      assertPrints(ReportText.of(Samples.reloaded(), ZoneId.systemDefault()), "reload");
      assertPrints(ReportText.of(Samples.settings(), ZoneId.systemDefault()), "config");
      assertEquals(0, run("traces", "--limit", "3", "--session", "a/b c"));
      assertEquals(0, run("show", "4bf9"));
      assertEquals(
          "[send, outbox 100, retry, reload, explain all " + home + ", traces 3 b c, find 4bf9]",
          fixture.house.asked.toString());
    }
  }

  @Test
  void aRefusalIsAMessageAndAFailure() throws Exception {
    try (var _ = new GatewayFixture(home)) {
      assertEquals(Exit.FAILED, run("show", "ffff"));
      assertEquals("No trace on this machine begins with ffff.\n", err.toString());
      assertEquals("", out.toString());
      assertEquals(Exit.FAILED, run("show", "ffff", "--json"));
      assertTrue(out.toString().startsWith("{\"error\":{\"code\":\"not_found\""), out.toString());
    }
  }

  @Test
  void aSessionMayBeNamedByItsBeginning() throws Exception {
    try (var fixture = new GatewayFixture(home)) {
      assertEquals(0, run("pause", "0f3c"));
      assertEquals(0, run("resume", "codex/roll"));
      assertEquals(0, run("forget", "claude-code/" + Samples.SESSION));
      assertEquals(0, run("session", "claude-code/unknown yet"));
      assertEquals(
          "[pause claude-code/%1$s, resume codex/rollout-17, forget claude-code/%1$s, session claude-code/unknown yet]"
              .formatted(Samples.SESSION),
          fixture.house.asked.toString());
      assertEquals(Exit.FAILED, run("pause", "zzz"));
    }
  }

  @Test
  void aFlushThatDoesNotFinishHasItsOwnCode() throws Exception {
    try (var fixture = new GatewayFixture(home)) {
      assertEquals(Exit.OK, run("flush"));
      assertEquals(Exit.TIMED_OUT, run("flush", "--wait", "0s"));
      assertEquals(Exit.OK, run("flush", "--wait"));
      assertEquals(Exit.OK, run("flush", "--wait", "--json"));
      assertEquals(
          "[flush PT30S, flush PT0S, flush PT30S, flush PT30S]", fixture.house.asked.toString());
    }
  }

  @Test
  void withoutADaemonItIsSaidWhatToDo() {
    for (var command : List.of("status", "flush", "traces", "sessions", "send", "outbox")) {
      assertEquals(Exit.UNREACHABLE, run(command), command);
      assertEquals(
          "The daemon is not running. Start it with: turnpike start\n", err.toString(), command);
    }
    assertEquals(Exit.OK, run("stop"));
    assertEquals("The daemon is not running.\n", out.toString());
  }

  @Test
  void aDaemonThatSaysNothingIsNotWaitedForForEver() throws Exception {
    var socket = home.resolve("turnpike.sock");
    try (var mute = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      mute.bind(UnixDomainSocketAddress.of(socket));
      var client = new SocketClient(socket);
      org.junit.jupiter.api.Assertions.assertThrows(
          SocketClient.TimedOut.class,
          () -> client.ask("GET", "/", false, java.time.Duration.ofMillis(100)));
    }
  }

  @Test
  void wrongUsageNamesTheHelp() {
    assertEquals(Exit.USAGE, run("statsu"));
    assertTrue(err.toString().contains("status"), err.toString());
    assertTrue(err.toString().contains("See: turnpike --help"), err.toString());
    assertEquals(Exit.USAGE, run("show"));
    assertEquals(Exit.USAGE, run("flush", "--wait", "soon"));
    assertEquals(Exit.USAGE, run("traces", "--limit", "x"));
    assertTrue(err.toString().contains("See: turnpike traces --help"), err.toString());
  }

  @Test
  void helpShowsCommandsExamplesAndExitCodes() {
    assertEquals(0, run("--help"));
    for (var part : List.of("start", "flush", "Examples:", "69", "Exit codes:")) {
      assertTrue(out.toString().contains(part), part + " is missing in\n" + out);
    }
    assertEquals(0, run("traces", "--help"));
    assertTrue(out.toString().contains("turnpike traces --limit 5"), out.toString());
    assertEquals(0, run());
    assertTrue(out.toString().contains("Commands:"));
  }

  @Test
  void helpIsACommandToo() {
    assertEquals(0, run("help"));
    assertTrue(out.toString().contains("Exit codes:"), out.toString());
    assertEquals(0, run("help", "flush"));
    assertTrue(out.toString().startsWith("Usage: turnpike flush"), out.toString());
    assertEquals(0, run("help", "config", "explain"));
    assertTrue(out.toString().startsWith("Usage: turnpike config explain"), out.toString());
    assertEquals(Exit.USAGE, run("help", "flash"));
  }

  @Test
  void tracesOfASessionAreFoundByTheBeginningOfItsName() throws Exception {
    try (var fixture = new GatewayFixture(home)) {
      assertEquals(0, run("traces", "--session", "claude-code/0f3c"));
      assertEquals(0, run("traces", "--session", "0f3c", "--json"));
      assertEquals(0, run("traces", "--session", "claude-code/long-forgotten"));
      assertEquals(
          "[traces 20 %1$s, traces 20 %1$s, traces 20 long-forgotten]".formatted(Samples.SESSION),
          fixture.house.asked.toString());
      assertEquals(Exit.FAILED, run("traces", "--session", "c"));
      assertTrue(err.toString().startsWith("Several sessions"), err.toString());
    }
  }

  @Test
  void everyCommandHasHelp() {
    for (var line :
        List.of("start", "stop", "daemon", "logs", "session", "completion", "version")) {
      assertEquals(0, run(line, "--help"), line);
    }
    assertEquals(0, run("config", "set", "--help"));
    assertTrue(out.toString().startsWith("Usage: turnpike config set"), out.toString());
  }

  @Test
  void versionsOfProgramAndDaemonAreShown() throws Exception {
    assertEquals(0, run("version"));
    assertTrue(out.toString().contains("daemon   not running"), out.toString());
    try (var _ = new GatewayFixture(home)) {
      assertEquals(0, run("version"));
      assertTrue(out.toString().contains("daemon   0.1.0"), out.toString());
      assertEquals(0, run("version", "--json"));
      assertTrue(
          out.toString()
              .matches("\\{\"version\":\"9.9.9\",\"java\":\"[^\"]+\",\"daemon\":\"0.1.0\"}\n"),
          out.toString());
    }
    assertEquals(0, run("--version"));
    assertEquals("turnpike 9.9.9\n", out.toString());
  }

  @Test
  void completionIsAScriptThatKnowsTheCommands() {
    assertEquals(0, run("completion", "bash"));
    assertTrue(out.toString().contains("--limit"));
    assertEquals(Exit.USAGE, run("completion", "fish"));
  }

  @Test
  void theLogIsShownWithoutADaemon() throws Exception {
    assertEquals(Exit.FAILED, run("logs"));
    Files.createDirectories(home.resolve("log"));
    Files.writeString(home.resolve("log/turnpike.log"), "one\ntwo\n");
    assertEquals(0, run("logs", "-n", "1"));
    assertEquals("two\n", out.toString());
  }

  @Test
  void settingsAreWrittenAndExplained() throws Exception {
    assertEquals(0, run("config", "set", "LANGFUSE_BASE_URL", "https://lf.example.com"));
    var file = home.resolve("config");
    assertEquals("LANGFUSE_BASE_URL=https://lf.example.com\n", Files.readString(file));
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    assertEquals(0, run("config", "explain", "LANGFUSE_BASE_URL"));
    assertTrue(out.toString().contains("https://lf.example.com"), out.toString());
    assertTrue(err.toString().contains("not running"), err.toString());
    assertEquals(0, run("config", "unset", "LANGFUSE_BASE_URL"));
    assertEquals("", Files.readString(file));
    assertEquals(0, run("config", "--json"));
    assertTrue(out.toString().startsWith("{\"settings\":["), out.toString());
  }

  @Test
  void whatIsNoSettingOrNoValueOfItIsNotWritten() {
    assertEquals(Exit.FAILED, run("config", "set", "NOPE", "1"));
    assertEquals("There is no setting NOPE.\n", err.toString());
    assertEquals(Exit.FAILED, run("config", "set", "LANGFUSE_BASE_URL", "not a url"));
    assertTrue(err.toString().startsWith("LANGFUSE_BASE_URL: "), err.toString());
    assertEquals(Exit.FAILED, run("config", "set", "TURNPIKE_HOME", "/x"));
    assertEquals(Exit.FAILED, run("config", "explain", "NOPE"));
    assertEquals(false, Files.exists(home.resolve("config")));
  }

  @Test
  void startWaitsForTheDaemonItStarted() throws Exception {
    script("echo $$ > \"$0.pid\"; exec sleep 60");
    var pidFile = home.resolve("launcher.pid");
    var daemon =
        Thread.ofVirtual()
            .start(
                () -> {
                  while (!Files.exists(pidFile)) {
                    Thread.onSpinWait();
                  }
                  try {
                    new GatewayFixture(home);
                  } catch (java.io.IOException e) {
                    throw new java.io.UncheckedIOException(e);
                  }
                });
    assertEquals(0, run("start"), err.toString());
    assertTrue(out.toString().startsWith("Starting the daemon ... done.\n"), out.toString());
    assertTrue(out.toString().contains("turnpike.log"), out.toString());
    assertEquals(0, run("start"));
    assertTrue(out.toString().contains("is running already"), out.toString());
    daemon.join();
    long pid = Long.parseLong(Files.readString(pidFile).strip());
    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroy);
  }

  @Test
  void startSaysWhyTheDaemonEnded() throws Exception {
    script("echo no Java found >&2; exit 3");
    assertEquals(Exit.FAILED, run("start"));
    assertTrue(err.toString().contains("ended with code 3"), err.toString());
    assertTrue(err.toString().contains("no Java found"), err.toString());
  }

  @Test
  void furtherCommandsAreFoundAndTheDaemonIsRunByTheRoot() {
    assertEquals(42, run("extra"));
    assertEquals(17, run("daemon"));
  }

  private void script(String body) throws Exception {
    Files.writeString(launcher, "#!/bin/sh\n" + body + "\n");
    Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwx------"));
  }

  private void assertPrints(String expected, String... args) {
    assertEquals(Exit.OK, run(args), err.toString());
    assertEquals(expected, out.toString());
  }

  private int run(String... args) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    var paths = Paths.of(Map.of("TURNPIKE_HOME", home.toString()), home, Os.current(), 0);
    return Cli.run(
        args,
        new Context(
            paths,
            Map.of("TURNPIKE_HOME", home.toString()),
            home,
            "9.9.9",
            List.of(launcher.toString()),
            () -> 17,
            List.of(ExtraCommand::new),
            new PrintWriter(out),
            new PrintWriter(err),
            false));
  }

  private static String json(byte[] json) {
    return new String(json, StandardCharsets.UTF_8);
  }

  private static final class ExtraCommand implements Command {
    private final picocli.CommandLine.Model.CommandSpec spec =
        Specs.command(this, "extra", "Another room's command.");

    ExtraCommand(Context context) {}

    @Override
    public picocli.CommandLine.Model.CommandSpec spec() {
      return spec;
    }

    @Override
    public int run(picocli.CommandLine.ParseResult parsed) {
      return 42;
    }
  }
}
