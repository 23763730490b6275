package dev.turnpike.gateway;

import java.util.OptionalInt;

/** The port for telemetry, as the settings have it now; empty: none. */
@FunctionalInterface
public interface OtlpPort {
  OptionalInt port();
}
