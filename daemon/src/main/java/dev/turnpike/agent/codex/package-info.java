/**
 * OpenAI's Codex: terminal, headless, IDE. Takes in its hooks as hints and its rollout files as the
 * truth: one JSON record a line, one file a thread. Gives out one trace a turn of the main thread,
 * with sub-agents (threads of their own) nested below the calls that launched them.
 */
@NullMarked
package dev.turnpike.agent.codex;

import org.jspecify.annotations.NullMarked;
