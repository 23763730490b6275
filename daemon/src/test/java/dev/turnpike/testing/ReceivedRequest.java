package dev.turnpike.testing;

import java.util.Map;

/**
 * A request as it came.
 *
 * @param headers names in lower case
 * @param body as it came, compressed if it was
 * @param status what was answered; 0 if nothing
 */
public record ReceivedRequest(
    int number, String method, String path, Map<String, String> headers, byte[] body, int status) {}
