package dev.turnpike.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnpike.testing.FakeLangfuse;
import dev.turnpike.testing.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Without keys everything works on this machine; with keys later, it can still be sent. */
class LocalDestinationIT {
  private static final Map<String, String> TRACED = Map.of("TRACE_TO_LANGFUSE", "true");

  @TempDir Path temp;

  @Test
  void tracesAreKeptAndShownWithoutKeysAndSentOnceWithKeys() throws Exception {
    try (var place = Workplace.open(temp);
        var server = FakeLangfuse.start(Mode.EVENTS_ONLY)) {
      place.play("multi-tool", TRACED);
      place.play("subagent", TRACED);
      place.play("background-subagent", TRACED);
      place.daemon().flush();

      JsonNode list = place.daemon().command("traces", "--json").json();
      assertEquals(4, list.path("total").asInt(), list::toString);
      for (JsonNode trace : list.path("traces")) {
        assertEquals("kept", trace.path("wentTo").path(0).path("state").asText(), trace::toString);
      }
      assertShown(place.daemon(), list);

      writeSettings(place.daemon().home(), server);
      JsonNode sent = place.daemon().command("send", "--json").json();
      assertEquals(4, sent.path("queuedTraces").asInt(), sent::toString);
      place.daemon().flush();
      place.assertAllIsThere(server);

      JsonNode again = place.daemon().command("send", "--json").json();
      assertEquals(0, again.path("queuedTraces").asInt(), again::toString);
      assertEquals(4, again.path("alreadySent").asInt(), again::toString);
      place.daemon().flush();
      place.assertAllIsThere(server);

      place.play("simple-turn", TRACED);
      place.daemon().flush();
      place.assertAllIsThere(server);
    }
  }

  private static void assertShown(RunningDaemon daemon, JsonNode list)
      throws IOException, InterruptedException {
    for (JsonNode trace : list.path("traces")) {
      String id = trace.path("id").asText();
      JsonNode shown = daemon.command("show", id, "--json").json();
      assertEquals(id, shown.path("summary").path("id").asText());
      assertTrue(shown.path("usage").size() > 0, shown::toString);
      if (shown.path("summary").path("observations").asInt() > 5) {
        RunningDaemon.Said text = daemon.command("show", id.substring(0, 8));
        assertEquals(0, text.exit(), text.text());
        assertTrue(text.text().contains("claude-opus-5-5"), text.text());
      }
    }
  }

  private static void writeSettings(Path home, FakeLangfuse server) throws IOException {
    Path file = home.resolve("config");
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(
        file,
        """
        LANGFUSE_BASE_URL=%s
        LANGFUSE_PUBLIC_KEY=%s
        LANGFUSE_SECRET_KEY=%s
        """
            .formatted(server.url(), server.publicKey(), server.secretKey()));
  }
}
