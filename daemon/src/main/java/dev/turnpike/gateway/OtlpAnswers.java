package dev.turnpike.gateway;

import dev.turnpike.gateway.HookUpload.Result;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers in the form of OTLP/HTTP: 200 with an empty message, or one that says how many spans were
 * left out, in the encoding of the request.
 */
final class OtlpAnswers {
  private static final Logger LOG = LoggerFactory.getLogger(OtlpAnswers.class);
  private static final String LEFT_OUT = "not valid spans, or of no agent that is traced here";
  private static final String RETRY_AFTER_SECONDS = "5";

  private final GatewayCounters counters;

  OtlpAnswers(GatewayCounters counters) {
    this.counters = counters;
  }

  Answer.Whole of(
      Request request, OtlpRoutes.Form form, @Nullable Result result, @Nullable Throwable failure) {
    if (result == null) {
      LOG.error("an export of spans could not be handled", failure);
      counters.refused("failed");
      return Answer.error(
          request, 500, "internal_error", "This is a bug in the daemon; its log has the details.");
    }
    return switch (result) {
      case Result.Received(var rejected) -> taken(form, rejected);
      case Result.Kept(_), Result.Off() -> taken(form, 0);
      case Result.Malformed(var problem) -> Answer.error(request, 400, "undecodable", problem);
      case Result.Unavailable(var reason) -> full(request, reason);
    };
  }

  private Answer.Whole full(Request request, String reason) {
    counters.refused("otlp_full");
    var error = Answer.error(request, 429, "full", reason);
    return new Answer.Whole(
        error.status(),
        error.contentType(),
        error.body(),
        Map.of("Retry-After", RETRY_AFTER_SECONDS));
  }

  static Answer.Whole taken(OtlpRoutes.Form form, int rejected) {
    byte[] body =
        switch (form.encoding()) {
          case JSON -> json(rejected).getBytes(StandardCharsets.UTF_8);
          case PROTOBUF -> rejected == 0 ? new byte[0] : partial(rejected);
        };
    return new Answer.Whole(200, form.contentType(), body, Map.of());
  }

  private static String json(int rejected) {
    return rejected == 0
        ? "{}"
        : "{\"partialSuccess\":{\"rejectedSpans\":\"%d\",\"errorMessage\":\"%s\"}}"
            .formatted(rejected, LEFT_OUT);
  }

  /** {@code partial_success = 1 {rejected_spans = 1, error_message = 2}}. */
  private static byte[] partial(int rejected) {
    var inner = new ByteArrayOutputStream();
    inner.write(0x08);
    varint(inner, rejected);
    byte[] message = LEFT_OUT.getBytes(StandardCharsets.UTF_8);
    inner.write(0x12);
    varint(inner, message.length);
    inner.writeBytes(message);
    var out = new ByteArrayOutputStream();
    out.write(0x0A);
    varint(out, inner.size());
    out.writeBytes(inner.toByteArray());
    return out.toByteArray();
  }

  private static void varint(ByteArrayOutputStream out, int value) {
    int rest = value;
    while (rest > 0x7F) {
      out.write((rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    out.write(rest);
  }
}
