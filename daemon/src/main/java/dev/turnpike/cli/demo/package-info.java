/**
 * A recorded session of an agent, replayed as if it happened now. Owns how ids and times are made
 * fresh and how a transcript grows between hooks. Takes in a recording from the image; gives out
 * files below the state directory and calls of the real hook client.
 */
@NullMarked
package dev.turnpike.cli.demo;

import org.jspecify.annotations.NullMarked;
