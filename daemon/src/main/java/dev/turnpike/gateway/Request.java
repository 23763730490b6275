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
      var decoder = new QueryStringDecoder(target);
      var path = new ArrayList<String>();
      for (var segment : decoder.rawPath().substring(1).split("/", -1)) {
        // decodeComponent is made for form fields, where a plus is a space; in a path it is a plus.
        path.add(QueryStringDecoder.decodeComponent(segment.replace("+", "%2B")));
      }
      long declared =
          HttpUtil.isTransferEncodingChunked(head) ? -1 : HttpUtil.getContentLength(head, 0L);
      var accept = String.join(",", head.headers().getAll(HttpHeaderNames.ACCEPT));
      return Optional.of(
          new Request(
              head.method().name(),
              path,
              decoder.parameters(),
              head.headers().entries(),
              declared,
              prefersText(accept)));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
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
