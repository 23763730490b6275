package dev.turnpike.testing;

import java.time.Duration;
import java.util.Optional;

/**
 * Something a {@link FakeLangfuse} does wrong: {@code Fault.status(429).retryAfter(2).times(3)}.
 * Concerns exports (OTLP and classic) unless told otherwise, and every one of them unless {@code
 * times} says how many. Immutable: each word gives a new fault.
 */
public final class Fault {
  /** What happens. */
  enum Kind {
    STATUS,
    DELAY,
    CLOSE_ON_ACCEPT,
    RESET_DURING_REQUEST,
    DROP_ANSWER,
    RESET_DURING_ANSWER,
    HANG,
    FAIL_FIRST_EVENT
  }

  private final Kind kind;
  private String path = "/api/public/(otel/v1/traces|ingestion)";
  private int status = 500;
  private Optional<String> retryAfter = Optional.empty();
  private Optional<String> body = Optional.empty();
  private Optional<String> location = Optional.empty();
  private int every = 1;
  private int seen;
  private int skip;
  private int times = Integer.MAX_VALUE;
  private boolean stored;
  private int afterBytes = 1;
  private Duration delay = Duration.ZERO;

  private Fault(Kind kind) {
    this.kind = kind;
  }

  /** Answers this status, with the body the real server has for it. */
  public static Fault status(int status) {
    var fault = new Fault(Kind.STATUS);
    fault.status = status;
    return fault;
  }

  /** Answers correctly, but late. */
  public static Fault delay(Duration delay) {
    var fault = new Fault(Kind.DELAY);
    fault.delay = delay;
    return fault;
  }

  /** Closes the connection without reading the request's body. */
  public static Fault closeOnAccept() {
    return new Fault(Kind.CLOSE_ON_ACCEPT);
  }

  /** Resets the connection after so many bytes of the request's body. */
  public static Fault resetDuringRequest(int afterBytes) {
    var fault = new Fault(Kind.RESET_DURING_REQUEST);
    fault.afterBytes = afterBytes;
    return fault;
  }

  /** Reads everything, then closes without an answer. With {@link #stored} the ambiguous case. */
  public static Fault dropAnswer() {
    return new Fault(Kind.DROP_ANSWER);
  }

  /** Stores, answers the status and half of the body, then resets the connection. */
  public static Fault resetDuringAnswer() {
    return new Fault(Kind.RESET_DURING_ANSWER).stored();
  }

  /** Reads everything and never answers. */
  public static Fault hang() {
    return new Fault(Kind.HANG);
  }

  /**
   * Classic only: the first event of each request fails with this status, the others are stored.
   */
  public static Fault failFirstEvent(int status) {
    var fault = new Fault(Kind.FAIL_FIRST_EVENT);
    fault.status = status;
    return fault.onClassic();
  }

  /** Only so often, then all is well. */
  public Fault times(int count) {
    var fault = copy();
    fault.times = count;
    return fault;
  }

  /** Lets so many requests pass first. */
  public Fault skip(int count) {
    var fault = copy();
    fault.skip = count;
    return fault;
  }

  /** Strikes every n-th request only. */
  public Fault every(int nth) {
    var fault = copy();
    fault.every = nth;
    return fault;
  }

  public Fault retryAfter(int seconds) {
    return retryAfter(Integer.toString(seconds));
  }

  /** Whatever a server may write there. */
  public Fault retryAfter(String header) {
    var fault = copy();
    fault.retryAfter = Optional.of(header);
    return fault;
  }

  public Fault body(String text) {
    var fault = copy();
    fault.body = Optional.of(text);
    return fault;
  }

  public Fault location(String url) {
    var fault = copy();
    fault.location = Optional.of(url);
    return fault;
  }

  /** The server had stored the export before it went wrong: what the client cannot know. */
  public Fault stored() {
    var fault = copy();
    fault.stored = true;
    return fault;
  }

  public Fault onOtlp() {
    return onPath("/api/public/otel/.*");
  }

  public Fault onClassic() {
    return onPath("/api/public/ingestion");
  }

  /** A regular expression for the whole path. */
  public Fault onPath(String pattern) {
    var fault = copy();
    fault.path = pattern;
    return fault;
  }

  Kind kind() {
    return kind;
  }

  int status() {
    return status;
  }

  Optional<String> retryAfter() {
    return retryAfter;
  }

  Optional<String> body() {
    return body;
  }

  Optional<String> location() {
    return location;
  }

  boolean isStored() {
    return stored;
  }

  int afterBytes() {
    return afterBytes;
  }

  Duration delay() {
    return delay;
  }

  /** A copy of its own for a server, which counts in it how often it is still to happen. */
  Fault armed() {
    return copy();
  }

  /** Whether this request is hit; counts it. */
  boolean strikes(String requestPath) {
    if (!requestPath.matches(path)) {
      return false;
    }
    if (++seen % every != 0) {
      return false;
    }
    if (skip > 0) {
      skip--;
      return false;
    }
    if (times <= 0) {
      return false;
    }
    times--;
    return true;
  }

  private Fault copy() {
    var copy = new Fault(kind);
    copy.path = path;
    copy.status = status;
    copy.retryAfter = retryAfter;
    copy.body = body;
    copy.location = location;
    copy.every = every;
    copy.skip = skip;
    copy.times = times;
    copy.stored = stored;
    copy.afterBytes = afterBytes;
    copy.delay = delay;
    return copy;
  }
}
