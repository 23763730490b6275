package dev.turnpike.gateway;

import dev.turnpike.gateway.api.ForgetReport;
import dev.turnpike.gateway.api.SessionDetail;
import dev.turnpike.gateway.api.SessionList;
import dev.turnpike.model.SessionKey;
import java.io.IOException;
import java.util.Optional;

/** The sessions, seen from outside. Empty answers mean: no such session. */
public interface SessionControl {
  /** The last active first. */
  SessionList sessions();

  Optional<SessionDetail> session(SessionKey key);

  /**
   * Paused: what happens from now on is never traced. A session not seen yet can be paused too, so
   * that it stays untraced from its first turn. Returns when the change is durable.
   */
  SessionDetail pause(SessionKey key, boolean paused) throws IOException;

  /**
   * Removes what we keep of a session; what was sent stays where it is. Returns when it is gone.
   */
  Optional<ForgetReport> forget(SessionKey key) throws IOException;
}
