package dev.turnpike.gateway.api;

/**
 * @param revived dead letters put back into the queue
 * @param woken waiting batches whose delay was cut short
 */
public record RetryReport(long revived, long woken) implements Report {}
