/**
 * Owns the rules of what may leave the machine. Takes in traces; gives out sealed ones.
 */
@NullMarked
package dev.turnpike.privacy;

import org.jspecify.annotations.NullMarked;
