package dev.turnpike.export.langfuse;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.turnpike.export.Statuses;
import dev.turnpike.model.SpanId;
import dev.turnpike.outbox.Rejection;
import dev.turnpike.outbox.SendResult;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The 207 of classic ingestion: HTTP success that may hide a refusal of every event in it.
 *
 * <pre>
 * {"successes":[{"id":"tp1...","status":201}],"errors":[{"id":"tp1...","status":400,"message":"...","error":"..."}]}
 * </pre>
 */
final class ClassicAnswer {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String WRONG_PATH = "Event type not accepted";
  private static final int LIMIT_REASON_CHARS = 200;

  private ClassicAnswer() {}

  /**
   * @param events how many were sent
   */
  static SendResult meaning(String body, int events) {
    JsonNode answer;
    try {
      answer = JSON.readTree(body);
    } catch (JsonProcessingException e) {
      return new SendResult.RetryLater("the 207 answer is no JSON", Optional.empty());
    }
    int accepted = answer.path("successes").size();
    JsonNode errors = answer.path("errors");
    if (accepted + errors.size() < events) {
      // Repeating is harmless here (equal ids overwrite), believing in silence is not.
      return new SendResult.RetryLater(
          "answered for " + (accepted + errors.size()) + " of " + events + " events",
          Optional.empty());
    }
    return errors.isEmpty() ? new SendResult.Accepted() : refusals(errors, accepted);
  }

  private static SendResult refusals(JsonNode errors, int accepted) {
    Map<SpanId, Rejection> rejections = new LinkedHashMap<>();
    boolean anyPermanent = false;
    for (JsonNode error : errors) {
      int status = error.path("status").asInt();
      String reason = reason(error, status);
      if (error.path("message").asText("").equals(WRONG_PATH)) {
        return new SendResult.OtherPath(WRONG_PATH + " by classic ingestion");
      }
      if (status == 401 || status == 403) {
        return new SendResult.Unauthorized(reason, Statuses.RECHECK_KEYS);
      }
      Optional<SpanId> span = ClassicEncoder.spanOf(error.path("id").asText(""));
      if (span.isEmpty()) {
        return new SendResult.Refused(reason);
      }
      boolean permanent = status < 500 && status != 408 && status != 429;
      anyPermanent |= permanent;
      rejections.merge(
          span.get(),
          new Rejection(span.get(), reason, permanent),
          (first, second) -> first.permanent() ? first : second);
    }
    if (accepted == 0 && !anyPermanent) {
      return new SendResult.RetryLater(
          rejections.values().iterator().next().reason(), Optional.empty());
    }
    return new SendResult.PartlyAccepted(rejections.values().stream().toList());
  }

  private static String reason(JsonNode error, int status) {
    String message = error.path("message").asText("");
    String detail = error.path("error").asText("").replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
    String text =
        "event refused with " + status + ": " + message + (detail.isEmpty() ? "" : " " + detail);
    return Limits.cut(text, LIMIT_REASON_CHARS);
  }
}
