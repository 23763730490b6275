package dev.turnpike.agent.opencode;

import dev.turnpike.agent.Signal;
import dev.turnpike.model.SessionId;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The head of a batch; its lines are read when the assembler takes them, since they may be large.
 *
 * @param session the conversation's root session: sub-agents' events come in batches of their root
 * @param source the plugin's instance, which is one per process and directory
 * @param number of the batch among those of the source and the session, from 1; 0 if not said
 */
record OpenCodeSignal(
    SessionId session,
    Moment moment,
    Optional<String> prompt,
    OptionalLong agentPid,
    String source,
    long number)
    implements Signal {}
