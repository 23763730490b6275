/**
 * Settings and credentials: reading, merging by precedence, explaining where each value came from,
 * and keeping secrets apart. Takes in the settings file, the daemon's environment and what a hook
 * call brought of its own; gives out {@code Settings} and destinations.
 */
@NullMarked
package dev.turnpike.config;

import org.jspecify.annotations.NullMarked;
