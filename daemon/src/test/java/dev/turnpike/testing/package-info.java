/**
 * Stand-ins for what lies outside: a Langfuse server on loopback. Takes in what our code sends;
 * gives out what the real thing would have made of it.
 */
@NullMarked
package dev.turnpike.testing;

import org.jspecify.annotations.NullMarked;
