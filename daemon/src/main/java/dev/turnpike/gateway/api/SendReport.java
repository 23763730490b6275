package dev.turnpike.gateway.api;

import org.jspecify.annotations.Nullable;

/**
 * What became of the wish to send local traces to a server.
 *
 * @param destination absent if there is none to send to; then {@code problem} says why
 * @param alreadySent traces left alone because they went there before
 */
public record SendReport(
    @Nullable String destination,
    @Nullable String baseUrl,
    long queuedTraces,
    long queuedSpans,
    long alreadySent,
    @Nullable String problem)
    implements Report {}
