package dev.turnpike.gateway;

import dev.turnpike.model.AgentId;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A hook client's call as one read from the socket brought it: whole, and of the form that {@code
 * turnpike-hook} writes. It is read in one walk over its bytes. Whatever has another form, is
 * split, or has a header that means something to HTTP besides the length, is none: then the HTTP
 * library reads it.
 *
 * @param headers in the order they came, names as sent; every value is visible ASCII
 */
record HookCall(AgentId agent, List<Map.Entry<String, String>> headers, byte[] body) {
  private static final byte[] START = ascii("POST /v1/events/");
  private static final byte[] VERSION = ascii(" HTTP/1.1\r\n");
  private static final String OURS = "Turnpike-";
  private static final int AGENT_CHARS_MAX = 40;
  private static final int LENGTH_DIGITS_MAX = 9;
  private static final int HEADERS_MAX = 1024;

  /** What these bytes make up if they are a whole call and nothing else. */
  static Optional<HookCall> in(byte[] bytes, int from, int end) {
    return Optional.ofNullable(new Walk(bytes, from, end).whole());
  }

  /** What the server's other routes know of a request. */
  Request request() {
    return new Request(
        "POST", List.of("v1", "events", agent.value()), Map.of(), headers, body.length, false);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static final class Walk {
    private final byte[] bytes;
    private final int end;
    private int at;
    private final List<Map.Entry<String, String>> headers = new ArrayList<>(32);
    private int length = -1;
    private boolean close;

    Walk(byte[] bytes, int from, int end) {
      this.bytes = bytes;
      this.at = from;
      this.end = end;
    }

    @Nullable HookCall whole() {
      if (!take(START)) {
        return null;
      }
      String agent = agent();
      if (!AgentId.isWellFormed(agent) || !take(VERSION)) {
        return null;
      }
      while (at < end && bytes[at] != '\r') {
        if (headers.size() == HEADERS_MAX || !header()) {
          return null;
        }
      }
      // the blank line, and behind it as many bytes as were promised: then there is nothing else
      boolean whole = at + 2 <= end && bytes[at + 1] == '\n' && length == end - at - 2 && close;
      return whole
          ? new HookCall(new AgentId(agent), headers, Arrays.copyOfRange(bytes, at + 2, end))
          : null;
    }

    private boolean take(byte[] expected) {
      int to = at + expected.length;
      if (to > end || !Arrays.equals(bytes, at, to, expected, 0, expected.length)) {
        return false;
      }
      at = to;
      return true;
    }

    private String agent() {
      int from = at;
      int most = Math.min(end, from + AGENT_CHARS_MAX + 1);
      while (at < most && bytes[at] != ' ') {
        at++;
      }
      return text(from, at);
    }

    /** One line, {@code Name: value}. False for a line that is not plain. */
    private boolean header() {
      int from = at;
      while (at < end && isOfName(bytes[at])) {
        at++;
      }
      int colon = at;
      if (colon == from || colon + 2 > end || bytes[colon] != ':' || bytes[colon + 1] != ' ') {
        return false;
      }
      at += 2;
      while (at < end && bytes[at] >= ' ' && bytes[at] < 0x7f) {
        at++;
      }
      int last = at;
      if (at + 2 > end || bytes[at] != '\r' || bytes[at + 1] != '\n') {
        return false;
      }
      at += 2;
      // spaces at either end of a value do not belong to it: they are for who knows all the rules
      if (last == colon + 2 || bytes[colon + 2] == ' ' || bytes[last - 1] == ' ') {
        return false;
      }
      return known(text(from, colon), text(colon + 2, last));
    }

    private static boolean isOfName(byte b) {
      return (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || b == '-';
    }

    /** A header of which it is known that it means nothing else to HTTP. */
    private boolean known(String name, String value) {
      headers.add(Map.entry(name, value));
      return switch (name) {
        case "Host", "Content-Type" -> true;
        case "Connection" -> {
          close = value.equals("close");
          yield close;
        }
        case "Content-Length" -> {
          boolean first = length < 0;
          length = number(value);
          yield first && length >= 0;
        }
        default -> name.startsWith(OURS);
      };
    }

    private static int number(String digits) {
      if (digits.length() > LENGTH_DIGITS_MAX) {
        return -1;
      }
      int number = 0;
      for (int i = 0; i < digits.length(); i++) {
        char c = digits.charAt(i);
        if (c < '0' || c > '9') {
          return -1;
        }
        number = number * 10 + (c - '0');
      }
      return number;
    }

    private String text(int from, int to) {
      return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }
  }
}
