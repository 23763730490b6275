package dev.turnpike.hook;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Nobody listens: what is kept, where, how much, and what can stand in the way. */
@ParameterizedClass
@MethodSource("dev.turnpike.hook.Client#programs")
class SpoolTest {

  private static final Client.Result SILENT = new Client.Result(0, "", "");

  @Parameter Path program = Path.of("");
  @TempDir Path home = Path.of("");
  private Client client = new Client(program, home);

  @BeforeEach
  void newClient() {
    client = new Client(program, home);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2048, 200 * 1024, 16 << 20})
  void requestIsKeptAsItWouldHaveBeenSent(int length) throws Exception {
    byte[] body = new byte[length];
    assertEquals(SILENT, client.run(body, "claude-code", "Stop"));
    Request request = client.onlySpooled();
    assertEquals("POST /v1/events/claude-code HTTP/1.1", request.headLines().getFirst());
    assertEquals("Stop", request.header("Turnpike-Event"));
    assertEquals(request.raw().length, request.wholeLength());
    assertArrayEquals(body, request.body());
  }

  @Test
  void fileIsNamedByTimeAndProcessAndNobodyElseCanReadIt() throws Exception {
    Client.Running running = client.start("claude-code");
    running.process().getOutputStream().close();
    assertEquals(SILENT, running.result());
    Path file = client.spooled().getFirst();
    String time = client.onlySpooled().header("Turnpike-Time");
    assertEquals(time + "-" + running.process().pid() + ".evt", file.getFileName().toString());
    assertEquals("rw-------", permissions(file));
    assertEquals("rwx------", permissions(client.spool()));
    assertEquals("rwx------", permissions(home.resolve("state")));
  }

  @Test
  void everyEventGetsAFileOfItsOwn() throws Exception {
    for (int i = 0; i < 5; i++) {
      client.run("{}", "claude-code");
    }
    assertEquals(5, client.spooled().size());
  }

  @Test
  void spoolOthersCouldReadIsClosedToThem() throws Exception {
    Files.createDirectories(client.spool());
    Files.setPosixFilePermissions(client.spool(), PosixFilePermissions.fromString("rwxr-xr-x"));
    assertEquals(SILENT, client.run("{}", "claude-code"));
    assertEquals("rwx------", permissions(client.spool()));
    assertEquals(1, client.spooled().size());
  }

  @Test
  void bytesBeyondTheCapAreCountedAsDropped() throws Exception {
    Files.createDirectories(client.spool());
    sparse(client.spool().resolve("1-1.evt"), (64L << 20) - 20_000);
    assertEquals(SILENT, client.run(new byte[10_000], "claude-code"));
    assertEquals(2, client.spooled().size());
    assertEquals(SILENT, client.run(new byte[10_000], "claude-code"));
    assertEquals(SILENT, client.run(new byte[10_001], "codex"));
    assertEquals(2, client.spooled().size());
    List<String> dropped = Files.readAllLines(client.spool().resolve("dropped"));
    assertEquals(2, dropped.size());
    assertTrue(dropped.get(0).matches("[0-9]{19} claude-code 10000 spool-full"), dropped::toString);
    assertTrue(dropped.get(1).matches("[0-9]{19} codex 10001 spool-full"), dropped::toString);
  }

  @Test
  void filesBeyondTheCapAreCountedAsDroppedUntilTheDaemonMadeRoom() throws Exception {
    Files.createDirectories(client.spool());
    for (int i = 0; i < 9_999; i++) {
      Files.createFile(client.spool().resolve(i + "-1.evt"));
    }
    assertEquals(SILENT, client.run("{}", "claude-code"));
    assertEquals(10_000, client.spooled().size());
    assertEquals(SILENT, client.run("{}", "claude-code"));
    assertEquals(10_000, client.spooled().size());
    assertEquals(1, Files.readAllLines(client.spool().resolve("dropped")).size());

    for (int i = 0; i < 9_000; i++) {
      Files.delete(client.spool().resolve(i + "-1.evt"));
    }
    assertEquals(SILENT, client.run("{}", "claude-code"));
    assertEquals(1_001, client.spooled().size());
    assertEquals(1, Files.readAllLines(client.spool().resolve("dropped")).size());
  }

  @Test
  void usageThatOnlyGrewIsMeasuredAgain() throws Exception {
    Files.createDirectories(client.spool());
    Files.write(client.spool().resolve("usage"), new byte[10_000]);
    assertEquals(SILENT, client.run("{}", "claude-code"));
    assertEquals(1, client.spooled().size());
    assertEquals(1, Files.size(client.spool().resolve("usage")));
  }

  @Test
  void listOfDropsIsBounded() throws Exception {
    Files.createDirectories(client.spool());
    sparse(client.spool().resolve("1-1.evt"), 64L << 20);
    sparse(client.spool().resolve("dropped"), 1 << 20);
    assertEquals(SILENT, client.run("{}", "claude-code"));
    assertEquals(1 << 20, Files.size(client.spool().resolve("dropped")));
  }

  @Test
  void spoolThatIsALinkIsRefused() throws Exception {
    Path elsewhere = Files.createDirectory(home.resolve("elsewhere"));
    Files.createDirectories(home.resolve("state"));
    Files.createSymbolicLink(client.spool(), elsewhere);
    assertEquals(SILENT, client.run("{}", "claude-code"));
    assertEquals(List.of(), list(elsewhere));
  }

  @Test
  void linksInPlaceOfOurFilesAreNotFollowed() throws Exception {
    Files.createDirectories(client.spool());
    Path victim = Files.createFile(home.resolve("victim"));
    Files.createSymbolicLink(client.spool().resolve("usage"), victim);
    Files.createSymbolicLink(client.spool().resolve("dropped"), victim);
    Files.createSymbolicLink(home.resolve("state/autostart.lock"), victim);
    assertEquals(SILENT, client.run("{}", "claude-code"));
    assertEquals(0, Files.size(victim));
  }

  @Test
  void stateThatIsAFileStopsNothing() throws Exception {
    Files.createFile(home.resolve("state"));
    assertEquals(SILENT, client.run("{}", "claude-code"));
  }

  @Test
  void socketThatIsADirectoryOrAPlainFileMeansSpool() throws Exception {
    Files.createDirectory(client.socket());
    assertEquals(SILENT, client.run("{}", "claude-code"));
    Files.delete(client.socket());
    Files.createFile(client.socket());
    assertEquals(SILENT, client.run("{}", "claude-code"));
    assertEquals(2, client.spooled().size());
  }

  @Test
  void socketPathNoSocketCanHaveMeansSpool() throws Exception {
    client.with("TURNPIKE_SOCKET", "/" + "x".repeat(5000));
    assertEquals(SILENT, client.run("{}", "claude-code"));
    assertEquals(1, client.spooled().size());
  }

  @Test
  void pathTooLongForAnyFileStopsNothing() throws Exception {
    client.with("TURNPIKE_HOME", "/" + "x".repeat(5000));
    assertEquals(SILENT, client.run("{}", "claude-code"));
  }

  /**
   * A limit on file sizes fails the write as a full disk does, and by default kills the process.
   */
  @Test
  void fullDiskLeavesNoHalfFile() throws Exception {
    assertEquals(SILENT, client.runScript("ulimit -f 0; exec \"$HOOK\" claude-code"));
    assertEquals(
        List.of(),
        list(client.spool()).stream().filter(name -> name.matches(".*(evt|tmp)")).toList());
  }

  @Test
  void stateDirectoryIsFoundWithoutAHome() throws Exception {
    client.without("TURNPIKE_HOME").without("HOME");
    client.with("TURNPIKE_SOCKET", home.resolve("none").toString());
    client.with("XDG_STATE_HOME", home.resolve("xdg").toString());
    assertEquals(SILENT, client.run("{}", "claude-code"));
    assertEquals(1, events(home.resolve("xdg/turnpike/spool")));
  }

  @Test
  void stateDirectoryStandsBelowTheHome() throws Exception {
    client.without("TURNPIKE_HOME").with("HOME", home.toString());
    client.with("TURNPIKE_SOCKET", home.resolve("none").toString());
    client.with("XDG_STATE_HOME", "relative/is/ignored");
    assertEquals(SILENT, client.run("{}", "claude-code"));
    boolean mac = System.getProperty("os.name", "").startsWith("Mac");
    String below = mac ? "Library/Application Support/turnpike" : ".local/state/turnpike";
    assertEquals(1, events(home.resolve(below).resolve("spool")));
    assertFalse(Files.exists(home.resolve("relative")));
  }

  @Test
  void homeThatCannotBeMadeStopsNothing() throws Exception {
    client.without("TURNPIKE_HOME").with("HOME", "/dev/null/nowhere");
    client.with("TURNPIKE_SOCKET", home.resolve("none").toString());
    assertEquals(SILENT, client.run("{}", "claude-code"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"<&-", ">&-", "2>&-", "<&- >&- 2>&-"})
  void closedStandardStreamsStopNothingAndGetNothingOfOurs(String closed) throws Exception {
    assertEquals(SILENT, client.runScript("exec \"$HOOK\" cursor >/dev/null " + closed));
    Request request = client.onlySpooled();
    assertEquals("", new String(request.body(), UTF_8));
    assertEquals(request.raw().length, request.wholeLength());
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  private static long events(Path directory) throws IOException {
    return list(directory).stream().filter(name -> name.endsWith(".evt")).count();
  }

  private static List<String> list(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  private static void sparse(Path file, long length) throws IOException {
    try (var opened = new RandomAccessFile(file.toFile(), "rw")) {
      opened.setLength(length);
    }
  }
}
