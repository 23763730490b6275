package dev.turnpike.export.langfuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.turnpike.config.Destination;
import dev.turnpike.config.ExporterChoice;
import dev.turnpike.export.Http;
import dev.turnpike.export.WirePath;
import dev.turnpike.testing.FakeLangfuse;
import dev.turnpike.testing.Mode;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ServerPathsTest {
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-11-20T10:00:00Z"));
  private final FakeLangfuse langfuse = FakeLangfuse.start(Mode.legacy("3.58.9"));
  private final Http http = new Http(Map.of(), now::get);
  private final ServerPaths paths = new ServerPaths(http, Map.of(), now::get);
  private final Destination auto = destination(ExporterChoice.AUTO);

  @AfterEach
  void stop() {
    http.close();
    langfuse.close();
  }

  private Destination destination(ExporterChoice choice) {
    return Destination.of(langfuse.url(), "pk-lf-test", choice);
  }

  @Test
  void versionDecides() {
    assertEquals(WirePath.CLASSIC, paths.choose(auto).path());
  }

  @Test
  void upgradedServerIsNoticedWithinTheHour() {
    paths.choose(auto);
    langfuse.become(Mode.legacy("3.59.0"));
    now.updateAndGet(time -> time.plus(Duration.ofMinutes(59)));
    assertEquals(WirePath.CLASSIC, paths.choose(auto).path());
    now.updateAndGet(time -> time.plus(Duration.ofMinutes(1)));
    assertEquals(WirePath.OTLP, paths.choose(auto).path());
  }

  @Test
  void doubtAsksAtOnce() {
    paths.choose(auto);
    langfuse.become(Mode.EVENTS_ONLY);
    paths.doubt(auto);
    assertEquals(WirePath.OTLP, paths.choose(auto).path());
  }

  @Test
  void serverThatSaysNothingGetsOtlpUntilProvenWrong() {
    langfuse.hideVersion();
    assertEquals(WirePath.OTLP, paths.choose(auto).path());
    assertFalse(paths.choose(auto).certain());
    paths.learn(auto, WirePath.CLASSIC);
    assertEquals(WirePath.CLASSIC, paths.choose(auto).path());
  }

  @Test
  void settingWinsUnlessTheServerRefusesIt() {
    assertEquals(WirePath.OTLP, paths.choose(destination(ExporterChoice.OTLP)).path());
    langfuse.become(Mode.EVENTS_ONLY);
    var classic = destination(ExporterChoice.CLASSIC);
    assertEquals(WirePath.CLASSIC, paths.choose(classic).path());
    paths.learn(classic, WirePath.OTLP);
    assertEquals(WirePath.OTLP, paths.choose(classic).path());
  }

  @Test
  void lastKnownVersionOutlivesASilentHealthCheck() {
    paths.choose(auto);
    langfuse.down();
    now.updateAndGet(time -> time.plus(Duration.ofHours(2)));
    assertEquals(WirePath.CLASSIC, paths.choose(auto).path());
  }
}
