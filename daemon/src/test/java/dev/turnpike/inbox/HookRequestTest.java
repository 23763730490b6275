package dev.turnpike.inbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.inbox.HookRequest.Fault;
import dev.turnpike.inbox.HookRequest.Parsed;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class HookRequestTest {
  static final UnaryOperator<Map<String, String>> WITHOUT_SECRETS =
      said -> {
        var kept = new HashMap<>(said);
        kept.keySet().removeIf(name -> name.contains("SECRET"));
        return kept;
      };

  static final String HEAD =
      """
      POST /v1/events/claude-code HTTP/1.1
      Host: turnpike
      Content-Type: application/octet-stream
      Content-Length: 4
      Turnpike-Protocol: 1
      Turnpike-Event-Id: 1795178881436000000-4711
      Turnpike-Time: 1795178881436000007
      Turnpike-Cwd: /home/dev/my%20shop/%C3%A4%25
      Turnpike-Parent-Pid: 4700
      Turnpike-Client: 0.1.0
      Turnpike-Event: stop
      Turnpike-Env: TRACE_TO_LANGFUSE=true
      Turnpike-Env: LANGFUSE_SECRET_KEY=sk-lf-1
      Turnpike-Env: EMPTY=

      """
          .replace("\n", "\r\n");

  static Parsed parse(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return HookRequest.parse(bytes, bytes.length, WITHOUT_SECRETS);
  }

  private static void invalid(Fault fault, String text) {
    assertEquals(fault, assertInstanceOf(Parsed.Invalid.class, parse(text)).fault());
  }

  @Test
  void everyFieldIsRead() {
    var valid = assertInstanceOf(Parsed.Valid.class, parse(HEAD + "body"));
    HookRequest request = valid.request();
    assertEquals(HEAD.length(), valid.headBytes());
    assertEquals("claude-code", request.agent().value());
    assertEquals("1795178881436000000-4711", request.id().value());
    assertEquals(Instant.ofEpochSecond(1795178881L, 436000007L), request.at());
    assertEquals("/home/dev/my shop/\u00e4%", request.caller().cwd());
    assertEquals(4700, request.caller().parentPid());
    assertEquals("stop", request.caller().eventName());
    assertFalse(request.caller().truncated());
    assertEquals(4, request.contentLength());
  }

  @Test
  void whatTheClientLeftOutIsCounted() {
    assertEquals(
        Map.of(), assertInstanceOf(Parsed.Valid.class, parse(HEAD)).request().shortfalls());
    String cut =
        HEAD.replace(
            "Turnpike-Env: EMPTY=", "Turnpike-Env-Dropped: 3\r\nTurnpike-Truncated: 16777216");
    assertEquals(
        Map.of("hook.variables_left_out", 3L, "hook.body_truncated", 1L),
        assertInstanceOf(Parsed.Valid.class, parse(cut)).request().shortfalls());
    invalid(Fault.NUMBER, HEAD.replace("Turnpike-Env: EMPTY=", "Turnpike-Env-Dropped: many"));
  }

  @Test
  void secretsReachTheConsentAndNothingElse() {
    HookRequest request = assertInstanceOf(Parsed.Valid.class, parse(HEAD)).request();
    assertEquals("sk-lf-1", request.environment().get("LANGFUSE_SECRET_KEY"));
    assertEquals(Map.of("TRACE_TO_LANGFUSE", "true", "EMPTY", ""), request.caller().environment());
    assertFalse(request.toString().contains("sk-lf-1"));
  }

  @Test
  void eachFaultHasItsName() {
    invalid(Fault.HEAD_INCOMPLETE, HEAD.substring(0, HEAD.length() - 3));
    invalid(Fault.HEAD_TOO_LONG, "POST /" + "x".repeat(200_000));
    invalid(Fault.REQUEST_LINE, HEAD.replace("POST", "GET"));
    invalid(Fault.REQUEST_LINE, HEAD.replace(" HTTP/1.1", ""));
    invalid(Fault.PATH, HEAD.replace("/v1/events/", "/v2/events/"));
    invalid(Fault.AGENT_NAME, HEAD.replace("claude-code", "../../etc"));
    invalid(Fault.HEADER_LINE, HEAD.replace("Host: turnpike", "Host"));
    invalid(Fault.EVENT_ID, HEAD.replace("Turnpike-Event-Id: ", "Turnpike-Event-Id: a/b"));
    invalid(Fault.EVENT_ID, HEAD.replace("Turnpike-Event-Id", "Other"));
    invalid(Fault.TIME, HEAD.replace("Turnpike-Time", "Other"));
    invalid(Fault.NUMBER, HEAD.replace("Turnpike-Time: 17", "Turnpike-Time: -17"));
    invalid(Fault.NUMBER, HEAD.replace("Pid: 4700", "Pid: 99999999999999999999"));
    invalid(Fault.ENCODING, HEAD.replace("%C3", "%G3"));
    invalid(Fault.ENCODING, HEAD.replace("%25", "%2"));
    invalid(Fault.ENVIRONMENT, HEAD.replace("EMPTY=", "EMPTY"));
  }

  @Test
  void aNewerProtocolIsNoReasonToRefuse() {
    HookRequest request =
        assertInstanceOf(
                Parsed.Valid.class,
                parse(HEAD.replace("Protocol: 1", "Protocol: 7\r\nTurnpike-New: x")))
            .request();
    assertEquals(7, request.protocol());
  }

  @Test
  void anyByteSurvivesOrIsReplaced() {
    var encoded = new StringBuilder();
    for (int b = 1; b < 128; b++) {
      encoded.append('%').append(String.format(Locale.ROOT, "%02X", b));
    }
    String decoded = Percent.decode(encoded.toString()).orElseThrow();
    assertEquals(127, decoded.length());
    for (int b = 1; b < 128; b++) {
      assertEquals(b, decoded.charAt(b - 1));
    }
    assertEquals("\ufffd", Percent.decode("%FF").orElseThrow());
    assertTrue(Percent.decode("%").isEmpty());
  }

  @Test
  void damagedHeadsNeverThrow() {
    var random = new Random(11);
    byte[] head = HEAD.getBytes(StandardCharsets.UTF_8);
    for (int round = 0; round < 20_000; round++) {
      byte[] damaged = head.clone();
      for (int hit = 0; hit < 3; hit++) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      }
      Parsed parsed =
          HookRequest.parse(damaged, random.nextInt(damaged.length + 1), WITHOUT_SECRETS);
      assertTrue(parsed instanceof Parsed.Valid || parsed instanceof Parsed.Invalid);
    }
  }
}
