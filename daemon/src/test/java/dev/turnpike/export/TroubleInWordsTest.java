package dev.turnpike.export;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.testing.Certificates;
import dev.turnpike.testing.ConnectProxy;
import dev.turnpike.testing.FakeLangfuse;
import dev.turnpike.testing.Mode;
import dev.turnpike.testing.RawServer;
import dev.turnpike.testing.RefusingPort;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ServerSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Everything that can be wrong on the way to a server: what it is called, and what to do. */
class TroubleInWordsTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final String HEALTH = "/api/public/health";

  @TempDir static Path shared;
  private static Certificates certificates;

  private final AtomicReference<Optional<Path>> caFile = new AtomicReference<>(Optional.empty());
  private Http http = http(Map.of());

  @BeforeAll
  static void makeCertificates() {
    certificates = Certificates.in(shared);
  }

  @AfterEach
  void close() {
    http.close();
  }

  private Http http(Map<String, String> environment) {
    return new Http(environment, caFile::get, InstantSource.system());
  }

  private HttpAnswer get(String url) {
    return http.get(url + HEALTH, Map.of(), LIMIT);
  }

  private void assertSaid(String url, String what, String advice) {
    var silent = assertInstanceOf(HttpAnswer.Silent.class, get(url));
    assertTrue(silent.reason().contains(what), silent::toString);
    assertTrue(silent.advice().contains(advice), silent::toString);
  }

  private void assertAnswered(String url) {
    HttpAnswer answer = get(url);
    assertEquals(
        200, assertInstanceOf(HttpAnswer.Answered.class, answer, answer::toString).status());
  }

  private static FakeLangfuse tls(ServerSocketFactory listeners) {
    return FakeLangfuse.startTls(Mode.EVENTS_ONLY, listeners);
  }

  private static String local(String scheme, RawServer server) {
    return scheme + "://localhost:" + server.port();
  }

  @Test
  void aNameThatNobodyKnows() {
    assertSaid("http://nobody.invalid", "cannot find the host nobody.invalid (DNS)", "VPN");
  }

  @Test
  void aPortWhereNobodyListens() {
    try (var refusing = RefusingPort.any()) {
      String url = "http://127.0.0.1:" + refusing.port();
      assertSaid(url, "connection refused", "whether the server runs");
    }
  }

  @Test
  void anAuthorityNobodyTrustsUntilItsCertificateIsNamed() throws Exception {
    try (var server = tls(certificates.good())) {
      assertSaid(server.url(), "signed by nobody this machine trusts", "TURNPIKE_CA_FILE=/path");
      Path file = shared.resolve("later.pem");
      caFile.set(Optional.of(file));
      assertSaid(server.url(), "signed by nobody", "later.pem is not there");
      Files.writeString(file, "no certificate at all\n");
      assertSaid(server.url(), "signed by nobody", "later.pem");
      Files.copy(certificates.authority(), file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      assertAnswered(server.url());
      caFile.set(Optional.empty());
      assertSaid(server.url(), "signed by nobody", "TURNPIKE_CA_FILE=/path");
    }
  }

  @Test
  void javasOwnListStillCountsBesideAFile() throws Exception {
    int own = Trust.with(certificates.authority()).judge().getAcceptedIssuers().length;
    assertTrue(own > 50, own + " authorities");
  }

  @Test
  void anExpiredCertificate() {
    caFile.set(Optional.of(certificates.authority()));
    try (var server = tls(certificates.expired())) {
      assertSaid(server.url(), "has expired", "clock");
    }
  }

  @Test
  void aCertificateForAnotherName() {
    caFile.set(Optional.of(certificates.authority()));
    try (var server = tls(certificates.otherName())) {
      assertSaid(server.url(), "for another name", "LANGFUSE_BASE_URL");
    }
  }

  @Test
  void aHandshakeThatIsCut() {
    try (var server = RawServer.hangingUp()) {
      assertSaid(local("https", server), "hung up during the handshake", "firewall");
    }
  }

  @Test
  void tlsToAPlainPort() {
    try (var server =
        RawServer.start(
            socket -> {
              socket.getInputStream().read();
              socket.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(UTF_8));
            })) {
      assertSaid(local("https", server), "does not speak TLS", "http://");
    }
  }

  @Test
  void plainToATlsPort() {
    try (var server = tls(certificates.good())) {
      assertSaid("http://localhost:" + server.port(), "does not speak HTTP", "https://");
    }
  }

  @Test
  void nobodyAnswersInTime() {
    try (var server =
        RawServer.start(
            socket ->
                socket.getInputStream().transferTo(java.io.OutputStream.nullOutputStream()))) {
      var silent =
          assertInstanceOf(
              HttpAnswer.Silent.class,
              http.get(local("http", server) + HEALTH, Map.of(), Duration.ofMillis(200)));
      assertTrue(silent.reason().startsWith("no answer from localhost within"), silent.reason());
    }
  }

  @Test
  void aConnectionThatIsLost() {
    try (var server = RawServer.hangingUp()) {
      assertSaid(local("http", server), "connection to localhost lost", "");
    }
  }

  @Test
  void throughAProxyWithTheAuthorityNamed() {
    caFile.set(Optional.of(certificates.authority()));
    try (var server = tls(certificates.good());
        var proxy = ConnectProxy.start()) {
      String login = Base64.getEncoder().encodeToString("me:pass".getBytes(UTF_8));
      proxy.login("Basic " + login);
      String url = "https://" + Certificates.COMPANY_HOST + ":" + server.port();

      http = http(Map.of("HTTPS_PROXY", "http://" + proxy.address()));
      assertSaid(url, "the proxy " + proxy.address() + " wants a log-in", "user:password@");
      http.close();
      http = http(Map.of("https_proxy", "http://me:pass@" + proxy.address()));
      assertAnswered(url);
      assertTrue(proxy.asked().contains(Certificates.COMPANY_HOST + ":" + server.port()));
      http.close();

      proxy.refusing(403);
      http = http(Map.of("https_proxy", "http://me:pass@" + proxy.address()));
      assertSaid(url, "lets nothing through to " + Certificates.COMPANY_HOST, "NO_PROXY");
      proxy.refusing(0);
      http.close();

      int before = proxy.asked().size();
      http = http(Map.of("HTTPS_PROXY", "http://" + proxy.address(), "NO_PROXY", ".company.test"));
      assertSaid(url, "cannot find the host", "DNS");
      assertEquals(before, proxy.asked().size());
    }
  }

  @Test
  void aProxyThatIsNotThere() {
    try (var refusing = RefusingPort.any()) {
      String proxy = "127.0.0.1:" + refusing.port();
      http = http(Map.of("HTTPS_PROXY", "http://" + proxy));
      assertSaid("https://langfuse.company.test", "the proxy " + proxy, "HTTPS_PROXY");
      http.close();
      http = http(Map.of("HTTPS_PROXY", "http://nobody.invalid:3128"));
      assertSaid(
          "https://langfuse.company.test", "the host of the proxy nobody.invalid:3128", "VPN");
      http.close();
      http = http(Map.of("HTTP_PROXY", "http://" + proxy));
      assertSaid("http://langfuse.company.test", "the proxy " + proxy, "check HTTP_PROXY");
    }
  }
}
