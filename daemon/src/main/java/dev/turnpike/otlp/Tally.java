package dev.turnpike.otlp;

import java.util.Map;
import java.util.TreeMap;

/** Counts what a decoder leaves out, and cuts what is too long. */
final class Tally {
  private final OtlpLimits limits;
  private final Map<String, Long> shortfalls = new TreeMap<>();
  private int spans;
  private int rejected;

  Tally(OtlpLimits limits) {
    this.limits = limits;
  }

  OtlpLimits limits() {
    return limits;
  }

  void count(String reason) {
    shortfalls.merge(reason, 1L, Long::sum);
  }

  void reject(String reason) {
    rejected++;
    count("otlp.span." + reason);
  }

  /** Whether there is room for one more span. */
  boolean room() {
    if (spans < limits.spans()) {
      spans++;
      return true;
    }
    reject("too-many");
    return false;
  }

  String cut(String text) {
    if (text.length() <= limits.textChars()) {
      return text;
    }
    count("otlp.text.cut");
    boolean within = Character.isHighSurrogate(text.charAt(limits.textChars() - 1));
    return text.substring(0, within ? limits.textChars() - 1 : limits.textChars());
  }

  /** Adds an attribute, if there is room for it. */
  void put(Map<String, Value> attributes, String key, Value value) {
    if (key.isEmpty()) {
      count("otlp.attribute.no-key");
    } else if (attributes.size() >= limits.attributes() && !attributes.containsKey(key)) {
      count("otlp.attribute.too-many");
    } else {
      attributes.put(key, value);
    }
  }

  int rejected() {
    return rejected;
  }

  Map<String, Long> shortfalls() {
    return shortfalls;
  }
}
