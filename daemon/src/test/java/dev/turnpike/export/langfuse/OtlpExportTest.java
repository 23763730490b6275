package dev.turnpike.export.langfuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.export.Encoded;
import dev.turnpike.export.SampleTraces;
import dev.turnpike.outbox.SendResult;
import dev.turnpike.testing.Fault;
import dev.turnpike.testing.Mode;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OtlpExportTest extends ExporterContract {
  @Override
  Mode mode() {
    return Mode.EVENTS_ONLY;
  }

  @Test
  void rowsHaveWhatLangfuseShowsAndPrices() {
    send(SampleTraces.turn("a"));
    var trace = langfuse.onlyTrace();
    assertEquals("Turn 3", trace.name());
    assertEquals("list files", trace.input());
    assertEquals("two files", trace.output());
    var root = trace.root().orElseThrow();
    assertEquals("AGENT", root.type());
    assertEquals(Map.of(), root.usage());
    var generation = trace.ofType("GENERATION").getFirst();
    assertEquals("claude-sonnet-4-5", generation.model());
    assertEquals(
        Map.of("input", 4L, "input_cached_tokens", 14000L, "output", 300L), generation.usage());
    assertEquals("0.0123", String.valueOf(generation.totalCost()));
    assertEquals("2026-11-20T10:00:00.021Z", generation.completionStart());
    assertEquals(
        Map.of("max_tokens", "32000", "service_tier", "standard"), generation.modelParameters());
    assertEquals(
        "{\"role\":\"assistant\",\"content\":[{\"type\":\"thinking\",\"thinking\":\"I need"
            + " ls\"},{\"type\":\"text\",\"text\":\"Let me look\"},"
            + "{\"type\":\"tool_use\",\"id\":\"toolu_1\",\"name\":\"Bash\",\"input\":{\"command\":\"ls\"}}]}",
        generation.output());
    var tool = trace.ofType("TOOL").getFirst();
    assertEquals("toolu_1", tool.metadata().get("tool_call_id"));
    assertEquals("ERROR", tool.level());
    assertEquals("exit 1", tool.statusMessage());
    assertEquals(1, trace.ofType("EVENT").size());
    for (var row : trace.rows()) {
      assertEquals("3f2b6c1e-8a55-4a3c-9d0e-6a1f4f6b8c11", row.sessionId());
      assertEquals("dev@example.com", row.userId());
      assertEquals(java.util.List.of("claude-code", "repo:shop"), row.tags());
      assertEquals("shop", row.metadata().get("repo"));
      assertEquals("2.1.5", row.version());
      assertEquals("1.2.0", row.release());
      assertEquals("default", row.environment());
    }
  }

  @Test
  void headersAreTheAgreedOnes() {
    send(SampleTraces.large("a", 5, 1000));
    var headers = langfuse.exports().getFirst().headers();
    assertEquals("4", headers.get("x-langfuse-ingestion-version"));
    assertEquals("turnpike", headers.get("x-langfuse-sdk-name"));
    assertEquals("0.1.0", headers.get("x-langfuse-sdk-version"));
    assertEquals("turnpike/0.1.0", headers.get("user-agent"));
    assertEquals("application/x-protobuf", headers.get("content-type"));
    assertEquals("gzip", headers.get("content-encoding"));
  }

  @Test
  void statusThatArrivedCountsAlsoIfTheBodyIsCut() {
    langfuse.faults(Fault.resetDuringAnswer());
    assertEquals(new SendResult.Accepted(), send(SampleTraces.turn("a")));
    assertEquals(0, langfuse.duplicates());
  }

  @Test
  void batchAboveTwoMebibytesIsNotSentAtOnce() {
    var result =
        exporter.encode(
            SampleTraces.batch(SampleTraces.large("a", 3, 800_000), destination.id()), destination);
    // Each output is cut to half a mebibyte, so three of them stay below; five do not.
    assertInstanceOf(Encoded.Ready.class, result);
    assertInstanceOf(
        Encoded.TooLarge.class,
        exporter.encode(
            SampleTraces.batch(SampleTraces.large("a", 5, 800_000), destination.id()),
            destination));
  }

  @Test
  void serverWithoutOtlpRouteAndWithoutVersionGetsClassic() {
    langfuse.become(Mode.legacy("3.10.0")).hideVersion();
    var wire = encoded(SampleTraces.turn("a"));
    assertInstanceOf(SendResult.OtherPath.class, exporter.send(wire, destination, credentials()));
    assertEquals(new SendResult.Accepted(), send(SampleTraces.turn("a")));
    assertEquals("classic", langfuse.rows().getFirst().source());
    langfuse.assertClean();
  }

  @Test
  void bytesForAnotherPathAreNotSentOnceTheVersionIsKnown() {
    langfuse.faults(Fault.status(503).onPath("/api/public/health"));
    langfuse.hideVersion();
    var wire = encoded(SampleTraces.turn("a"));
    exporter.close();
    langfuse.close();
    start();
    langfuse.become(Mode.legacy("3.40.0"));
    assertInstanceOf(SendResult.OtherPath.class, exporter.send(wire, destination, credentials()));
    assertTrue(langfuse.exports().isEmpty());
  }

  @Test
  void addressWithoutAnyLangfuseParksAndSaysSo() {
    langfuse.faults(Fault.status(404).onPath(".*"));
    assertInstanceOf(SendResult.OtherPath.class, send(SampleTraces.turn("a")));
    var result = assertInstanceOf(SendResult.Unauthorized.class, send(SampleTraces.turn("a")));
    assertTrue(result.reason().contains("LANGFUSE_BASE_URL"), result.reason());
  }

  @Test
  void healthIsAskedOnceForManyBatches() {
    for (String key : new String[] {"a", "b", "c"}) {
      send(SampleTraces.turn(key));
    }
    assertEquals(
        1,
        langfuse.requests().stream()
            .filter(request -> request.path().equals("/api/public/health"))
            .count());
    assertFalse(langfuse.rows().isEmpty());
  }

  @Test
  void unreachableHealthCheckDoesNotBlockTheExport() {
    langfuse.faults(Fault.closeOnAccept().onPath("/api/public/health"));
    assertEquals(new SendResult.Accepted(), send(SampleTraces.turn("a")));
  }
}
