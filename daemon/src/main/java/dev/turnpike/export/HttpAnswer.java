package dev.turnpike.export;

import java.time.Duration;
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
   */
  record Answered(
      int status,
      String contentType,
      Optional<Duration> retryAfter,
      @Nullable String location,
      String body,
      boolean whole)
      implements HttpAnswer {}

  /**
   * No status: no connection, or it was lost, or nobody answered in time. The request may have been
   * carried out all the same.
   *
   * @param reason short, without secrets
   */
  record Silent(String reason) implements HttpAnswer {}
}
