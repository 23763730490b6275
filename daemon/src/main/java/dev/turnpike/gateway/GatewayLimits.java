package dev.turnpike.gateway;

import java.time.Duration;

/**
 * What one connection and all of them may cost.
 *
 * @param headBytes request line and headers; a hook's environment travels there
 * @param bodyBytes above it: 413. The hook client cuts at 16 MiB
 * @param inlineBytes a hook's body up to this size stays in the heap, a longer one goes to a file
 *     as it arrives
 * @param idle a connection that owes us the rest of a head, or the next piece of a body, or does
 *     not read its answer is closed
 * @param upload a whole body must have arrived within this time, however steadily it drips
 * @param shutdown how long requests under way may go on when the daemon stops
 * @param flush the longest wait a flush may ask for
 * @param followers how many may follow the log at once
 */
public record GatewayLimits(
    int connections,
    int headBytes,
    long bodyBytes,
    int inlineBytes,
    Duration idle,
    Duration upload,
    Duration shutdown,
    Duration flush,
    int followers) {
  public static final GatewayLimits DEFAULTS =
      new GatewayLimits(
          256,
          128 << 10,
          17L << 20,
          64 << 10,
          Duration.ofSeconds(10),
          Duration.ofSeconds(60),
          Duration.ofSeconds(2),
          Duration.ofMinutes(10),
          8);
}
