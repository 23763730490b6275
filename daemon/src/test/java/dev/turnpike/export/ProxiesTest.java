package dev.turnpike.export;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ProxiesTest {
  private final Proxies proxies =
      new Proxies(
          Map.of(
              "HTTPS_PROXY", "http://user:word@proxy.example.com:3128",
              "no_proxy", "localhost, .intern.example.com,other.org, *.star.org, port.org:8443"),
          null);

  @Test
  void environmentNamesTheProxy() {
    assertEquals("proxy.example.com:3128", way("https://cloud.langfuse.com/x"));
    assertEquals(Optional.of("user:word"), proxies.userInfo("https"));
  }

  @Test
  void otherSchemeGoesDirectly() {
    assertEquals("DIRECT", way("http://langfuse.example.com/"));
  }

  @Test
  void excludedHostsAndLoopbackGoDirectly() {
    assertEquals("DIRECT", way("https://langfuse.intern.example.com/"));
    assertEquals("DIRECT", way("https://other.org/"));
    assertEquals("proxy.example.com:3128", way("https://another.org/"));
    assertEquals("DIRECT", way("https://127.0.0.1:3000/"));
    assertEquals("DIRECT", way("https://[::1]:3000/"));
  }

  @Test
  void anExclusionMayHaveAStarOrAPort() {
    assertEquals("DIRECT", way("https://a.star.org/"));
    assertEquals("DIRECT", way("https://port.org:8443/"));
    assertEquals("proxy.example.com:3128", way("https://port.org/"));
  }

  private String way(String url) {
    Proxy proxy = proxies.select(URI.create(url)).getFirst();
    return proxy.address() instanceof InetSocketAddress address
        ? address.getHostString() + ":" + address.getPort()
        : proxy.type().name();
  }
}
