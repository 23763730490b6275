/**
 * Putting Turnpike on a user's machine and taking it away again. Owns where the program, its links
 * and its service lie, and how a person's file is changed: atomically, with a backup. Takes in the
 * image it runs from and the agents' installers; gives out steps that can be shown before they are
 * taken, and what became of them.
 */
@NullMarked
package dev.turnpike.cli.setup;

import org.jspecify.annotations.NullMarked;
