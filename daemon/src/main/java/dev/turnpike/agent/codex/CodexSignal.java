package dev.turnpike.agent.codex;

import dev.turnpike.agent.Signal;
import dev.turnpike.model.SessionId;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What a hook of Codex says (0.169.0): that it is worth looking, where, and of which turn it
 * speaks. No content is taken from it.
 *
 * @param session the main thread's id, also where a sub-agent speaks
 * @param at when the hook client started
 * @param begun the main thread's file began with this process: nothing in it is older
 * @param turn id of the turn it speaks of; a sub-agent's own if {@code agent} is there
 * @param agent the sub-agent's thread, if it speaks of one
 * @param transcript the file of the thread that spoke; of SubagentStop the parent's
 * @param agentTranscript the sub-agent's file, in SubagentStop
 * @param agentPid as our registration names it
 */
public record CodexSignal(
    SessionId session,
    Moment moment,
    Instant at,
    boolean begun,
    @Nullable String turn,
    @Nullable String agent,
    @Nullable Path transcript,
    @Nullable Path agentTranscript,
    OptionalLong agentPid)
    implements Signal {
  @Override
  public Optional<String> prompt() {
    return agent == null ? Optional.ofNullable(turn) : Optional.empty();
  }
}
