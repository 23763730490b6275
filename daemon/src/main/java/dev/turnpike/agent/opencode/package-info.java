/**
 * OpenCode: what its plugin tells, and how turns are made of it. Takes in batches of the agent's
 * own bus events, which lie nowhere else, gives out finished turns with sub-agents nested below the
 * calls that launched them. See docs/agents/opencode.md.
 */
@NullMarked
package dev.turnpike.agent.opencode;

import org.jspecify.annotations.NullMarked;
