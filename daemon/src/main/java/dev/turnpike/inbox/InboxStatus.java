package dev.turnpike.inbox;

/** The inbox in numbers, for {@code status}. */
public record InboxStatus(int events, long bytes, int spooled) {}
