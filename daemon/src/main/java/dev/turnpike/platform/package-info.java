/**
 * <<<<<<< HEAD Owns what the machine tells: places, processes, repositories, counts. Takes in paths
 * and the environment; gives out facts. ======= The machine: places on disk and their permissions,
 * facts of host, repository and processes, our own version. Takes in the environment and the file
 * system as they are; gives out values that never hold a secret. >>>>>>> rooms
 */
@NullMarked
package dev.turnpike.platform;

import org.jspecify.annotations.NullMarked;
