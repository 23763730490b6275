package dev.turnpike.gateway.api;

/** The daemon has begun to stop; it is gone when {@code pid} is. */
public record ShutdownReport(long pid) implements Report {}
