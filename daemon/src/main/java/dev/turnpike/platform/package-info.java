/**
 * Owns what the machine tells: places on disk and their permissions, processes, repositories,
 * counts, our own version. Takes in the environment and the file system as they are; gives out
 * facts and values that never hold a secret.
 */
@NullMarked
package dev.turnpike.platform;

import org.jspecify.annotations.NullMarked;
