package dev.turnpike.testing;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** An answer of the stand-in, with the bodies that the real server has for it. */
record Reply(int status, Map<String, String> headers, byte[] body) {
  static final String HOST_HINT = ". Confirm that you've configured the correct host.";
  private static final ObjectMapper JSON = new ObjectMapper();

  static Reply json(int status, String text) {
    return new Reply(
        status,
        Map.of("Content-Type", "application/json; charset=utf-8"),
        text.getBytes(StandardCharsets.UTF_8));
  }

  static Reply message(int status, String message) {
    return json(status, JSON.createObjectNode().put("message", message).toString());
  }

  static Reply text(int status, String text) {
    return new Reply(
        status, Map.of("Content-Type", "text/plain"), text.getBytes(StandardCharsets.UTF_8));
  }

  static Reply of(Fault fault) {
    String usual =
        switch (fault.status()) {
          case 401 -> "{\"message\":\"Invalid credentials" + HOST_HINT + "\"}";
          case 403 ->
              "{\"message\":\"Ingestion suspended: Usage threshold"
                  + " exceeded.\",\"error\":\"ForbiddenError\"}";
          case 413 -> "Body exceeded 4.5mb limit";
          case 429 -> "{\"message\":\"Rate limit exceeded\",\"code\":\"rate_limited\"}";
          default -> "{\"message\":\"injected\",\"error\":\"injected\"}";
        };
    String body = fault.body().orElse(usual);
    var headers = new HashMap<String, String>();
    headers.put(
        "Content-Type",
        body.startsWith("<")
            ? "text/html"
            : body.startsWith("{") ? "application/json" : "text/plain");
    fault.retryAfter().ifPresent(header -> headers.put("Retry-After", header));
    fault.location().ifPresent(url -> headers.put("Location", url));
    return new Reply(fault.status(), headers, body.getBytes(StandardCharsets.UTF_8));
  }
}
