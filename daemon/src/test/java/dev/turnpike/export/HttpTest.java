package dev.turnpike.export;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import org.junit.jupiter.api.Test;

class HttpTest {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  /** The client for plain HTTP knows no TLS: it must not stay when a server wants it. */
  @Test
  void plainAndSecureServersMayComeInAnyOrder() throws IOException {
    try (var server = new MockWebServer();
        var http = new Http(Map.of(), InstantSource.system())) {
      server.start();
      String place = "localhost:" + server.getPort() + "/";
      for (int i = 0; i < 2; i++) {
        server.enqueue(new MockResponse.Builder().body("plain").build());
        var answer = http.get("http://" + place, Map.of(), LIMIT);
        assertEquals("plain", ((HttpAnswer.Answered) answer).body());

        var silent = (HttpAnswer.Silent) http.get("https://" + place, Map.of(), LIMIT);
        assertTrue(silent.toString().contains("TLS"), silent::toString);
      }
    }
  }
}
