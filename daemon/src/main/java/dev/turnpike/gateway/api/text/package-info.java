/**
 * The answers of the API as a person reads them on a terminal. Takes in reports, gives out text:
 * aligned tables, a trace as a tree. Pure, and whatever came from an agent is stripped of control
 * characters, so that no answer can play with the terminal.
 */
@NullMarked
package dev.turnpike.gateway.api.text;

import org.jspecify.annotations.NullMarked;
