/**
 * The built programs, put through what a developer's machine puts them through: owns the kit that
 * runs them (daemon, hook client, replayed agent) and the tests made of it. Takes in the captures
 * of {@code fixtures}; gives out what a Langfuse server would have stored, judged.
 */
@NullMarked
package dev.turnpike.it;

import org.jspecify.annotations.NullMarked;
