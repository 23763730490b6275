/**
 * Decides what of a trace may leave the session's worker: masks secrets, cuts what is long, leaves
 * out what the user does not want captured. Takes in a {@code Trace} and the policy; gives out the
 * {@code SealedTrace} without which nothing can be queued.
 */
@NullMarked
package dev.turnpike.privacy;

import org.jspecify.annotations.NullMarked;
