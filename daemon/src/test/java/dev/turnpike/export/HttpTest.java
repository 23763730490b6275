package dev.turnpike.export;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.testing.RawServer;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HttpTest {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  /** The client for plain HTTP knows no TLS: it must not stay when a server wants it. */
  @Test
  void plainAndSecureServersMayComeInAnyOrder() {
    try (var server = RawServer.start(HttpTest::plain);
        var http = new Http(Map.of(), InstantSource.system())) {
      String place = "localhost:" + server.port() + "/";
      for (int i = 0; i < 2; i++) {
        var answer = http.get("http://" + place, Map.of(), LIMIT);
        assertEquals("plain", ((HttpAnswer.Answered) answer).body());

        var silent = (HttpAnswer.Silent) http.get("https://" + place, Map.of(), LIMIT);
        assertTrue(silent.toString().contains("TLS"), silent::toString);
      }
    }
  }

  /** Says the same to a request and to a TLS handshake. */
  private static void plain(Socket caller) throws IOException {
    caller.getInputStream().read(new byte[8192]);
    String answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nplain";
    caller.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
  }
}
