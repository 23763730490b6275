package dev.turnpike.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The address of a Langfuse server as people paste it, brought into one form. */
final class BaseUrl {
  private static final List<String> PASTED_PATHS =
      List.of(
          "/api/public/otel/v1/traces", "/api/public/otel", "/api/public/ingestion", "/api/public");

  /** Before the name of a server that is spoken to without TLS. */
  static final String PLAIN = "http://";

  private BaseUrl() {}

  /**
   * Without slashes at the end, a pasted API path, query or user; scheme and host in lower case.
   * Empty if it is no http(s) URL.
   */
  static Optional<String> normalise(String text) {
    URI uri;
    try {
      uri = new URI(text.strip());
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    if (uri.getHost() == null || !(scheme.equals("https") || scheme.equals("http"))) {
      return Optional.empty();
    }
    return Optional.of(scheme + "://" + host(uri) + path(uri));
  }

  static String host(URI uri) {
    String host = uri.getHost().toLowerCase(Locale.ROOT);
    int usual = "https".equalsIgnoreCase(uri.getScheme()) ? 443 : 80;
    return uri.getPort() < 0 || uri.getPort() == usual ? host : host + ":" + uri.getPort();
  }

  /**
   * What permissions are given for: host and, if it is not the usual one, port; without TLS {@code
   * http://} before it, since keys that go there can be read on the way.
   */
  static String server(URI uri) {
    return ("http".equalsIgnoreCase(uri.getScheme()) ? PLAIN : "") + host(uri);
  }

  static String withoutScheme(String server) {
    return server.startsWith(PLAIN) ? server.substring(PLAIN.length()) : server;
  }

  private static String path(URI uri) {
    String path = stripped(uri.getRawPath() == null ? "" : uri.getRawPath());
    for (String pasted : PASTED_PATHS) {
      if (path.endsWith(pasted)) {
        return stripped(path.substring(0, path.length() - pasted.length()));
      }
    }
    return path;
  }

  private static String stripped(String path) {
    int end = path.length();
    while (end > 0 && path.charAt(end - 1) == '/') {
      end--;
    }
    return path.substring(0, end);
  }
}
