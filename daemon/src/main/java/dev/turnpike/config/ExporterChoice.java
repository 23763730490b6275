package dev.turnpike.config;

/** By which of Langfuse's paths a destination is served. */
public enum ExporterChoice {
  /** The server's version decides. */
  AUTO,
  OTLP,
  CLASSIC
}
