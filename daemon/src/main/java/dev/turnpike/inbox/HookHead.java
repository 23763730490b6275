package dev.turnpike.inbox;

import dev.turnpike.inbox.HookRequest.Fault;
import dev.turnpike.inbox.HookRequest.Parsed;
import dev.turnpike.model.AgentId;
import dev.turnpike.model.Caller;
import dev.turnpike.model.EventId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Turns a request's head into a {@link HookRequest}, or says what is wrong with it without
 * repeating values that may be secret.
 */
final class HookHead {
  private static final String PATH = "/v1/events/";
  private static final int LIMIT_VARIABLES = 500;
  private static final long NANOS = 1_000_000_000L;

  /** Ends the parsing with a reason; never leaves this class. */
  private static final class Wrong extends Exception {
    private static final long serialVersionUID = 1L;
    private final Fault fault;

    Wrong(Fault fault, String detail) {
      super(detail, null, false, false);
      this.fault = fault;
    }
  }

  private final Map<String, String> headers = new LinkedHashMap<>();
  private final Map<String, String> environment = new LinkedHashMap<>();

  private HookHead() {}

  /** Where the body begins: behind the first blank line, or -1. */
  static int end(byte[] bytes, int length) {
    for (int i = 0; i + 3 < length; i++) {
      if (bytes[i] == '\r'
          && bytes[i + 1] == '\n'
          && bytes[i + 2] == '\r'
          && bytes[i + 3] == '\n') {
        return i + 4;
      }
    }
    return -1;
  }

  static Parsed parse(
      String head, int headBytes, UnaryOperator<Map<String, String>> withoutSecrets) {
    String[] lines = head.split("\r\n", -1);
    String[] request = lines[0].split(" ", -1);
    if (request.length != 3 || !request[2].startsWith("HTTP/1.")) {
      return new Parsed.Invalid(Fault.REQUEST_LINE, "not an HTTP/1 request line");
    }
    List<Map.Entry<String, String>> headers = new ArrayList<>();
    for (int i = 1; i < lines.length; i++) {
      String line = lines[i];
      if (line.isEmpty()) {
        continue;
      }
      int colon = line.indexOf(':');
      if (colon <= 0) {
        return new Parsed.Invalid(
            Fault.HEADER_LINE, "line " + (i + 1) + " of the head has no colon");
      }
      headers.add(Map.entry(line.substring(0, colon), line.substring(colon + 1).strip()));
    }
    return parse(request[0], request[1], headers, headBytes, withoutSecrets);
  }

  static Parsed parse(
      String method,
      String target,
      Iterable<Map.Entry<String, String>> headers,
      int headBytes,
      UnaryOperator<Map<String, String>> withoutSecrets) {
    try {
      var head = new HookHead();
      for (Map.Entry<String, String> header : headers) {
        head.add(header.getKey().toLowerCase(Locale.ROOT), header.getValue());
      }
      return new Parsed.Valid(head.request(method, target, withoutSecrets), headBytes);
    } catch (Wrong e) {
      return new Parsed.Invalid(e.fault, String.valueOf(e.getMessage()));
    }
  }

  private void add(String name, String value) throws Wrong {
    if (!name.equals("turnpike-env")) {
      headers.put(name, value);
      return;
    }
    int equals = value.indexOf('=');
    if (equals <= 0) {
      throw new Wrong(Fault.ENVIRONMENT, "a variable without a name");
    }
    if (environment.size() >= LIMIT_VARIABLES) {
      throw new Wrong(Fault.ENVIRONMENT, "more than " + LIMIT_VARIABLES + " variables");
    }
    String variable = value.substring(0, equals);
    Optional<String> decoded = Percent.decode(value.substring(equals + 1));
    environment.put(
        variable, decoded.orElseThrow(() -> new Wrong(Fault.ENCODING, "the value of " + variable)));
  }

  private HookRequest request(
      String method, String target, UnaryOperator<Map<String, String>> withoutSecrets)
      throws Wrong {
    Map<String, String> variables = Map.copyOf(environment);
    if (!method.equals("POST")) {
      throw new Wrong(Fault.REQUEST_LINE, "not a POST");
    }
    if (!target.startsWith(PATH)) {
      throw new Wrong(Fault.PATH, "not below " + PATH);
    }
    int query = target.indexOf('?');
    String agent = target.substring(PATH.length(), query < 0 ? target.length() : query);
    if (!AgentId.isWellFormed(agent)) {
      throw new Wrong(Fault.AGENT_NAME, "not an agent's name");
    }
    String id = headers.getOrDefault("turnpike-event-id", "");
    if (!EventId.isWellFormed(id)) {
      throw new Wrong(Fault.EVENT_ID, id.isEmpty() ? "no event id" : "not an event id");
    }
    var caller =
        new Caller(
            text("turnpike-cwd"),
            number("turnpike-parent-pid", 0),
            headers.getOrDefault("turnpike-client", "unknown"),
            text("turnpike-event"),
            withoutSecrets.apply(variables),
            headers.containsKey("turnpike-truncated"));
    return new HookRequest(
        new AgentId(agent),
        new EventId(id),
        time(),
        caller,
        variables,
        (int) Math.min(Integer.MAX_VALUE, number("turnpike-protocol", 1)),
        number("turnpike-env-dropped", 0),
        number("content-length", -1));
  }

  private Instant time() throws Wrong {
    long nanos = number("turnpike-time", -1);
    if (nanos < 0) {
      throw new Wrong(Fault.TIME, "no time");
    }
    return Instant.ofEpochSecond(nanos / NANOS, nanos % NANOS);
  }

  private @Nullable String text(String header) throws Wrong {
    String value = headers.get(header);
    if (value == null || value.isEmpty()) {
      return null;
    }
    return Percent.decode(value).orElseThrow(() -> new Wrong(Fault.ENCODING, header));
  }

  private long number(String header, long absent) throws Wrong {
    String value = headers.get(header);
    if (value == null) {
      return absent;
    }
    boolean digits = !value.isEmpty() && value.length() <= 19;
    for (int i = 0; digits && i < value.length(); i++) {
      digits = value.charAt(i) >= '0' && value.charAt(i) <= '9';
    }
    try {
      if (digits) {
        return Long.parseLong(value);
      }
    } catch (NumberFormatException e) {
      throw new Wrong(Fault.NUMBER, header + " is too large");
    }
    throw new Wrong(Fault.NUMBER, header + " is not a number");
  }
}
