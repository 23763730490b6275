package dev.turnpike.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A daemon that a hook client started has the environment of one project's agent. */
class OwnEnvironmentTest {
  private static final Map<String, String> OF_ANYBODY =
      Map.of(
          "HOME", "/home/me",
          "TURNPIKE_HOME", "/home/me/tp",
          "HTTPS_PROXY", "http://proxy.example.com:3128",
          "no_proxy", "localhost");

  private static final Map<String, String> OF_A_PROJECT =
      Map.of(
          "LANGFUSE_SECRET_KEY", "sk-lf-1",
          "TURNPIKE_DESTINATIONS", "all",
          "TURNPIKE_CA_FILE", "/project/ca.pem",
          "NODE_EXTRA_CA_CERTS", "/project/ca.pem",
          // one of these reads traces and keys on the way to a server without TLS
          "HTTP_PROXY", "http://project.example.com",
          "http_proxy", "http://project.example.com",
          "ALL_PROXY", "http://project.example.com");

  @Test
  void whatAProjectCouldHaveSetDoesNotCount() {
    var all = new HashMap<>(OF_ANYBODY);
    all.putAll(OF_A_PROJECT);
    assertEquals(all, DaemonMain.ownEnvironment(all));
    all.put("TURNPIKE_STARTED_BY", "turnpike-hook");
    var left = new HashMap<>(DaemonMain.ownEnvironment(all));
    left.remove("TURNPIKE_STARTED_BY");
    assertEquals(OF_ANYBODY, left);
  }
}
