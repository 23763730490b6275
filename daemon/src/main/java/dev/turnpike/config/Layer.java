package dev.turnpike.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** One place that may say something about settings. */
record Layer(Rank rank, String label, Map<String, Entry> entries) {
  /** Strongest first. */
  enum Rank {
    CALL,
    PROJECT,
    FILE,
    /** The file of code-trace, for those who come from there and have none of ours yet. */
    CODE_TRACE_FILE,
    DAEMON;

    boolean inFile() {
      return this == PROJECT || this == FILE || this == CODE_TRACE_FILE;
    }
  }

  /**
   * @param line in its file, 0 in an environment
   */
  record Entry(String value, int line) {}

  Layer {
    entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
  }

  static Layer ofEnvironment(Rank rank, String label, Map<String, String> environment) {
    var entries = new LinkedHashMap<String, Entry>();
    environment.forEach(
        (name, value) -> {
          if (Setting.isSetting(name) && !value.isBlank()) {
            entries.put(name, new Entry(value, 0));
          }
        });
    return new Layer(rank, label, entries);
  }

  String source(Entry entry) {
    return entry.line() == 0 ? label : label + ", line " + entry.line();
  }
}
