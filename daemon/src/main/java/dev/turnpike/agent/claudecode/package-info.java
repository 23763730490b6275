/**
 * Claude Code: what its hooks say, what its transcripts hold, and how turns are made of both. Takes
 * in hook payloads and the rows of a session's files (main and sub-agents), gives out finished
 * turns. The format is undocumented and moves every few weeks: whatever is unknown here is counted
 * and passed over.
 */
@NullMarked
package dev.turnpike.agent.claudecode;

import org.jspecify.annotations.NullMarked;
