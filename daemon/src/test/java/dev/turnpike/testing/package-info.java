/**
 * Stand-ins for what lies around the code under test: a Langfuse server on loopback, which takes in
 * what our code sends and gives out what the real thing would have made of it; a session's worker,
 * which plays events and files to an agent's adapter and keeps what it tells.
 */
@NullMarked
package dev.turnpike.testing;

import org.jspecify.annotations.NullMarked;
