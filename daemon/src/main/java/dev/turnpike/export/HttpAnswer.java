package dev.turnpike.export;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What came of one request. */
public sealed interface HttpAnswer {
  /**
   * A status came back.
   *
   * @param contentType lower case, without parameters; empty if there was none
   * @param retryAfter as the server asked, not limited
   * @param location where a redirect points; never followed
   * @param body as much as the request allowed for
   * @param whole false if the body was cut off, by the connection or by our limit
   * @param date the server's clock, if it says
   */
  record Answered(
      int status,
      String contentType,
      Optional<Duration> retryAfter,
      @Nullable String location,
      String body,
      boolean whole,
      Optional<Instant> date)
      implements HttpAnswer {
    public Answered withBody(String other) {
      return new Answered(status, contentType, retryAfter, location, other, whole, date);
    }
  }

  /**
   * No status: no connection, or it was lost, or nobody answered in time. The request may have been
   * carried out all the same.
   *
   * @param reason short, without secrets
   * @param advice what may help; empty if nothing but waiting does
   */
  record Silent(String reason, String advice) implements HttpAnswer {
    /** Both, as one line. */
    public String inWords() {
      return advice.isEmpty() ? reason : reason + " (" + advice + ")";
    }
  }
}
