package dev.turnpike.export.langfuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.config.Destination;
import dev.turnpike.config.ExporterChoice;
import dev.turnpike.export.SampleTraces;
import dev.turnpike.model.Trace;
import dev.turnpike.outbox.SendResult;
import dev.turnpike.testing.Fault;
import dev.turnpike.testing.Mode;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClassicExportTest extends ExporterContract {
  @Override
  Mode mode() {
    return Mode.legacy("3.40.0");
  }

  @Test
  void oldServerGetsTypesItKnows() {
    send(SampleTraces.turn("a"));
    var trace = langfuse.onlyTrace();
    assertEquals("SPAN", trace.root().orElseThrow().type());
    assertEquals(List.of(), trace.ofType("TOOL"));
    assertEquals(1, trace.ofType("GENERATION").size());
    assertEquals(1, trace.ofType("EVENT").size());
    assertEquals("list files", trace.input());
    assertEquals("3f2b6c1e-8a55-4a3c-9d0e-6a1f4f6b8c11", trace.sessionId());
    assertEquals(List.of("claude-code", "repo:shop"), trace.tags());
    assertNull(langfuse.exports().getFirst().headers().get("content-encoding"));
  }

  @Test
  void newerServerForcedToClassicGetsAgentsAndTools() {
    langfuse.become(Mode.DUAL);
    destination = Destination.of(langfuse.url(), langfuse.publicKey(), ExporterChoice.CLASSIC);
    assertEquals(new SendResult.Accepted(), send(SampleTraces.turn("a")));
    assertEquals("classic", langfuse.rows().getFirst().source());
    assertEquals("AGENT", langfuse.onlyTrace().root().orElseThrow().type());
    assertEquals(1, langfuse.onlyTrace().ofType("TOOL").size());
  }

  @Test
  void secondMajorVersionGetsUsageAsItKnowsIt() {
    langfuse.become(Mode.legacy("2.95.1"));
    send(SampleTraces.turn("a"));
    assertEquals(
        Map.of("input", 14004L, "output", 300L, "total", 14304L),
        langfuse.onlyTrace().ofType("GENERATION").getFirst().usage());
  }

  @Test
  void eventThatFailedForNowIsTriedAgainAlone() {
    langfuse.faults(Fault.failFirstEvent(500));
    var trace = SampleTraces.turn("a");
    var result = assertInstanceOf(SendResult.PartlyAccepted.class, send(trace));
    var rejection = result.rejections().getFirst();
    assertEquals(1, result.rejections().size());
    assertEquals(trace.observations().getFirst().frame().id(), rejection.span());
    assertEquals(false, rejection.permanent());
  }

  @Test
  void eventThatIsWrongIsNotTriedAgain() {
    langfuse.faults(Fault.failFirstEvent(400));
    var result = assertInstanceOf(SendResult.PartlyAccepted.class, send(SampleTraces.turn("a")));
    assertTrue(result.rejections().getFirst().permanent());
  }

  @Test
  void eventWithoutAccessParks() {
    langfuse.faults(Fault.failFirstEvent(401));
    assertInstanceOf(SendResult.Unauthorized.class, send(SampleTraces.turn("a")));
  }

  @Test
  void nothingButPassingFailuresIsRetriedAsAWhole() {
    langfuse.faults(Fault.failFirstEvent(503));
    var whole = SampleTraces.turn("a");
    var tool = new Trace(whole.id(), whole.context(), List.of(whole.observations().get(1)));
    expectRetry(send(tool));
  }

  @Test
  void serverThatStoppedTakingClassicGetsOtlp() {
    var wire = encoded(SampleTraces.turn("a"));
    langfuse.become(Mode.EVENTS_ONLY);
    assertInstanceOf(SendResult.OtherPath.class, exporter.send(wire, destination, credentials()));
    assertEquals(new SendResult.Accepted(), send(SampleTraces.turn("a")));
    assertEquals("otlp", langfuse.rows().getFirst().source());
    langfuse.assertClean();
  }

  @Test
  void answerThatIsCutOffIsRetried() {
    langfuse.faults(Fault.resetDuringAnswer());
    expectRetry(send(SampleTraces.turn("a")));
  }

  @Test
  void answerThatForgetsEventsIsRetried() {
    langfuse.faults(Fault.status(207).body("{\"successes\":[],\"errors\":[]}"));
    var result = expectRetry(send(SampleTraces.turn("a")));
    assertTrue(result.reason().contains("0 of 5"), result.reason());
  }

  @Test
  void partWithoutRootDoesNotFixTheTracesTime() {
    var whole = SampleTraces.turn("a");
    var child = new Trace(whole.id(), whole.context(), List.of(whole.observations().get(1)));
    assertEquals(new SendResult.Accepted(), send(child));
    assertEquals(List.of(), langfuse.traces());
    assertEquals(1, langfuse.rows().size());
  }
}
