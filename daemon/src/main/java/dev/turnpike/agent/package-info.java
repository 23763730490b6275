/**
 * What an agent is to the rest of the house: the contract every adapter implements. Takes in events
 * and the lines of the agent's own files, gives out turns that are finished, as observations of our
 * own model. An adapter is a folder below this one and a line in {@code Agents}.
 */
@NullMarked
package dev.turnpike.agent;

import org.jspecify.annotations.NullMarked;
