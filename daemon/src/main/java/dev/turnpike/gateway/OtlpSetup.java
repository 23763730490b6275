package dev.turnpike.gateway;

import java.nio.file.Path;

/**
 * What receives telemetry, and where it listens besides the Unix socket.
 *
 * @param tokens the folder of the tokens that {@code turnpike install} has made
 */
public record OtlpSetup(OtlpReceiver receiver, Path tokens, OtlpPort port) {}
