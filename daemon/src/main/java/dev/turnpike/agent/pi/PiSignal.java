package dev.turnpike.agent.pi;

import dev.turnpike.agent.Signal;
import dev.turnpike.model.SessionId;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The head of a request of our extension (its form is in {@code agent-plugins/pi/turnpike.ts}); the
 * records are read by the assembler.
 *
 * @param session the outermost session: a sub-agent's work belongs into its launcher's trace
 * @param own the session that speaks
 * @param chain the sessions above it, outermost first; empty for one that nobody launched
 * @param file the session's file; absent if messages come whole
 * @param turn timestamp of the user message that opened the turn, 0 between turns
 * @param number of the request in its process, from 1
 */
public record PiSignal(
    SessionId session,
    String own,
    List<String> chain,
    @Nullable Path file,
    long turn,
    int number,
    long pid,
    Moment moment,
    Facts facts)
    implements Signal {
  /** What may be said of the session as a whole. */
  public record Facts(@Nullable String version, @Nullable String mode, @Nullable String cwd) {}

  public PiSignal {
    chain = List.copyOf(chain);
  }

  boolean launched() {
    return !chain.isEmpty();
  }

  /** A sub-agent's events go out on the terms of the turn that launched it. */
  @Override
  public Optional<String> prompt() {
    return turn == 0 || launched() ? Optional.empty() : Optional.of(Long.toString(turn));
  }

  @Override
  public OptionalLong agentPid() {
    return pid <= 0 || launched() ? OptionalLong.empty() : OptionalLong.of(pid);
  }
}
