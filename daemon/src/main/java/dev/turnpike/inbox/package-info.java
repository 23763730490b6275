/**
 * Owns events that were accepted and are not consumed yet, the files of large bodies, and the spool
 * the hook client leaves when nobody answers. Takes in requests of hooks; gives out events, each
 * once, and a nudge for every new one.
 */
@NullMarked
package dev.turnpike.inbox;

import org.jspecify.annotations.NullMarked;
