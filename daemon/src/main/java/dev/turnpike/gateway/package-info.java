/**
 * The door of the house: HTTP/1.1 on a Unix socket that only its owner may use. Takes in hook
 * calls, which it hands to the inbox unparsed, and questions and wishes of the command line. Gives
 * out the answers of the other rooms, as JSON or as the text a person reads.
 */
@NullMarked
package dev.turnpike.gateway;

import org.jspecify.annotations.NullMarked;
