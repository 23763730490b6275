package dev.turnpike.gateway.api;

import org.jspecify.annotations.Nullable;

/**
 * Where a trace went.
 *
 * @param state {@code kept} (on this machine only), {@code queued}, {@code sent}, {@code parked} or
 *     {@code dead}
 * @param url where it can be looked at
 */
public record Whereabouts(
    String destination, @Nullable String baseUrl, String state, @Nullable String url) {}
