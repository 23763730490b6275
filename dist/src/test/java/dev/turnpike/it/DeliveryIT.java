package dev.turnpike.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnpike.testing.FakeLangfuse;
import dev.turnpike.testing.Fault;
import dev.turnpike.testing.Mode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens between the outbox and a server that is not well. */
class DeliveryIT {
  @TempDir Path temp;

  @Test
  void whatWasDoneWhileTheServerWasDownArrivesOnceWhenItIsBack() throws Exception {
    try (var place = Workplace.open(temp);
        var server = FakeLangfuse.start(Mode.EVENTS_ONLY)) {
      server.down();
      place.play("multi-tool", RunningDaemon.tracedTo(server));
      place.play("subagent", RunningDaemon.tracedTo(server));
      place.daemon().post("/v1/flush?wait=1s");
      JsonNode waiting = place.onlyDestination("langfuse");
      assertEquals(2, waiting.path("queuedBatches").asInt(), waiting::toString);
      assertFalse(waiting.path("lastError").asText().isEmpty(), waiting::toString);

      place.daemon().terminate();
      place.daemon().restart();
      place.play("background-subagent", RunningDaemon.tracedTo(server));
      server.up();
      place.daemon().post("/v1/outbox/retry");
      place.daemon().flush();
      place.assertAllIsThere(server);
    }
  }

  @Test
  void refusedKeysParkAndTheRightOnesUnpark() throws Exception {
    try (var place = Workplace.open(temp);
        var server = FakeLangfuse.start(Mode.EVENTS_ONLY)) {
      Map<String, String> right = RunningDaemon.tracedTo(server);
      place.play("multi-tool", Workplace.with(right, "LANGFUSE_SECRET_KEY", "sk-lf-wrong"));
      place.daemon().flush();
      JsonNode parked = place.onlyDestination("langfuse");
      assertFalse(parked.path("parked").asText().isEmpty(), parked::toString);
      assertEquals(0, server.rows().size());

      // the next turn brings the right ones
      place.play("simple-turn", right);
      Await.until(
          "it is no longer parked",
          RunningDaemon.PATIENCE,
          () -> place.onlyDestination("langfuse").path("parked").isMissingNode());
      place.daemon().flush();
      place.assertAllIsThere(server);
    }
  }

  @Test
  void aServerThatHitsEveryFaultStillGetsEverything() throws Exception {
    try (var place = Workplace.open(temp);
        var server = FakeLangfuse.start(Mode.EVENTS_ONLY)) {
      server.faults(
          Fault.status(503).times(1),
          Fault.status(429).retryAfter(1).times(1),
          Fault.closeOnAccept().times(1),
          Fault.resetDuringRequest(100).times(1));
      place.play("multi-tool", RunningDaemon.tracedTo(server));
      place.play("nested-subagents", RunningDaemon.tracedTo(server));
      place.daemon().flush();
      place.assertAllIsThere(server);
    }
  }

  @Test
  void anOrderlyStopDoesNotWaitForASlowServerAndLosesNothing() throws Exception {
    try (var place = Workplace.open(temp);
        var server = FakeLangfuse.start(Mode.EVENTS_ONLY)) {
      server.faults(Fault.hang());
      place.play("subagent", RunningDaemon.tracedTo(server));
      place.play("multi-tool", RunningDaemon.tracedTo(server));
      Await.until(
          "something is on its way", RunningDaemon.PATIENCE, () -> server.connections() > 0);
      long begun = System.nanoTime();
      place.daemon().terminate();
      System.out.printf(
          "stopped after %d ms, with a request on its way%n",
          Duration.ofNanos(System.nanoTime() - begun).toMillis());
      assertTrue(place.daemon().log().contains("told to stop"), place.daemon()::log);

      server.faults();
      place.daemon().restart();
      place.daemon().post("/v1/outbox/retry");
      place.daemon().flush();
      place.assertAllIsThere(server);
    }
  }

  @Test
  void theStopCommandIsAnOrderlyStopToo() throws Exception {
    try (var place = Workplace.open(temp);
        var server = FakeLangfuse.start(Mode.EVENTS_ONLY)) {
      place.play("parallel-tools", RunningDaemon.tracedTo(server));
      RunningDaemon.Said said = place.daemon().command("stop");
      assertEquals(0, said.exit(), said.text());
      assertEquals(0, place.daemon().awaitEnd());
      place.daemon().restart();
      place.daemon().flush();
      place.assertAllIsThere(server);
    }
  }
}
