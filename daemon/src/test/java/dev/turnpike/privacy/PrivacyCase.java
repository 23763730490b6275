package dev.turnpike.privacy;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.turnpike.config.PrivacyPolicy;
import dev.turnpike.model.AgentId;
import dev.turnpike.model.Content;
import dev.turnpike.model.Frame;
import dev.turnpike.model.Level;
import dev.turnpike.model.Message;
import dev.turnpike.model.Observation;
import dev.turnpike.model.Part;
import dev.turnpike.model.SpanId;
import dev.turnpike.model.Trace;
import dev.turnpike.model.TraceContext;
import dev.turnpike.model.TraceId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Small traces to be sealed. */
abstract class PrivacyCase {
  static final ObjectMapper JSON = new ObjectMapper();
  static final Instant START = Instant.parse("2026-11-20T10:00:00Z");
  static final SpanId ROOT = new SpanId("00000000000000a1");
  static final SpanId CHILD = new SpanId("00000000000000a2");
  static final String TOKEN = Secrets.byKind().get("github_token").getFirst();
  static final TraceContext CONTEXT =
      new TraceContext(
          new AgentId("claude-code"),
          "session-1",
          "dev@example.com",
          List.of("repo:shop"),
          "claude-code turn",
          null,
          null,
          null,
          Map.of("cwd", "/home/dev/shop"));

  static Frame frame(
      SpanId id, @Nullable SpanId parent, @Nullable String status, Map<String, String> metadata) {
    return new Frame(
        id, parent, "name", START, START.plusSeconds(1), Level.DEFAULT, status, metadata);
  }

  static Observation.AgentSpan root(Content input, Content output) {
    return new Observation.AgentSpan(frame(ROOT, null, null, Map.of()), input, output);
  }

  static Observation.ToolCall tool(Content input, Content output, @Nullable String status) {
    return new Observation.ToolCall(frame(CHILD, ROOT, status, Map.of()), "call-1", input, output);
  }

  static Observation.Generation generation(List<Message> input, Content output) {
    return new Observation.Generation(
        frame(CHILD, ROOT, null, Map.of()),
        new Content.Messages(input),
        output,
        "claude-opus-4-6",
        Map.of(),
        null,
        null,
        null);
  }

  static List<Observation> seal(PrivacyPolicy policy, Observation... observations) {
    var trace = new Trace(new TraceId("0".repeat(31) + "1"), CONTEXT, List.of(observations));
    return Privacy.seal(trace, policy).trace().observations();
  }

  static PrivacyPolicy limit(int chars) {
    return new PrivacyPolicy(chars, true, true, true, true, true, true);
  }

  static PrivacyPolicy nothing() {
    return new PrivacyPolicy(100_000, false, false, false, false, false, true);
  }

  static Content.Text text(Content content) {
    return assertInstanceOf(Content.Text.class, content);
  }

  static Part part(Content content, int message, int part) {
    return assertInstanceOf(Content.Messages.class, content)
        .messages()
        .get(message)
        .parts()
        .get(part);
  }
}
