package dev.turnpike.model;

/** How an observation went. Interrupted is WARNING, failed is ERROR. */
public enum Level {
  DEBUG,
  DEFAULT,
  WARNING,
  ERROR
}
