package dev.turnpike.export.langfuse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.config.Credentials;
import dev.turnpike.config.Destination;
import dev.turnpike.config.ExporterChoice;
import dev.turnpike.export.Encoded;
import dev.turnpike.export.Http;
import dev.turnpike.export.SampleTraces;
import dev.turnpike.export.Wire;
import dev.turnpike.model.Trace;
import dev.turnpike.outbox.SendResult;
import dev.turnpike.platform.HostFacts;
import dev.turnpike.testing.FakeLangfuse;
import dev.turnpike.testing.Fault;
import dev.turnpike.testing.Mode;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every path of an exporter must make of what a server or the network does. */
abstract class ExporterContract {
  /** Long for a machine at work; whoever waits for it to pass takes a short one. */
  static final Duration CALL_LIMIT = Duration.ofSeconds(30);

  FakeLangfuse langfuse;
  Http http;
  LangfuseExporter exporter;
  Destination destination;

  abstract Mode mode();

  @BeforeEach
  void start() {
    langfuse = FakeLangfuse.start(mode());
    http = new Http(Map.of(), InstantSource.system());
    exporter = exporter(CALL_LIMIT);
    destination = Destination.of(langfuse.url(), langfuse.publicKey(), ExporterChoice.AUTO);
  }

  @AfterEach
  void stop() {
    exporter.close();
    langfuse.close();
  }

  LangfuseExporter exporter(Duration callLimit) {
    return new LangfuseExporter(
        http,
        new HostFacts("devbox", "linux", "dev", 1000),
        "0.1.0",
        InstantSource.system(),
        callLimit);
  }

  Credentials credentials() {
    return new Credentials(langfuse.publicKey(), langfuse.secretKey());
  }

  Wire encoded(Trace trace) {
    return assertInstanceOf(
            Encoded.Ready.class,
            exporter.encode(SampleTraces.batch(trace, destination.id()), destination))
        .wire();
  }

  SendResult send(Trace trace) {
    return exporter.send(encoded(trace), destination, credentials());
  }

  SendResult.RetryLater expectRetry(SendResult result) {
    return assertInstanceOf(SendResult.RetryLater.class, result);
  }

  @Test
  void wholeTurnIsAccepted() {
    assertEquals(new SendResult.Accepted(), send(SampleTraces.turn("a")));
    assertEquals(4, langfuse.rows().size());
    langfuse.assertClean();
  }

  @Test
  void sameTraceIsEncodedToTheSameBytes() {
    assertArrayEquals(
        encoded(SampleTraces.turn("a")).body(), encoded(SampleTraces.turn("a")).body());
  }

  @Test
  void wrongKeysParkTheDestination() {
    langfuse.keys("pk-lf-test", "sk-lf-other");
    var wire = encoded(SampleTraces.turn("a"));
    var result =
        assertInstanceOf(
            SendResult.Unauthorized.class,
            exporter.send(wire, destination, new Credentials("pk-lf-test", "sk-lf-test")));
    assertEquals(Duration.ofMinutes(15), result.recheck());
    assertTrue(result.reason().contains("Invalid credentials"), result.reason());
    assertFalse(result.reason().contains("sk-lf"), result.reason());
  }

  @Test
  void suspendedIngestionParksForAnHour() {
    langfuse.faults(Fault.status(403));
    var result = assertInstanceOf(SendResult.Unauthorized.class, send(SampleTraces.turn("a")));
    assertEquals(Duration.ofHours(1), result.recheck());
    assertTrue(result.reason().contains("Ingestion suspended"), result.reason());
  }

  @Test
  void tooLargeIsSaidSo() {
    langfuse.faults(Fault.status(413));
    assertInstanceOf(SendResult.TooLarge.class, send(SampleTraces.turn("a")));
  }

  @Test
  void rateLimitIsObeyed() {
    langfuse.faults(Fault.status(429).retryAfter(7));
    assertEquals(
        Optional.of(Duration.ofSeconds(7)), expectRetry(send(SampleTraces.turn("a"))).notBefore());
  }

  @Test
  void rateLimitWithoutATimeWaitsHalfAMinuteAndNeverMoreThanFive() {
    langfuse.faults(Fault.status(429).times(1), Fault.status(429).retryAfter(86_400));
    assertEquals(
        Optional.of(Duration.ofSeconds(30)), expectRetry(send(SampleTraces.turn("a"))).notBefore());
    assertEquals(
        Optional.of(Duration.ofMinutes(5)), expectRetry(send(SampleTraces.turn("a"))).notBefore());
  }

  @Test
  void passingTroubleOfTheServerIsRetried() {
    for (int status : new int[] {408, 500, 502, 503, 504, 529}) {
      langfuse.faults(Fault.status(status));
      var result = expectRetry(send(SampleTraces.turn("a")));
      assertEquals(Optional.empty(), result.notBefore());
      assertTrue(result.reason().startsWith("HTTP " + status), result.reason());
    }
  }

  @Test
  void malformedIsNotRetried() {
    for (int status : new int[] {400, 405, 422}) {
      langfuse.faults(Fault.status(status));
      assertInstanceOf(SendResult.Refused.class, send(SampleTraces.turn("a")), "status " + status);
    }
  }

  @Test
  void redirectIsNotFollowedAndNamesItsTarget() {
    langfuse.faults(Fault.status(301).location("https://login.example.com/x?y=z"));
    var result = assertInstanceOf(SendResult.Unauthorized.class, send(SampleTraces.turn("a")));
    assertTrue(result.reason().contains("login.example.com;"), result.reason());
    assertEquals(1, langfuse.exports().size());
  }

  @Test
  void logInPageOfANetworkIsNotSuccess() {
    langfuse.faults(Fault.status(200).body("<html>Welcome to the train's network</html>"));
    expectRetry(send(SampleTraces.turn("a")));
  }

  @Test
  void noAnswerInTimeIsRetried() {
    langfuse.faults(Fault.hang());
    Wire wire = encoded(SampleTraces.turn("a"));
    LangfuseExporter impatient = exporter(Duration.ofMillis(700));
    var result = expectRetry(impatient.send(wire, destination, credentials()));
    assertTrue(result.reason().contains("no answer"), result.reason());
  }

  @Test
  void connectionLostBeforeTheBodyIsRetried() {
    langfuse.faults(Fault.closeOnAccept());
    expectRetry(send(SampleTraces.turn("a")));
  }

  @Test
  void connectionCutDuringTheBodyIsRetried() {
    langfuse.faults(Fault.resetDuringRequest(20));
    expectRetry(send(SampleTraces.large("a", 40, 20_000)));
    assertEquals(0, langfuse.rows().size());
  }

  @Test
  void lostAnswerIsFollowedByTheSameBytes() {
    langfuse.faults(Fault.dropAnswer().stored().times(1));
    var wire = encoded(SampleTraces.turn("a"));
    expectRetry(exporter.send(wire, destination, credentials()));
    var again = Wire.parse(wire.toBytes()).orElseThrow();
    assertEquals(new SendResult.Accepted(), exporter.send(again, destination, credentials()));
    assertArrayEquals(langfuse.exports().get(0).body(), langfuse.exports().get(1).body());
    assertEquals(4, langfuse.duplicates());
    assertEquals(0, langfuse.divergentDuplicates());
  }

  @Test
  void serverThatIsNotThereIsRetried() {
    langfuse.down();
    var result = expectRetry(send(SampleTraces.turn("a")));
    assertTrue(result.reason().contains("cannot connect"), result.reason());
  }

  @Test
  void closedExporterRetriesLater() {
    var wire = encoded(SampleTraces.turn("a"));
    exporter.close();
    expectRetry(exporter.send(wire, destination, credentials()));
  }

  @Test
  void echoedSecretIsNotPassedOn() {
    langfuse.faults(Fault.status(500).body("{\"message\":\"bad key sk-lf-test\"}"));
    assertFalse(expectRetry(send(SampleTraces.turn("a"))).reason().contains("sk-lf-test"));
  }
}
