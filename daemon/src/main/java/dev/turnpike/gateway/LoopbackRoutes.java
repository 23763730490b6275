package dev.turnpike.gateway;

import dev.turnpike.gateway.Router.Route;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * What is answered on loopback TCP: telemetry, and only to who knows a token, since every user of
 * the machine can connect. The name in {@code Host} must be loopback: a web page whose name was
 * bound anew to 127.0.0.1 still sends its own.
 */
final class LoopbackRoutes implements Routes {
  private static final String TOKEN_HEADER = "x-turnpike-token";
  private static final String BEARER = "bearer ";
  private static final Pattern LOOPBACK =
      Pattern.compile("(localhost|127\\.0\\.0\\.1|\\[::1\\])(:\\d{1,5})?");

  private final OtlpRoutes otlp;
  private final Supplier<Set<String>> tokens;
  private final GatewayCounters counters;

  LoopbackRoutes(OtlpRoutes otlp, Supplier<Set<String>> tokens, GatewayCounters counters) {
    this.otlp = otlp;
    this.tokens = tokens;
    this.counters = counters;
  }

  @Override
  public Route route(Request request) {
    List<String> hosts = request.all("Host");
    if (hosts.size() != 1
        || !LOOPBACK.matcher(hosts.getFirst().strip().toLowerCase(Locale.ROOT)).matches()) {
      counters.refused("otlp_host");
      return OtlpRoutes.rejected(request, 403, "host_refused", "The Host must be loopback.");
    }
    if (!known(request)) {
      counters.refused("otlp_token");
      return OtlpRoutes.rejected(
          request,
          401,
          "token_needed",
          "This receiver wants the token that turnpike install has written, as x-turnpike-token.");
    }
    return otlp.route(request)
        .orElseGet(
            () -> OtlpRoutes.rejected(request, 404, "not_found", "There is nothing at this path."));
  }

  private boolean known(Request request) {
    boolean known = false;
    for (String sent : sent(request)) {
      for (String token : tokens.get()) {
        // whoever guesses learns nothing from how long it takes
        known |= MessageDigest.isEqual(utf8(token), utf8(sent));
      }
    }
    return known;
  }

  private static List<String> sent(Request request) {
    List<String> named = request.all(TOKEN_HEADER);
    if (!named.isEmpty()) {
      return List.of(named.getFirst().strip());
    }
    return request.all("Authorization").stream()
        .filter(value -> value.toLowerCase(Locale.ROOT).startsWith(BEARER))
        .map(value -> value.substring(BEARER.length()).strip())
        .limit(1)
        .toList();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
