/**
 * The answers of the socket API as records, one to one with their JSON ({@code
 * docs/socket-api.md}). Takes in facts of every room as plain values: ids as text, times as
 * instants. Gives out what the gateway writes as JSON or text and what a client may read back.
 */
@NullMarked
package dev.turnpike.gateway.api;

import org.jspecify.annotations.NullMarked;
