package dev.turnpike.agent.claudecode;

import dev.turnpike.model.SpanId;
import dev.turnpike.model.TraceSeed;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A run of a sub-agent that went on when its turn went out.
 *
 * @param file null if its rows lie in the main file
 * @param from where the run begins in the file, or {@link #NEXT_RUN} if it has no row yet
 * @param launch its first run, else one set off by a message
 * @param type what kind of agent it is, for people
 * @param call span of the tool call that set it off
 */
record PendingAgent(
    String agent,
    @Nullable Path file,
    long from,
    boolean launch,
    TraceSeed seed,
    String type,
    SpanId call) {
  static final long NEXT_RUN = -1;

  boolean means(AgentStream.Run run) {
    return from == NEXT_RUN ? !run.launch : run.from == from;
  }
}
