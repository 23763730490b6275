/**
 * The machine: places on disk and their permissions, facts of host, repository and processes, our
 * own version. Takes in the environment and the file system as they are; gives out values that
 * never hold a secret.
 */
@NullMarked
package dev.turnpike.platform;

import org.jspecify.annotations.NullMarked;
