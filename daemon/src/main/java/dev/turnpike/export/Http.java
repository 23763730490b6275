package dev.turnpike.export;

import java.io.IOException;
import java.net.ProxySelector;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import okhttp3.Authenticator;
import okhttp3.ConnectionPool;
import okhttp3.ConnectionSpec;
import okhttp3.Credentials;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * HTTP as our exporters need it: HTTP/2 or 1.1, no retries of its own, no redirects, bounded
 * answers. The client behind it costs 40 MB and is made at the first request, so an idle daemon
 * without a backlog never pays for it; it keeps one idle connection, for 4 seconds: Node servers,
 * Langfuse among them, hang up after 5, and a request that meets that moment counts as failed.
 */
public final class Http implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Http.class);
  public static final int LIMIT_ANSWER_BYTES = 64 * 1024;
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final int IDLE_CONNECTIONS = 1;
  private static final long IDLE_SECONDS = 4;
  private static final int LIMIT_REASON_CHARS = 200;
  private static final String HIDDEN_RETRY_AFTER = "x-turnpike-retry-after";
  private static final int LIMIT_SECONDS_DIGITS = 9;

  /** A number of seconds that does not fit: whoever obeys it has a limit of his own. */
  private static final Duration RETRY_AFTER_ABSURD = Duration.ofDays(10_000);

  private final InstantSource clock;
  private final Proxies proxies;
  private final Supplier<Optional<Path>> caFile;
  private final Object lock = new Object();
  private @Nullable Made made;
  private boolean closed;

  /**
   * A client, and the certificates it was made with.
   *
   * @param secure whether it can do TLS, which costs 5 MB: a client that has only servers on plain
   *     HTTP to talk to, such as one on this machine, does without
   */
  private record Made(
      OkHttpClient client,
      boolean secure,
      Optional<Trust.Stamp> certificates,
      Optional<String> caProblem) {
    boolean suits(boolean secure, Optional<Trust.Stamp> certificates) {
      return this.secure ? this.certificates.equals(certificates) : !secure;
    }
  }

  /**
   * @param environment where proxy settings are looked for
   */
  public Http(Map<String, String> environment, InstantSource clock) {
    this(environment, Optional::empty, clock);
  }

  /**
   * @param environment where proxy settings are looked for
   * @param caFile certificates to trust besides Java's own, looked at before every request
   */
  public Http(
      Map<String, String> environment, Supplier<Optional<Path>> caFile, InstantSource clock) {
    this.proxies = new Proxies(environment, ProxySelector.getDefault());
    this.caFile = caFile;
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
      return new HttpAnswer.Silent("not a web address: " + clean(url), "");
    }
    Made open = open(parsed.isHttps());
    if (open == null) {
      return new HttpAnswer.Silent("stopping", "");
    }
    var request = new Request.Builder().url(parsed);
    headers.forEach(request::header);
    if (body != null) {
      request.post(body);
    }
    var call = open.client().newCall(request.build());
    call.timeout().timeout(limit.toMillis(), TimeUnit.MILLISECONDS);
    try (Response response = call.execute()) {
      return answered(response, answerBytes);
    } catch (IOException e) {
      if (call.isCanceled() && "Canceled".equals(e.getMessage())) {
        return new HttpAnswer.Silent("broken off: stopping", "");
      }
      var trouble = Trouble.of(e, way(parsed, limit, open.caProblem()));
      return new HttpAnswer.Silent(trouble.what(), trouble.advice());
    } catch (IllegalArgumentException | IllegalStateException e) {
      // Whatever the client stumbles over came from outside: no reason to give a turn up.
      LOG.warn("the answer of {} cannot be understood", parsed.host(), e);
      return new HttpAnswer.Silent("the answer of " + parsed.host() + " cannot be understood", "");
    }
  }

  private Trouble.Way way(HttpUrl url, Duration limit, Optional<String> caProblem) {
    return new Trouble.Way(
        url.isHttps(), url.host(), url.port(), proxies.between(url.uri()), limit, caProblem);
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
    Optional<Instant> date =
        Optional.ofNullable(response.headers().getDate("Date")).map(Date::toInstant);
    return new HttpAnswer.Answered(
        response.code(),
        mediaType(response.header("Content-Type")),
        retryAfter(response.header(HIDDEN_RETRY_AFTER), date),
        response.header("Location"),
        body,
        whole,
        date);
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

  /**
   * Whole seconds or a date; anything else is as if the server had said nothing. A date is meant by
   * the server's own clock, which may differ from ours.
   */
  private Optional<Duration> retryAfter(@Nullable String header, Optional<Instant> date) {
    if (header == null) {
      return Optional.empty();
    }
    String text = header.strip();
    if (text.matches("\\d{1,30}")) {
      return Optional.of(
          text.length() > LIMIT_SECONDS_DIGITS
              ? RETRY_AFTER_ABSURD
              : Duration.ofSeconds(Long.parseLong(text)));
    }
    try {
      var until = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      var wait = Duration.between(date.orElseGet(clock::instant), until);
      return Optional.of(wait.isNegative() ? Duration.ZERO : wait);
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  /** One short line of what may be anything. */
  static String clean(String text) {
    String line = text.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
    return line.length() <= LIMIT_REASON_CHARS ? line : line.substring(0, LIMIT_REASON_CHARS) + "…";
  }

  /** Null once this is closed. Other certificates than before need another client. */
  private @Nullable Made open(boolean secure) {
    Optional<Trust.Stamp> certificates = caFile.get().map(Trust.Stamp::of);
    synchronized (lock) {
      if (closed) {
        return null;
      }
      if (made == null || !made.suits(secure, certificates)) {
        if (made != null) {
          made.client().connectionPool().evictAll();
        }
        made = secure ? secure(certificates) : plain();
      }
      return made;
    }
  }

  private Made plain() {
    var client = builder().connectionSpecs(List.of(ConnectionSpec.CLEARTEXT)).build();
    return new Made(client, false, Optional.empty(), Optional.empty());
  }

  /** Certificates that cannot be read are missed when a server's turns out not to be trusted. */
  private Made secure(Optional<Trust.Stamp> certificates) {
    if (certificates.isEmpty()) {
      return new Made(builder().build(), true, certificates, Optional.empty());
    }
    try {
      Trust trust = Trust.with(certificates.get().file());
      return new Made(
          builder().sslSocketFactory(trust.sockets(), trust.judge()).build(),
          true,
          certificates,
          Optional.empty());
    } catch (IOException e) {
      LOG.warn("certificates of TURNPIKE_CA_FILE are not used: {}", e.getMessage());
      return new Made(
          builder().build(),
          true,
          certificates,
          Optional.of(clean(String.valueOf(e.getMessage()))));
    }
  }

  private OkHttpClient.Builder builder() {
    return new OkHttpClient.Builder()
        .connectTimeout(CONNECT)
        .readTimeout(Duration.ZERO)
        .writeTimeout(Duration.ZERO)
        .addNetworkInterceptor(Http::hideRetryAfter)
        .retryOnConnectionFailure(false)
        .followRedirects(false)
        .followSslRedirects(false)
        .socketFactory(new NoDelaySockets())
        .proxySelector(proxies)
        .proxyAuthenticator(proxyLogin(proxies))
        .connectionPool(new ConnectionPool(IDLE_CONNECTIONS, IDLE_SECONDS, TimeUnit.SECONDS));
  }

  /**
   * OkHttp repeats a 503 by itself if this header says 0, and throws a NumberFormatException if it
   * says more than an int holds (5.x, RetryAndFollowUpInterceptor).
   */
  private static Response hideRetryAfter(Interceptor.Chain chain) throws IOException {
    Response response = chain.proceed(chain.request());
    String said = response.header("Retry-After");
    return said == null
        ? response
        : response
            .newBuilder()
            .removeHeader("Retry-After")
            .header(HIDDEN_RETRY_AFTER, said)
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
    Made last;
    synchronized (lock) {
      closed = true;
      last = made;
      made = null;
    }
    if (last != null) {
      OkHttpClient open = last.client();
      open.dispatcher().cancelAll();
      open.dispatcher().executorService().shutdown();
      open.connectionPool().evictAll();
    }
  }
}
