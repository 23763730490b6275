package dev.turnpike.export;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.config.Destination;
import dev.turnpike.config.ExporterChoice;
import dev.turnpike.outbox.SendResult;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.Optional;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When a server says how long it wants to be left alone, or says something absurd. */
class RetryAfterTest {
  private static final Instant NOW = Instant.parse("2026-11-21T10:15:00Z");
  private static final Duration UNSAID = Duration.ofSeconds(30);
  private static final Duration MOST = Duration.ofMinutes(5);

  private final MockWebServer server = new MockWebServer();
  private final Http http = new Http(Map.of(), () -> NOW);

  @BeforeEach
  void start() throws Exception {
    server.start();
  }

  @AfterEach
  void stop() {
    http.close();
    server.close();
  }

  private Optional<Duration> waitAfter(int status, String header, Optional<Instant> serversClock) {
    var response = new MockResponse.Builder().code(status).addHeader("Retry-After", header);
    serversClock.ifPresent(at -> response.addHeader("Date", date(at)));
    server.enqueue(response.build());
    HttpAnswer answer = http.get(server.url("/").toString(), Map.of(), Duration.ofSeconds(20));
    var destination = Destination.of("https://a.example", "pk-lf-1", ExporterChoice.AUTO);
    return assertInstanceOf(
            SendResult.RetryLater.class, Statuses.meaning(answer, destination), header)
        .notBefore();
  }

  private Optional<Duration> limited(String header) {
    return waitAfter(429, header, Optional.empty());
  }

  private static String date(Instant at) {
    return DateTimeFormatter.RFC_1123_DATE_TIME.format(at.atOffset(ZoneOffset.UTC));
  }

  @Test
  void secondsAndDatesAreObeyed() {
    assertEquals(Optional.of(Duration.ofSeconds(7)), limited("7"));
    assertEquals(Optional.of(Duration.ofSeconds(90)), limited(date(NOW.plusSeconds(90))));
  }

  @Test
  void aDateIsMeantByTheServersClock() {
    Instant wrong = NOW.plus(Duration.ofHours(3));
    assertEquals(
        Optional.of(Duration.ofSeconds(20)),
        waitAfter(429, date(wrong.plusSeconds(20)), Optional.of(wrong)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "301",
        "86400",
        "999999999",
        "99999999999999999999",
        "Fri, 31 Dec 9999 23:59:59 GMT"
      })
  void whatIsTooLongIsCut(String header) {
    assertEquals(Optional.of(MOST), limited(header));
    assertEquals(Optional.of(MOST), waitAfter(503, header, Optional.empty()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "-5",
        "1.5",
        "soon",
        "",
        "1e3",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "7; drop table"
      })
  void whatSaysNothingIsLeftToOurOwnPatience(String header) {
    assertEquals(Optional.of(UNSAID), limited(header));
    assertEquals(Optional.empty(), waitAfter(503, header, Optional.empty()));
  }

  @Test
  void theReasonSaysThatItGoesOnByItself() {
    server.enqueue(new MockResponse.Builder().code(429).build());
    HttpAnswer answer = http.get(server.url("/").toString(), Map.of(), Duration.ofSeconds(20));
    var destination = Destination.of("https://a.example", "pk-lf-1", ExporterChoice.AUTO);
    var later =
        assertInstanceOf(SendResult.RetryLater.class, Statuses.meaning(answer, destination));
    assertTrue(later.reason().startsWith("HTTP 429"), later.reason());
    assertTrue(later.reason().contains("goes on by itself"), later.reason());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<html><h1>400 Bad Request</h1>The plain HTTP request was sent to HTTPS port</html>",
        "<p>Reason: You're speaking plain HTTP to an SSL-enabled server port.</p>",
        "Client sent an HTTP request to an HTTPS server.\n"
      })
  void plainHttpToATlsPortIsNoReasonToBuryATurn(String body) {
    server.enqueue(new MockResponse.Builder().code(400).body(body).build());
    HttpAnswer answer = http.get(server.url("/").toString(), Map.of(), Duration.ofSeconds(20));
    var destination = Destination.of("http://a.example", "pk-lf-1", ExporterChoice.AUTO);
    var parked =
        assertInstanceOf(SendResult.Unauthorized.class, Statuses.meaning(answer, destination));
    assertTrue(parked.reason().contains("https://"), parked.reason());
  }
}
