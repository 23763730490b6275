package dev.turnpike.gateway.api;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Unmodifiable copies that keep the order of their source, so that JSON and text are the same every
 * time.
 */
final class Ordered {
  private Ordered() {}

  static <V> Map<String, V> copyOf(Map<String, V> source) {
    return Collections.unmodifiableMap(new LinkedHashMap<>(source));
  }
}
