/**
 * The Pi coding agent. The session file holds the content; what our extension tells adds times,
 * ends and aborts, and is the only copy where a session has no file (sub-agents). Takes in its
 * events and the rows of session files, gives out turns with the sub-agents' work below the call
 * that launched it.
 */
@NullMarked
package dev.turnpike.agent.pi;

import org.jspecify.annotations.NullMarked;
