package dev.turnpike.agent.copilot;

import dev.turnpike.agent.Signal;
import dev.turnpike.model.SessionId;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Spans of one trace, or what a hook said.
 *
 * @param prompt the trace of the turn; without telemetry {@code prompt-<milliseconds>} of the hook
 *     that brought the prompt
 * @param hook absent for spans
 */
record CopilotSignal(SessionId session, Moment moment, Optional<String> prompt, @Nullable Hook hook)
    implements Signal {
  /**
   * @param at the payload's own timestamp, milliseconds; 0 if there is none
   * @param traced it named a trace: telemetry is on in that process
   * @param file the session file, where it is named
   */
  record Hook(String name, long at, boolean traced, @Nullable String cwd, @Nullable Path file) {
    /** The process may have its telemetry off: the session file is worth a look. */
    boolean untraced() {
      return !traced && !name.equals("sessionStart") && !name.equals("sessionEnd");
    }
  }

  /** The hook's parent is a shell that ends with it. */
  @Override
  public OptionalLong agentPid() {
    return OptionalLong.empty();
  }
}
