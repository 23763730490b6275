/**
 * The command line. Takes in arguments, asks the daemon over its socket, or works on the settings
 * file by itself where no daemon is needed. Gives out text or JSON and an exit code. Starts no
 * logging and no library of the daemon's: a command is over before one would have begun.
 */
@NullMarked
package dev.turnpike.cli;

import org.jspecify.annotations.NullMarked;
