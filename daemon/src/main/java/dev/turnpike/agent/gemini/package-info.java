/**
 * Google's Gemini CLI. Takes in its hooks as hints and its session files as the truth: one JSON
 * record a line, a history that the agent itself may replace. Gives out one trace a prompt, with
 * sub-agents nested below the calls that launched them.
 */
@NullMarked
package dev.turnpike.agent.gemini;

import org.jspecify.annotations.NullMarked;
