package dev.turnpike.gateway.api;

/**
 * What came of the user's word on a server.
 *
 * @param state {@code allowed} or {@code denied}
 * @param batches how many go out now, or were removed
 */
public record RulingReport(String server, String state, long batches) implements Report {}
