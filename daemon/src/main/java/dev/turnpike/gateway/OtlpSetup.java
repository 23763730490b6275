package dev.turnpike.gateway;

/** What receives telemetry, and where it listens besides the Unix socket. */
public record OtlpSetup(OtlpReceiver receiver, OtlpTokens tokens, OtlpPort port) {}
