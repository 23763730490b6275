package dev.turnpike.gateway;

import java.nio.file.Path;

/**
 * The rooms behind the gateway, a subject each. All of them are called by workers and may block.
 *
 * @param log the daemon's log file; need not exist
 */
public record Controls(
    StatusSource status,
    SessionControl sessions,
    TraceArchive traces,
    OutboxControl outbox,
    DestinationControl destinations,
    Flusher flusher,
    Lifecycle lifecycle,
    SettingsView settings,
    Path log) {}
