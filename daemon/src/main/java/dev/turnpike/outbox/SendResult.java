package dev.turnpike.outbox;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What came of sending one batch. */
public sealed interface SendResult {
  record Accepted() implements SendResult {}

  /** All but these were taken. */
  record PartlyAccepted(List<Rejection> rejections) implements SendResult {
    public PartlyAccepted {
      rejections = List.copyOf(rejections);
    }
  }

  /** Passing trouble. {@code notBefore}: the destination asked to be left alone that long. */
  record RetryLater(String reason, Optional<Duration> notBefore) implements SendResult {}

  /** Nothing goes to this destination until its credentials change, or {@code recheck} is over. */
  record Unauthorized(String reason, Duration recheck) implements SendResult {}

  /** Not tried: the user has not said that traces may go there. Asked again after recheck. */
  record Withheld(String reason, Duration recheck) implements SendResult {}

  /** Not tried: the user does not want it there. It is dropped. */
  record Withdrawn(String reason) implements SendResult {}

  /** Never again unchanged: it is split, then cut, then buried. */
  record TooLarge(String reason) implements SendResult {}

  /** Same input, same answer: split once to find the guilty span, then buried. */
  record Refused(String reason) implements SendResult {}

  /** The destination wants another path: pinned bytes are dropped and it is sent again at once. */
  record OtherPath(String reason) implements SendResult {}
}
