/**
 * What {@code turnpike doctor} looks at. Owns the checks, each of which finds one line: well, a
 * warning or a problem, with what to do. Takes in the machine as it is and, if a daemon runs, what
 * it says of itself; gives out findings and changes nothing.
 */
@NullMarked
package dev.turnpike.cli.doctor;

import org.jspecify.annotations.NullMarked;
