package dev.turnpike.export.langfuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.turnpike.export.Attribute;
import dev.turnpike.export.SampleTraces;
import dev.turnpike.model.Content;
import dev.turnpike.model.Level;
import dev.turnpike.model.Observation;
import dev.turnpike.model.SpanId;
import dev.turnpike.model.TraceContext;
import dev.turnpike.model.Usage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LangfuseAttributesTest {
  private static final SpanId SPAN = new SpanId("00000000000000aa");

  @Test
  void bucketsGoOutUnderTheirPricedNamesWithoutTotal() {
    var usage =
        new Usage(
            Map.of(
                Usage.Bucket.INPUT, 10L,
                Usage.Bucket.INPUT_CACHE_CREATION_5M, 1000L,
                Usage.Bucket.INPUT_CACHE_CREATION_1H, 2000L,
                Usage.Bucket.INPUT_CACHED, 50000L,
                Usage.Bucket.OUTPUT, 800L));
    assertEquals(
        "{\"input\":10,\"input_cached_tokens\":50000,\"input_cache_creation_5m\":1000,\"input_cache_creation_1h\":2000,\"output\":800}",
        texts(generation("claude-opus-4-5", usage)).get("langfuse.observation.usage_details"));
  }

  @Test
  void unknownUsageOfAKnownModelIsZeroSoThatTheServerDoesNotCountByItself() {
    String zero = "{\"input\":0,\"output\":0}";
    assertEquals(zero, texts(generation("gpt-5", null)).get("langfuse.observation.usage_details"));
    assertEquals(
        zero, texts(generation("gpt-5", Usage.none())).get("langfuse.observation.usage_details"));
    assertFalse(texts(generation(null, null)).containsKey("langfuse.observation.usage_details"));
  }

  @Test
  void onlyGenerationsHaveModelAndUsage() {
    var span =
        new Observation.AgentSpan(
            SampleTraces.frame(SPAN, null, "turn", 0, 1, Level.WARNING),
            Content.prompt("p"),
            Content.NONE);
    assertEquals(
        Map.of(
            "langfuse.observation.type", "agent",
            "langfuse.observation.level", "WARNING",
            "langfuse.observation.input", "p"),
        texts(span));
  }

  @Test
  void noteWithDurationIsASpan() {
    var note =
        new Observation.Note(
            SampleTraces.frame(SPAN, SPAN, "compaction", 0, 5, Level.DEFAULT),
            Content.NONE,
            Content.NONE);
    assertEquals("span", texts(note).get("langfuse.observation.type"));
  }

  @Test
  void contextThatBreaksTheServersLimitsIsMadeToFit() {
    var context =
        new TraceContext(
            SampleTraces.AGENT,
            "s".repeat(300),
            "u".repeat(300),
            List.of("t".repeat(300)),
            "n".repeat(300),
            "Bad Environment!",
            null,
            null,
            Map.of("cwd", "c".repeat(300)));
    var texts = texts(LangfuseAttributes.context(context));
    assertEquals(64, texts.get("langfuse.session.id").length());
    assertEquals(200, texts.get("langfuse.user.id").length());
    assertEquals(200, texts.get("langfuse.trace.tags").length());
    assertEquals(200, texts.get("langfuse.trace.name").length());
    assertEquals(200, texts.get("langfuse.trace.metadata.cwd").length());
    assertFalse(texts.containsKey("langfuse.environment"));
    assertFalse(texts.containsKey("langfuse.release"));
  }

  private static Observation generation(@Nullable String model, @Nullable Usage usage) {
    return new Observation.Generation(
        SampleTraces.frame(SPAN, SPAN, "m", 0, 1, Level.DEFAULT),
        Content.NONE,
        Content.NONE,
        model,
        Map.of(),
        usage,
        null,
        null);
  }

  private static Map<String, String> texts(Observation observation) {
    return texts(LangfuseAttributes.observation(observation));
  }

  private static Map<String, String> texts(List<Attribute> attributes) {
    var texts = new HashMap<String, String>();
    for (Attribute attribute : attributes) {
      switch (attribute) {
        case Attribute.Text(var key, var value) -> texts.put(key, value);
        case Attribute.Texts(var key, var values) -> texts.put(key, String.join(",", values));
      }
    }
    return texts;
  }
}
