package dev.turnpike.export;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The way out: Java's own proxy settings if there are any, else those of the environment ({@code
 * HTTPS_PROXY}, {@code HTTP_PROXY}, {@code ALL_PROXY}, {@code NO_PROXY}, in either case), which
 * developers have and Java ignores. Loopback is always direct.
 */
final class Proxies extends ProxySelector {
  private static final List<Proxy> DIRECT = List.of(Proxy.NO_PROXY);
  private static final int USUAL_PORT = 80;

  /** Not an IPv6 address, which has more colons. */
  private static final Pattern NAME_AND_PORT = Pattern.compile("([^:]+):(\\d{1,5})");

  private final Map<String, String> environment;
  private final @Nullable ProxySelector system;

  Proxies(Map<String, String> environment, @Nullable ProxySelector system) {
    this.environment = Map.copyOf(environment);
    this.system = system;
  }

  @Override
  public List<Proxy> select(URI uri) {
    String host = uri.getHost();
    if (host == null || loopback(host)) {
      return DIRECT;
    }
    List<Proxy> bySystem = system == null ? DIRECT : system.select(uri);
    if (bySystem.stream().anyMatch(proxy -> proxy.type() != Proxy.Type.DIRECT)) {
      return bySystem;
    }
    if (excluded(host, uri)) {
      return DIRECT;
    }
    return proxyUri(uri.getScheme())
        .map(proxy -> List.of(new Proxy(Proxy.Type.HTTP, address(proxy))))
        .orElse(DIRECT);
  }

  /** The proxy on the way to an address, as {@code host:port}. */
  Optional<String> between(URI uri) {
    return select(uri).stream()
        .map(Proxy::address)
        .flatMap(
            at ->
                at instanceof InetSocketAddress address
                    ? Stream.of(address.getHostString() + ":" + address.getPort())
                    : Stream.empty())
        .findFirst();
  }

  @Override
  public void connectFailed(URI uri, SocketAddress address, IOException failure) {
    // The failed attempt is a result of its own and is retried by the outbox's rules.
  }

  /** {@code user:password} of the proxy that {@code scheme} goes through, if its URL holds them. */
  Optional<String> userInfo(String scheme) {
    return proxyUri(scheme).map(URI::getUserInfo);
  }

  private Optional<URI> proxyUri(String scheme) {
    return setting(scheme.toLowerCase(Locale.ROOT) + "_proxy")
        .or(() -> setting("all_proxy"))
        .flatMap(Proxies::parsed);
  }

  private static Optional<URI> parsed(String text) {
    try {
      var uri = new URI(text.contains("://") ? text : "http://" + text);
      boolean http = "http".equalsIgnoreCase(uri.getScheme());
      return http && uri.getHost() != null ? Optional.of(uri) : Optional.empty();
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
  }

  private static InetSocketAddress address(URI proxy) {
    int port = proxy.getPort() < 0 ? USUAL_PORT : proxy.getPort();
    return InetSocketAddress.createUnresolved(proxy.getHost(), port);
  }

  /** Names with all below them, with or without a dot or star before and a port behind. */
  private boolean excluded(String host, URI uri) {
    String lower = host.toLowerCase(Locale.ROOT);
    for (String entry : setting("no_proxy").orElse("").toLowerCase(Locale.ROOT).split(",", -1)) {
      String suffix = entry.strip().replaceFirst("^\\*?\\.", "");
      Matcher withPort = NAME_AND_PORT.matcher(suffix);
      if (withPort.matches()) {
        if (Integer.parseInt(withPort.group(2)) != port(uri)) {
          continue;
        }
        suffix = withPort.group(1);
      }
      if (suffix.equals("*")
          || (!suffix.isEmpty() && (lower.equals(suffix) || lower.endsWith("." + suffix)))) {
        return true;
      }
    }
    return false;
  }

  private static int port(URI uri) {
    if (uri.getPort() >= 0) {
      return uri.getPort();
    }
    return "https".equalsIgnoreCase(uri.getScheme()) ? 443 : 80;
  }

  private Optional<String> setting(String name) {
    String value = environment.get(name);
    if (value == null || value.isBlank()) {
      value = environment.get(name.toUpperCase(Locale.ROOT));
    }
    return Optional.ofNullable(value).map(String::strip).filter(text -> !text.isEmpty());
  }

  private static boolean loopback(String host) {
    return host.equalsIgnoreCase("localhost")
        || host.startsWith("127.")
        || host.equals("[::1]")
        || host.equals("::1");
  }
}
