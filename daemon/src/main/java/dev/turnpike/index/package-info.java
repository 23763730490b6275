/**
 * Owns a look-up of traces for listings, in the cache directory, rebuildable at any time. Takes in
 * summaries; gives out listings, and is never asked whether something is safe.
 */
@NullMarked
package dev.turnpike.index;

import org.jspecify.annotations.NullMarked;
