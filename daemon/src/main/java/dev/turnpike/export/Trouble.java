package dev.turnpike.export;

import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * Why no answer came, in words for people.
 *
 * @param what is wrong, and with which server
 * @param advice what to do about it; empty if nothing but waiting helps
 */
record Trouble(String what, String advice) {
  /** How deep causes are looked at; some point at themselves. */
  private static final int LIMIT_CAUSES = 10;

  private static final String CA_SETTING = "TURNPIKE_CA_FILE";

  /**
   * The way a request took.
   *
   * @param proxy its address, if one is in between
   * @param limit of the whole request
   * @param caProblem why the user's own certificates could not be used, if so
   */
  record Way(
      boolean tls,
      String host,
      int port,
      Optional<String> proxy,
      Duration limit,
      Optional<String> caProblem) {
    /** Who is spoken to first. */
    String next() {
      return proxy.map(address -> "the proxy " + address).orElse(host + ":" + port);
    }

    /** What names the proxy for such an address. */
    String proxySetting() {
      return tls ? "HTTPS_PROXY" : "HTTP_PROXY";
    }
  }

  static Trouble of(IOException failure, Way way) {
    return switch (failure) {
      case UnknownHostException _ -> unknownHost(way);
      case ConnectException refused -> notConnected(refused, way);
      case NoRouteToHostException _ ->
          new Trouble(
              "no route to " + way.next(), "check the network, and whether a VPN must be up");
      case SocketTimeoutException timeout -> timeout(timeout, way);
      case SSLPeerUnverifiedException _ -> wrongName(way);
      case SSLException tls -> tls(tls, way);
      case IOException other -> other(other, way);
    };
  }

  private static Trouble unknownHost(Way way) {
    return way.proxy()
        .map(
            address ->
                new Trouble(
                    "cannot find the host of the proxy " + address + " (DNS)",
                    "check " + way.proxySetting() + ", and whether a VPN must be up"))
        .orElseGet(
            () ->
                new Trouble(
                    "cannot find the host " + way.host() + " (DNS)",
                    "check LANGFUSE_BASE_URL for a typing error, and network, VPN and DNS; if only"
                        + " a proxy leads out, set "
                        + way.proxySetting()));
  }

  private static Trouble notConnected(ConnectException refused, Way way) {
    if (said(refused).contains("unreachable")) {
      return new Trouble(
          "cannot connect to " + way.next() + ": the network is unreachable",
          "check the network, and whether a VPN must be up");
    }
    return way.proxy().isPresent()
        ? new Trouble(
            "cannot connect to " + way.next() + ": connection refused",
            "check " + way.proxySetting() + ", and whether the proxy runs")
        : new Trouble(
            "cannot connect to " + way.next() + ": connection refused",
            "check host and port in LANGFUSE_BASE_URL, and whether the server runs");
  }

  private static Trouble timeout(SocketTimeoutException timeout, Way way) {
    return said(timeout).contains("onnect")
        ? new Trouble(
            "no connection to " + way.next() + " in time",
            "check the network; a firewall may swallow it: if only a proxy leads out, set "
                + way.proxySetting())
        : noAnswer(way);
  }

  private static Trouble noAnswer(Way way) {
    return new Trouble(
        "no answer from %s within %d s".formatted(way.host(), Math.max(1, way.limit().toSeconds())),
        "the server, or what is before it, is too slow");
  }

  private static Trouble wrongName(Way way) {
    return new Trouble(
        "TLS with " + way.host() + ": the certificate is for another name",
        "set LANGFUSE_BASE_URL to the name in the certificate");
  }

  private static Trouble tls(SSLException failure, Way way) {
    String with = "TLS with " + way.host() + ": ";
    if (expired(failure)) {
      return new Trouble(
          with + "the certificate has expired, or is not valid yet",
          "check this machine's clock; else the server needs a new certificate");
    }
    if (cause(failure, CertPathBuilderException.class)
        || cause(failure, CertPathValidatorException.class)) {
      return new Trouble(
          with + "the certificate is signed by nobody this machine trusts",
          way.caProblem()
              .map(problem -> CA_SETTING + ": " + problem)
              .orElse(
                  "if it is your company's authority, or the server's own, name its certificate"
                      + " (PEM) in the settings file: "
                      + CA_SETTING
                      + "=/path/to/ca.pem"));
    }
    String said = said(failure);
    if (said.contains("unrecognized SSL message") || said.contains("plaintext connection")) {
      return new Trouble(
          "%s%d does not speak TLS".formatted(with + "port ", way.port()),
          "check the port in LANGFUSE_BASE_URL, or write http:// if the server has no TLS");
    }
    if (said.contains("terminated the handshake") || cause(failure, EOFException.class)) {
      return cutHandshake(way);
    }
    return new Trouble(
        with + Http.clean(said),
        "check that LANGFUSE_BASE_URL names a TLS port, and which TLS versions the server allows");
  }

  private static Trouble cutHandshake(Way way) {
    return new Trouble(
        "TLS with " + way.host() + ": the other side hung up during the handshake",
        "a firewall or proxy in between may forbid it, or that port has no TLS: check host and port"
            + " in LANGFUSE_BASE_URL");
  }

  private static Trouble other(IOException failure, Way way) {
    String said = said(failure);
    if (said.equals("timeout")) {
      return noAnswer(way);
    }
    if (said.contains("for CONNECT: 407") || said.contains("authenticate with proxy")) {
      return new Trouble(
          "the proxy " + way.proxy().orElse("") + " wants a log-in, or refuses the one it got",
          "write it as HTTPS_PROXY=http://user:password@host:port");
    }
    if (said.contains("for CONNECT: ")) {
      return new Trouble(
          "%s lets nothing through to %s: it answers %s"
              .formatted(way.next(), way.host(), Http.clean(said.replaceFirst(".*CONNECT: ", ""))),
          "ask who runs the proxy, or name the server in NO_PROXY");
    }
    if (failure instanceof ProtocolException && !way.tls()) {
      return new Trouble(
          way.next() + " does not speak HTTP",
          "if it is a TLS port, write https:// in LANGFUSE_BASE_URL");
    }
    return new Trouble("connection to " + way.host() + " lost: " + Http.clean(said), "");
  }

  private static boolean expired(Throwable failure) {
    if (cause(failure, CertificateExpiredException.class)
        || cause(failure, CertificateNotYetValidException.class)) {
      return true;
    }
    return find(failure, CertPathValidatorException.class)
            instanceof CertPathValidatorException path
        && (path.getReason() == CertPathValidatorException.BasicReason.EXPIRED
            || path.getReason() == CertPathValidatorException.BasicReason.NOT_YET_VALID);
  }

  private static boolean cause(Throwable failure, Class<? extends Throwable> kind) {
    return find(failure, kind) != null;
  }

  private static @Nullable Throwable find(Throwable failure, Class<? extends Throwable> kind) {
    @Nullable Throwable at = failure;
    for (int depth = 0; at != null && depth < LIMIT_CAUSES; depth++) {
      if (kind.isInstance(at)) {
        return at;
      }
      at = at.getCause();
    }
    return null;
  }

  private static String said(Throwable failure) {
    return String.valueOf(failure.getMessage());
  }
}
