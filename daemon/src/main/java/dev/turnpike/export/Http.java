package dev.turnpike.export;

import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.ProxySelector;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import okhttp3.Authenticator;
import okhttp3.ConnectionPool;
import okhttp3.Credentials;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;

/**
 * HTTP as our exporters need it: HTTP/2 or 1.1, no retries of its own, no redirects, bounded
 * answers. The client behind it costs 40 MB and is made at the first request, so an idle daemon
 * without a backlog never pays for it; it keeps one idle connection, for 4 seconds: Node servers,
 * Langfuse among them, hang up after 5, and a request that meets that moment counts as failed.
 */
public final class Http implements AutoCloseable {
  public static final int LIMIT_ANSWER_BYTES = 64 * 1024;
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final int IDLE_CONNECTIONS = 1;
  private static final long IDLE_SECONDS = 4;
  private static final int LIMIT_REASON_CHARS = 200;

  private final Map<String, String> environment;
  private final InstantSource clock;
  private final Object lock = new Object();
  private @Nullable OkHttpClient client;
  private boolean closed;

  /**
   * @param environment where proxy settings are looked for
   */
  public Http(Map<String, String> environment, InstantSource clock) {
    this.environment = Map.copyOf(environment);
    this.clock = clock;
  }

  public HttpAnswer get(String url, Map<String, String> headers, Duration limit) {
    return exchange(url, headers, null, limit, LIMIT_ANSWER_BYTES);
  }

  /** The content type is among the headers. */
  public HttpAnswer post(
      String url, Map<String, String> headers, byte[] body, Duration limit, int answerBytes) {
    return exchange(url, headers, RequestBody.create(body), limit, answerBytes);
  }

  private HttpAnswer exchange(
      String url,
      Map<String, String> headers,
      @Nullable RequestBody body,
      Duration limit,
      int answerBytes) {
    HttpUrl parsed = HttpUrl.parse(url);
    if (parsed == null) {
      return new HttpAnswer.Silent("not a web address: " + clean(url));
    }
    OkHttpClient open = open();
    if (open == null) {
      return new HttpAnswer.Silent("stopping");
    }
    var request = new Request.Builder().url(parsed);
    headers.forEach(request::header);
    if (body != null) {
      request.post(body);
    }
    var call = open.newCall(request.build());
    call.timeout().timeout(limit.toMillis(), TimeUnit.MILLISECONDS);
    try (Response response = call.execute()) {
      return answered(response, answerBytes);
    } catch (IOException e) {
      return new HttpAnswer.Silent(reason(e, parsed.host(), limit, call.isCanceled()));
    }
  }

  private HttpAnswer.Answered answered(Response response, int limitBytes) {
    String body = "";
    boolean whole = false;
    BufferedSource source = response.body().source();
    try {
      whole = !source.request(limitBytes + 1L);
    } catch (IOException e) {
      // The status stands; what came of the body before the connection broke is still in the
      // buffer.
      whole = false;
    }
    try {
      long size = Math.min(source.getBuffer().size(), limitBytes);
      body = source.getBuffer().readString(size, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("reading from memory", e);
    }
    return new HttpAnswer.Answered(
        response.code(),
        mediaType(response.header("Content-Type")),
        retryAfter(response.header("Retry-After")),
        response.header("Location"),
        body,
        whole);
  }

  private static String mediaType(@Nullable String header) {
    if (header == null) {
      return "";
    }
    int parameters = header.indexOf(';');
    return (parameters < 0 ? header : header.substring(0, parameters))
        .strip()
        .toLowerCase(Locale.ROOT);
  }

  /** Whole seconds or a date; anything else is as if the server had said nothing. */
  private Optional<Duration> retryAfter(@Nullable String header) {
    if (header == null) {
      return Optional.empty();
    }
    String text = header.strip();
    if (text.matches("\\d{1,9}")) {
      return Optional.of(Duration.ofSeconds(Long.parseLong(text)));
    }
    try {
      var until = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      var wait = Duration.between(clock.instant(), until);
      return Optional.of(wait.isNegative() ? Duration.ZERO : wait);
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private static String reason(IOException e, String host, Duration limit, boolean canceled) {
    return switch (e) {
      case UnknownHostException _ -> "cannot find the host " + host;
      case ConnectException _ -> "cannot connect to " + host;
      case NoRouteToHostException _ -> "no route to " + host;
      case SSLException ssl -> "TLS with " + host + ": " + clean(String.valueOf(ssl.getMessage()));
      case SocketTimeoutException _ -> "no answer from " + host + " in time";
      case IOException _ when canceled && "Canceled".equals(e.getMessage()) ->
          "broken off: stopping";
      case IOException _ when "timeout".equals(e.getMessage()) ->
          "no answer from " + host + " within " + limit.toSeconds() + " s";
      case IOException other ->
          "connection to " + host + " lost: " + clean(String.valueOf(other.getMessage()));
    };
  }

  /** One short line of what may be anything. */
  static String clean(String text) {
    String line = text.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
    return line.length() <= LIMIT_REASON_CHARS ? line : line.substring(0, LIMIT_REASON_CHARS) + "…";
  }

  private @Nullable OkHttpClient open() {
    synchronized (lock) {
      if (closed) {
        return null;
      }
      if (client == null) {
        client = build();
      }
      return client;
    }
  }

  private OkHttpClient build() {
    var proxies = new Proxies(environment, ProxySelector.getDefault());
    return new OkHttpClient.Builder()
        .connectTimeout(CONNECT)
        .readTimeout(Duration.ZERO)
        .writeTimeout(Duration.ZERO)
        .retryOnConnectionFailure(false)
        .followRedirects(false)
        .followSslRedirects(false)
        .socketFactory(new NoDelaySockets())
        .proxySelector(proxies)
        .proxyAuthenticator(proxyLogin(proxies))
        .connectionPool(new ConnectionPool(IDLE_CONNECTIONS, IDLE_SECONDS, TimeUnit.SECONDS))
        .build();
  }

  private static Authenticator proxyLogin(Proxies proxies) {
    return (route, response) -> {
      if (response.request().header("Proxy-Authorization") != null) {
        return null; // refused once: asking again changes nothing
      }
      String scheme = response.request().url().scheme();
      Optional<String> login = proxies.userInfo(scheme).filter(text -> text.contains(":"));
      if (login.isEmpty()) {
        return null;
      }
      int colon = login.get().indexOf(':');
      String header =
          Credentials.basic(login.get().substring(0, colon), login.get().substring(colon + 1));
      return response.request().newBuilder().header("Proxy-Authorization", header).build();
    };
  }

  /** Breaks off what is on its way; later requests are refused. */
  @Override
  public void close() {
    OkHttpClient open;
    synchronized (lock) {
      closed = true;
      open = client;
      client = null;
    }
    if (open != null) {
      open.dispatcher().cancelAll();
      open.dispatcher().executorService().shutdown();
      open.connectionPool().evictAll();
    }
  }
}
