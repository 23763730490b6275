package dev.turnpike.config;

import dev.turnpike.model.Digest;
import dev.turnpike.model.TraceId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * All settings as they hold for one call: merged, checked, in their own types.
 *
 * @param traced whether the user wants this call's turn traced at all
 * @param sampleRate 0 to 1
 * @param idleExit the daemon ends after so long without work; empty: never
 * @param otlpPort where telemetry is received; empty: nowhere
 * @param logLevel error, warn, info, debug or trace
 * @param problems what was wrong with values, one line each, without secrets; includes that of an
 *     unusable target
 */
public record Settings(
    boolean traced,
    Target target,
    PrivacyPolicy privacy,
    Optional<String> userId,
    boolean gitEmailAllowed,
    Optional<String> environment,
    Optional<String> release,
    Optional<String> traceSeed,
    List<String> tags,
    double sampleRate,
    Duration turnIdle,
    ExporterChoice exporter,
    long localHistoryBytes,
    long queueLimitBytes,
    boolean autostart,
    Optional<Duration> idleExit,
    OptionalInt otlpPort,
    String logLevel,
    List<String> problems) {
  public Settings {
    tags = List.copyOf(tags);
    problems = List.copyOf(problems);
  }

  public boolean debug() {
    return logLevel.equals("debug") || logLevel.equals("trace");
  }

  /**
   * Whether this trace is among the sampled: whole turns or nothing, by the server's own formula,
   * the same on every machine.
   */
  public boolean sampled(TraceId trace) {
    if (sampleRate >= 1) {
      return true;
    }
    long head = Long.parseLong(Digest.sha256Hex(trace.hex()).substring(0, 8), 16);
    return head / (double) 0xffffffffL < sampleRate;
  }
}
