package dev.turnpike.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.testing.FakeLangfuse;
import dev.turnpike.testing.Mode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What lies in a {@code TURNPIKE_HOME} is for its owner alone, and secrets are in one place only.
 */
class PrivateHomeIT {
  private static final String SECRET = "sk-lf-5b7c1f0e-aaaa-4bbb-8ccc-0123456789ab";
  private static final String OTHER = "sk-lf-77777777-dddd-4eee-8fff-ba9876543210";

  @TempDir Path temp;

  @Test
  void everythingIsPrivateAndTheSecretIsAmongTheCredentialsOnly() throws Exception {
    try (var place = Workplace.open(temp);
        var server = FakeLangfuse.start(Mode.EVENTS_ONLY).keys("pk-lf-test", SECRET)) {
      Map<String, String> right = RunningDaemon.tracedTo(server);
      place.play("multi-tool", right);
      place.daemon().flush();
      // a server that refuses, one that is away, and a daemon that is away
      place.play("subagent", Workplace.with(right, "LANGFUSE_SECRET_KEY", OTHER));
      place.daemon().flush();
      server.down();
      place.play("interactive", right);
      place.daemon().post("/v1/flush?wait=1s");
      place.daemon().terminate();
      place.play("resume", right);
      place.daemon().restart();
      place.daemon().post("/v1/flush?wait=8s");
      for (String command : List.of("status", "sessions", "outbox", "traces", "config")) {
        assertFalse(place.daemon().command(command).text().contains(SECRET), command);
      }
      assertPrivate(place.daemon().home());
      assertEquals(List.of("state/credentials"), foldersWith(place.daemon().home(), SECRET));

      server.up();
      place.daemon().post("/v1/outbox/retry");
      place.daemon().flush();
      place.assertAllIsThere(server);
      assertPrivate(place.daemon().home());
      assertEquals(List.of("state/credentials"), foldersWith(place.daemon().home(), SECRET));
      assertEquals(List.of(), foldersWith(place.daemon().home(), OTHER), "a replaced secret");
    }
  }

  @Test
  void aSecondDaemonSaysWhoHoldsTheHomeAndLeavesIt() throws Exception {
    try (var place = Workplace.open(temp);
        var server = FakeLangfuse.start(Mode.EVENTS_ONLY)) {
      RunningDaemon.Said said = place.daemon().command("daemon");
      assertEquals(0, said.exit(), said.text());
      assertTrue(said.text().contains("pid " + place.daemon().pid()), said.text());
      place.play("simple-turn", RunningDaemon.tracedTo(server));
      place.daemon().flush();
      place.assertAllIsThere(server);
    }
  }

  private static void assertPrivate(Path home) throws IOException {
    var open = new ArrayList<String>();
    try (Stream<Path> all = Files.walk(home)) {
      for (Path path : all.toList()) {
        String wanted = Files.isDirectory(path) ? "rwx------" : "rw-------";
        String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
        if (!mode.equals(wanted)) {
          open.add(mode + " " + home.relativize(path));
        }
      }
    }
    assertEquals(List.of(), open);
  }

  /** Folders of files that hold this text, as it is or compressed. */
  private static List<String> foldersWith(Path home, String text) throws IOException {
    try (Stream<Path> all = Files.walk(home)) {
      var folders = new ArrayList<String>();
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        byte[] bytes = Files.readAllBytes(file);
        if (holds(bytes, text) || holds(inflated(bytes), text)) {
          folders.add(home.relativize(file.getParent()).toString());
        }
      }
      return folders.stream().distinct().sorted().toList();
    }
  }

  private static boolean holds(byte[] bytes, String text) {
    return new String(bytes, StandardCharsets.ISO_8859_1).contains(text);
  }

  private static byte[] inflated(byte[] bytes) throws IOException {
    if (bytes.length < 2 || bytes[0] != 0x1f || bytes[1] != (byte) 0x8b) {
      return new byte[0];
    }
    try (var in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
      return in.readAllBytes();
    }
  }
}
