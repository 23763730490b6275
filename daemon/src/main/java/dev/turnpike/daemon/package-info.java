/**
 * Where everything is put together: the composition root, start and stop, and the answers to the
 * gateway's questions. Takes in the user's environment and the list of agents; gives out a running
 * daemon.
 */
@NullMarked
package dev.turnpike.daemon;

import org.jspecify.annotations.NullMarked;
