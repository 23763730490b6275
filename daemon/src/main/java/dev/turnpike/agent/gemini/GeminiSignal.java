package dev.turnpike.agent.gemini;

import dev.turnpike.agent.Signal;
import dev.turnpike.model.SessionId;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What a hook of Gemini CLI says (0.61.0): that it is worth looking. There is no id of a prompt and
 * none of a tool call in it, and the answer it quotes is garbled, so no content is taken from it.
 *
 * @param at when the agent fired it, by the clock that also stamps the rows of the session file
 * @param begun the agent began this session's file with this process: nothing in it is older
 * @param transcript the session file; absent if the agent named none
 * @param asked at a turn's end: a digest of the prompt it was the answer to, or that an answer was
 *     refused ({@link Carry#REFUSED}); absent if the agent does not tell
 * @param version of the agent, as far as its process still tells
 */
public record GeminiSignal(
    SessionId session,
    Moment moment,
    Instant at,
    boolean begun,
    @Nullable Path transcript,
    @Nullable String cwd,
    @Nullable String asked,
    @Nullable String version,
    OptionalLong agentPid)
    implements Signal {
  @Override
  public Optional<String> prompt() {
    return Optional.empty();
  }
}
