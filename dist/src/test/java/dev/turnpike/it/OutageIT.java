package dev.turnpike.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.testing.Certificates;
import dev.turnpike.testing.ConnectProxy;
import dev.turnpike.testing.FakeLangfuse;
import dev.turnpike.testing.Fault;
import dev.turnpike.testing.Mode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people are told when a server cannot be reached, and that it goes on once it can. */
class OutageIT {
  @TempDir Path temp;

  private static Map<String, String> with(FakeLangfuse server, String url) {
    var environment = new HashMap<>(RunningDaemon.tracedTo(server));
    environment.put("LANGFUSE_BASE_URL", url);
    return environment;
  }

  /** Both where one looks first say it, and neither says the keys. */
  private static void assertSaid(Workplace place, FakeLangfuse server, String... words)
      throws Exception {
    place.daemon().post("/v1/outbox/retry");
    Await.until(
        "status says " + String.join(", ", words),
        RunningDaemon.PATIENCE,
        () -> {
          String said = place.onlyDestination("langfuse").path("lastError").asText();
          return java.util.Arrays.stream(words).allMatch(said::contains);
        });
    for (String command : new String[] {"status", "doctor"}) {
      String text = place.daemon().command(command).text();
      String oneLine = text.replaceAll("\\s+", " ");
      for (String word : words) {
        assertTrue(oneLine.contains(word), () -> command + " does not say " + word + ":\n" + text);
      }
      assertFalse(text.contains(server.secretKey()), text);
    }
  }

  private static void assertAllArrives(Workplace place, FakeLangfuse server) throws Exception {
    place.daemon().post("/v1/outbox/retry");
    place.daemon().flush();
    place.assertAllIsThere(server);
  }

  @Test
  void aNameThatResolvesLaterWhateverJavaRemembers() throws Exception {
    Path hosts = Files.writeString(temp.resolve("hosts"), "127.0.0.1 localhost\n");
    // as an administrator may set it: a name that failed once has failed for ever
    Path security =
        Files.writeString(temp.resolve("java.security"), "networkaddress.cache.negative.ttl=-1\n");
    try (var server = FakeLangfuse.start(Mode.EVENTS_ONLY)) {
      String url = "http://" + Certificates.COMPANY_HOST + ":" + server.port();
      var environment = with(server, url);
      environment.put(
          "TURNPIKE_JAVA_OPTS",
          "-Djdk.net.hosts.file=%s -Djava.security.properties=%s".formatted(hosts, security));
      try (var place = Workplace.open(temp, environment)) {
        place.play("multi-tool", environment);
        assertSaid(place, server, "cannot find the host " + Certificates.COMPANY_HOST, "DNS");
        assertEquals(0, server.connectionsEver());
        Files.writeString(hosts, "127.0.0.1 localhost " + Certificates.COMPANY_HOST + "\n");
        assertAllArrives(place, server);
      }
    }
  }

  @Test
  void aServerBehindACompanysAuthorityAndProxy() throws Exception {
    var certificates = Certificates.in(temp);
    try (var server = FakeLangfuse.startTls(Mode.EVENTS_ONLY, certificates.good());
        var proxy = ConnectProxy.start()) {
      proxy.login("Basic bWU6cGFzcw==");
      String url = "https://" + Certificates.COMPANY_HOST + ":" + server.port();
      var environment = with(server, url);
      environment.put("HTTPS_PROXY", "http://me:pass@" + proxy.address());
      try (var place = Workplace.open(temp, environment)) {
        place.play("multi-tool", environment);
        assertSaid(place, server, "signed by nobody this machine trusts", "TURNPIKE_CA_FILE=");
        proxy.refusing(403);
        assertSaid(place, server, "lets nothing through to " + Certificates.COMPANY_HOST);
        proxy.refusing(0);

        Path config = place.daemon().home().resolve("config");
        Files.writeString(config, "TURNPIKE_CA_FILE=" + temp.resolve("not-there.pem") + "\n");
        assertSaid(place, server, "not-there.pem is not there");
        assertEquals(0, server.requests().size());

        Files.writeString(config, "TURNPIKE_CA_FILE=" + certificates.authority() + "\n");
        assertAllArrives(place, server);
        assertTrue(proxy.asked().contains(Certificates.COMPANY_HOST + ":" + server.port()));
        String doctor = place.daemon().command("doctor").text();
        assertTrue(doctor.contains("is valid"), doctor);
        assertFalse(place.daemon().log().contains("me:pass"), "the proxy's word is in the log");
      }
    }
  }

  @Test
  void noCallCanNameAnAuthority() throws Exception {
    var certificates = Certificates.in(temp);
    try (var server = FakeLangfuse.startTls(Mode.EVENTS_ONLY, certificates.good())) {
      var environment = with(server, server.url());
      var call = new HashMap<>(environment);
      call.put("TURNPIKE_CA_FILE", certificates.authority().toString());
      call.put("NODE_EXTRA_CA_CERTS", certificates.authority().toString());
      try (var place = Workplace.open(temp, environment)) {
        place.play("multi-tool", call);
        assertSaid(place, server, "signed by nobody this machine trusts");
        assertEquals(0, server.requests().size());
      }
    }
  }

  @Test
  void oneTroubleAfterTheOtherAndThenAll() throws Exception {
    try (var server = FakeLangfuse.start(Mode.EVENTS_ONLY)) {
      Map<String, String> environment = RunningDaemon.tracedTo(server);
      try (var place = Workplace.open(temp, environment)) {
        server.down();
        place.play("multi-tool", environment);
        assertSaid(place, server, "connection refused", "whether the server runs");
        server.up();
        server.faults(Fault.status(429).retryAfter("99999999999999999999").onPath(".*"));
        assertSaid(place, server, "429", "limits how");
        String publicKey = server.publicKey();
        String secretKey = server.secretKey();
        server.faults();
        server.keys(publicKey, "sk-lf-rotated");
        assertSaid(place, server, "401", "copy both");
        server.keys(publicKey, secretKey);
        assertAllArrives(place, server);
      }
    }
  }
}
