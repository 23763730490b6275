package dev.turnpike.agent.codex;

import dev.turnpike.agent.codex.TomlLines.Entry;
import dev.turnpike.agent.codex.TomlLines.Kind;
import dev.turnpike.agent.codex.TomlLines.Malformed;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** What Codex's {@code config.toml} remembers of hooks that its user was asked about. */
record TrustToml(ConfigToml config) {
  static final String STATE = "state";

  /**
   * What Codex remembers of a hook.
   *
   * @param enabled false: its user switched it off
   * @param first entry of its table, and {@code end} the one behind it; equal if it is no table
   */
  record State(String key, Optional<String> trusted, boolean enabled, int first, int end) {}

  /** What Codex remembers of hooks, by their keys. */
  Map<String, State> states() {
    var states = new HashMap<String, State>();
    List<Entry> entries = config.lines().entries();
    List<String> table = List.of();
    for (int at = 0; at < entries.size(); at++) {
      Entry entry = entries.get(at);
      List<String> path = entry.path();
      if (entry.kind() == Kind.TABLE || entry.kind() == Kind.ELEMENT) {
        table = path;
        if (path.size() == 3 && path.subList(0, 2).equals(List.of(ConfigToml.HOOKS, STATE))) {
          Map<String, String> keys = config.keys(at, config.table(at));
          states.put(
              path.getLast(),
              new State(
                  path.getLast(),
                  Optional.ofNullable(keys.get("trusted_hash")).flatMap(TomlLines::string),
                  !keys.getOrDefault("enabled", "true").startsWith("false"),
                  at,
                  config.table(at)));
        }
      } else if (entry.kind() == Kind.KEY && table.equals(List.of(ConfigToml.HOOKS, STATE))) {
        states.putIfAbsent(
            path.getFirst(), new State(path.getFirst(), Optional.empty(), true, at, at));
      }
    }
    return states;
  }

  /**
   * Remembering that the user trusts hooks, each by its key and hash. What stands there in another
   * form than a table stays as it is.
   */
  TrustToml trusting(Map<String, String> hashes) throws Malformed {
    TrustToml trust = this;
    for (Map.Entry<String, String> hook : new TreeMap<>(hashes).entrySet()) {
      State state = trust.states().get(hook.getKey());
      String line = "trusted_hash = %s\n".formatted(TomlLines.quoted(hook.getValue()));
      if (state == null) {
        String table = "\n[hooks.state.%s]\n".formatted(TomlLines.quoted(hook.getKey()));
        trust = new TrustToml(trust.config.appended(table + line));
      } else if (state.first() < state.end()
          && !state.trusted().equals(Optional.of(hook.getValue()))) {
        trust = trust.trusting(state, line);
      }
    }
    return trust;
  }

  private TrustToml trusting(State state, String line) throws Malformed {
    List<Entry> entries = config.lines().entries();
    for (int at = state.first() + 1; at < state.end(); at++) {
      if (entries.get(at).path().equals(List.of("trusted_hash"))) {
        return new TrustToml(config.replaced(at, at + 1, line));
      }
    }
    String header = entries.get(state.first()).text().stripTrailing() + "\n";
    return new TrustToml(config.replaced(state.first(), state.first() + 1, header + line));
  }

  /** Without what is remembered of hooks that go, and without what is empty because of that. */
  TrustToml forgotten(Set<String> keys) throws Malformed {
    TrustToml trust = this;
    for (String key : keys) {
      State state = trust.states().get(key);
      if (state != null && state.first() < state.end()) {
        trust = trust.without(state.first(), state.end());
      }
    }
    return trust.equals(this) || !trust.states().isEmpty() ? trust : trust.withoutEmptyTable();
  }

  /** Codex writes a header {@code [hooks.state]} before the first of its tables. */
  private TrustToml withoutEmptyTable() throws Malformed {
    List<Entry> entries = config.lines().entries();
    for (int at = 0; at < entries.size(); at++) {
      if (entries.get(at).kind() == Kind.TABLE
          && entries.get(at).path().equals(List.of(ConfigToml.HOOKS, STATE))
          && config.table(at) == at + 1) {
        return without(at, at + 1);
      }
    }
    return this;
  }

  private TrustToml without(int first, int end) throws Malformed {
    boolean blank = first > 0 && config.lines().entries().get(first - 1).text().isBlank();
    return new TrustToml(config.replaced(blank ? first - 1 : first, end, ""));
  }
}
