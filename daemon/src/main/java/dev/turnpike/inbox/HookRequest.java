package dev.turnpike.inbox;

import dev.turnpike.model.AgentId;
import dev.turnpike.model.Caller;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.Event;
import dev.turnpike.model.EventBody;
import dev.turnpike.model.EventId;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * The head of a hook client's request. The same text comes over the socket and lies in the spool:
 *
 * <pre>
 * POST /v1/events/claude-code HTTP/1.1
 * Host: turnpike
 * Content-Type: application/octet-stream
 * Content-Length: 312
 * Turnpike-Protocol: 1
 * Turnpike-Event-Id: 1795178881436000000-4711
 * Turnpike-Time: 1795178881436000000
 * Turnpike-Cwd: /home/dev/my%20shop
 * Turnpike-Parent-Pid: 4700
 * Turnpike-Client: 0.1.0
 * Turnpike-Event: stop                        (only for agents whose payload does not name it)
 * Turnpike-Truncated: 16777216                (only if the body was longer)
 * Turnpike-Env: TRACE_TO_LANGFUSE=true        (one line a variable)
 * Turnpike-Env-Dropped: 3                     (only if there were more than fit)
 * </pre>
 *
 * @param caller without the secret variables
 * @param environment all variables, secrets included: for {@link Consent} only, never kept
 * @param protocol a larger number than ours is no reason to refuse: fields are only added
 * @param variablesLeftOut how many of the environment the client had no room for
 * @param contentLength -1 if the head names none
 */
public record HookRequest(
    AgentId agent,
    EventId id,
    Instant at,
    Caller caller,
    Map<String, String> environment,
    int protocol,
    long variablesLeftOut,
    long contentLength) {
  /** Longest head, request line and blank line included. */
  public static final int LIMIT_HEAD_BYTES = 128 * 1024;

  public HookRequest {
    environment = Map.copyOf(environment);
  }

  public enum Fault {
    HEAD_TOO_LONG,
    HEAD_INCOMPLETE,
    REQUEST_LINE,
    HEADER_LINE,
    PATH,
    AGENT_NAME,
    EVENT_ID,
    TIME,
    NUMBER,
    ENCODING,
    ENVIRONMENT
  }

  public sealed interface Parsed {
    /**
     * @param headBytes where the body begins, in a text that was parsed whole
     */
    record Valid(HookRequest request, int headBytes) implements Parsed {}

    record Invalid(Fault fault, String detail) implements Parsed {}
  }

  /** Of a spool file's bytes, or of as many of them as a head can have: head, blank line, body. */
  public static Parsed parse(
      byte[] bytes, int length, UnaryOperator<Map<String, String>> withoutSecrets) {
    int end = HookHead.end(bytes, Math.min(length, LIMIT_HEAD_BYTES));
    if (end < 0) {
      Fault fault = length >= LIMIT_HEAD_BYTES ? Fault.HEAD_TOO_LONG : Fault.HEAD_INCOMPLETE;
      return new Parsed.Invalid(fault, "no blank line in " + length + " bytes");
    }
    return HookHead.parse(
        new String(bytes, 0, end, StandardCharsets.ISO_8859_1), end, withoutSecrets);
  }

  /** Of a request whose head an HTTP library has split already. Header names in any case. */
  public static Parsed of(
      String method,
      String target,
      Iterable<Map.Entry<String, String>> headers,
      UnaryOperator<Map<String, String>> withoutSecrets) {
    return HookHead.parse(method, target, headers, 0, withoutSecrets);
  }

  /** What the client had to leave out of this call, by reason, for {@code status}. */
  public Map<String, Long> shortfalls() {
    var shortfalls = new TreeMap<String, Long>();
    if (caller.truncated()) {
      shortfalls.put("hook.body_truncated", 1L);
    }
    if (variablesLeftOut > 0) {
      shortfalls.put("hook.variables_left_out", variablesLeftOut);
    }
    return shortfalls;
  }

  public Event event(DestinationId destination, EventBody body) {
    return new Event(id, agent, at, caller, destination, body);
  }

  /** Without the environment: it may hold secrets. */
  @Override
  public String toString() {
    return "HookRequest[" + agent + " " + id + "]";
  }
}
