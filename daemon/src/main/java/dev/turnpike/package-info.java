/** The door to the house: {@code Turnpike.main} and the list of agents. */
@NullMarked
package dev.turnpike;

import org.jspecify.annotations.NullMarked;
