package dev.turnpike.cli.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.cli.doctor.Finding.Level;
import dev.turnpike.config.Credentials;
import dev.turnpike.config.Destination;
import dev.turnpike.config.ExporterChoice;
import dev.turnpike.config.Target;
import dev.turnpike.export.Http;
import dev.turnpike.testing.RefusingPort;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ServerTest {
  private static final Instant NOW = Instant.parse("2026-11-21T10:15:00Z");
  private static final String HEALTHY = "{\"status\":\"OK\",\"version\":\"4.16.0\"}";
  private static final String PROJECTS = "{\"data\":[{\"id\":\"p\",\"name\":\"shop\"}]}";

  private final MockWebServer langfuse = new MockWebServer();
  private final Http http = new Http(Map.of(), InstantSource.system());
  private final Server server = new Server(http, Duration.ofSeconds(5));

  @BeforeEach
  void start() throws Exception {
    langfuse.start();
  }

  @AfterEach
  void stop() {
    http.close();
    langfuse.close();
  }

  @Test
  void aHealthyServerThatKnowsTheKeysIsWell() throws Exception {
    answer(200, HEALTHY);
    answer(200, PROJECTS);
    List<Finding> found = judge();
    assertEquals(List.of(Level.OK, Level.OK), found.stream().map(Finding::level).toList());
    assertTrue(found.getFirst().text().contains("4.16.0"));
    assertTrue(found.getLast().text().contains("shop"));
    assertEquals(null, langfuse.takeRequest().getHeaders().get("Authorization"));
    assertEquals(
        "Basic "
            + Base64.getEncoder()
                .encodeToString("pk-lf-1:sk-lf-secret".getBytes(StandardCharsets.UTF_8)),
        langfuse.takeRequest().getHeaders().get("Authorization"));
  }

  @Test
  void refusedKeysAreAProblemAndStaySecret() {
    answer(200, HEALTHY);
    answer(401, "{\"message\":\"Invalid credentials\"}");
    List<Finding> found = judge();
    assertEquals(Level.PROBLEM, found.getLast().level());
    assertFalse(found.toString().contains("sk-lf-secret"));
  }

  @Test
  void somethingElseAtTheAddressIsAProblem() {
    answer(200, "<html>welcome</html>");
    answer(404, "no");
    List<Finding> found = judge();
    assertEquals(Level.PROBLEM, found.getFirst().level());
    assertTrue(found.getFirst().advice().contains("LANGFUSE_BASE_URL"));
    assertEquals(Level.WARNING, found.getLast().level());
  }

  @Test
  void aServerThatIsNotThereIsAProblemAndTheKeysAreNotTried() {
    try (var refusing = RefusingPort.any()) {
      List<Finding> found = server.judge(target("http://127.0.0.1:" + refusing.port()), NOW);
      assertEquals(1, found.size());
      assertEquals(Level.PROBLEM, found.getFirst().level());
      assertTrue(found.getFirst().advice().contains("nothing is lost"));
    }
  }

  @Test
  void aClockThatIsOffIsSaid() {
    langfuse.enqueue(
        new MockResponse.Builder()
            .code(200)
            .body(HEALTHY)
            .addHeader("Date", "Sat, 21 Nov 2026 10:00:00 GMT")
            .build());
    answer(200, PROJECTS);
    List<Finding> found = judge();
    assertEquals("clock", found.get(1).area());
    assertTrue(found.get(1).text().contains("900 s ahead"), found.get(1).text());
  }

  private List<Finding> judge() {
    return server.judge(target(langfuse.url("/").toString().replaceFirst("/$", "")), NOW);
  }

  private static Target.Remote target(String url) {
    return new Target.Remote(
        Destination.of(url, "pk-lf-1", ExporterChoice.AUTO),
        new Credentials("pk-lf-1", "sk-lf-secret"));
  }

  private void answer(int status, String body) {
    langfuse.enqueue(new MockResponse.Builder().code(status).body(body).build());
  }
}
