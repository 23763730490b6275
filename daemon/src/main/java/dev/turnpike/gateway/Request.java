package dev.turnpike.gateway;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The head of a request, free of Netty.
 *
 * @param path decoded segments: {@code /v1/sessions/claude-code/a%2Fb} is [v1, sessions,
 *     claude-code, a/b]
 * @param headers in the order they came; names as sent
 * @param declaredBytes Content-Length, or -1 for a chunked body
 * @param wantsText the caller prefers what the command line prints to JSON
 */
record Request(
    String method,
    List<String> path,
    Map<String, List<String>> query,
    List<Map.Entry<String, String>> headers,
    long declaredBytes,
    boolean wantsText) {

  Request {
    path = List.copyOf(path);
    headers = List.copyOf(headers);
  }

  /**
   * Empty if the target is not a path of ours: an absolute URL, bad percent signs, a bad length.
   */
  static Optional<Request> of(HttpRequest head) {
    var target = head.uri();
    if (!target.startsWith("/")) {
      return Optional.empty();
    }
    try {
      boolean plain = isPlain(target);
      var query = plain ? Map.<String, List<String>>of() : parameters(target);
      var path = plain ? List.of(target.substring(1).split("/", -1)) : segments(target);
      long declared =
          HttpUtil.isTransferEncodingChunked(head) ? -1 : HttpUtil.getContentLength(head, 0L);
      var accept = String.join(",", head.headers().getAll(HttpHeaderNames.ACCEPT));
      return Optional.of(
          new Request(
              head.method().name(),
              path,
              query,
              head.headers().entries(),
              declared,
              prefersText(accept)));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Of a hook's target there is nothing to decode. */
  private static boolean isPlain(String target) {
    for (int i = 0; i < target.length(); i++) {
      char c = target.charAt(i);
      if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '/' && c != '-') {
        return false;
      }
    }
    return true;
  }

  private static Map<String, List<String>> parameters(String target) {
    return new QueryStringDecoder(target).parameters();
  }

  private static List<String> segments(String target) {
    var path = new ArrayList<String>();
    for (var segment : new QueryStringDecoder(target).rawPath().substring(1).split("/", -1)) {
      // decodeComponent is made for form fields, where a plus is a space; in a path it is a plus.
      path.add(QueryStringDecoder.decodeComponent(segment.replace("+", "%2B")));
    }
    return path;
  }

  /** First value of a query parameter; an empty one counts as absent. */
  Optional<String> parameter(String name) {
    return query.getOrDefault(name, List.of()).stream().filter(v -> !v.isEmpty()).findFirst();
  }

  Optional<String> header(String name) {
    for (var header : headers) {
      if (header.getKey().equalsIgnoreCase(name)) {
        return Optional.of(header.getValue());
      }
    }
    return Optional.empty();
  }

  /** Every value of a header, in order. */
  List<String> all(String name) {
    return headers.stream()
        .filter(header -> header.getKey().equalsIgnoreCase(name))
        .map(Map.Entry::getValue)
        .toList();
  }

  private static boolean prefersText(String accept) {
    var wanted = accept.toLowerCase(Locale.ROOT);
    return wanted.contains("text/plain") && !wanted.contains("json");
  }
}
