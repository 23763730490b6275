/**
 * Owns what the machine tells: places, processes, repositories, counts. Takes in paths and the environment; gives out facts.
 */
@NullMarked
package dev.turnpike.platform;

import org.jspecify.annotations.NullMarked;
