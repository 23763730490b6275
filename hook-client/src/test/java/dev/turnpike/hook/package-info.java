/**
 * Owns the proof of the hook client's promises: it runs the built program as an agent would.
 *
 * <p>Takes in the programs {@code build.sh} leaves in {@code target}, the released one and the one
 * with sanitizers. Gives out nothing; every test holds for every program.
 */
@NullMarked
package dev.turnpike.hook;

import org.jspecify.annotations.NullMarked;
