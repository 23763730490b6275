package dev.turnpike.agent.codex;

import dev.turnpike.agent.codex.TomlLines.Entry;
import dev.turnpike.agent.codex.TomlLines.Kind;
import dev.turnpike.agent.codex.TomlLines.Malformed;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Codex's {@code config.toml} with an eye on hooks in it:
 *
 * <pre>
 *   [[hooks.Stop]]
 *   [[hooks.Stop.hooks]]
 *   type = "command"
 *   command = "…"
 *   timeout = 5
 *
 *   [hooks.state."/home/dev/.codex/config.toml:stop:0:0"]
 *   trusted_hash = "sha256:…"
 * </pre>
 *
 * A change gives a new one. Entries are told by their command, not by marks around them: Codex adds
 * its own tables before the comments at the end of the file, so they would come to lie in between.
 */
record ConfigToml(TomlLines lines) {
  private static final String MARK =
      "# Turnpike: written by `turnpike install codex`, taken back by `turnpike uninstall`\n";
  static final String HOOKS = "hooks";

  /**
   * One command of a group {@code [[hooks.EVENT]]}.
   *
   * @param group position among the groups of its event
   * @param index position in its group
   * @param limited its group has a matcher
   * @param first entry of the handler, and {@code end} the one behind it; {@code header} is the
   *     group's
   * @param alone in its group
   */
  record Handler(
      String event,
      int group,
      int index,
      boolean limited,
      int header,
      int first,
      int end,
      boolean alone,
      Map<String, String> keys) {
    Handler {
      keys = Map.copyOf(keys);
    }

    String command() {
      return TomlLines.string(keys.getOrDefault("command", "")).orElse("");
    }

    Optional<Integer> timeout() {
      String said = keys.getOrDefault("timeout", "").replaceAll("\\s*#.*", "");
      return said.matches("\\d{1,6}") ? Optional.of(Integer.valueOf(said)) : Optional.empty();
    }

    boolean serves(CodexHook hook, String program) {
      return !limited
          && keys.keySet().equals(Set.of("type", "command", "timeout"))
          && command().equals(CodexHook.command(program))
          && timeout().isPresent();
    }
  }

  static ConfigToml of(String text) throws Malformed {
    return new ConfigToml(TomlLines.of(text));
  }

  String text() {
    return lines.text();
  }

  /** Why hooks cannot be added as tables: they stand there in another form. */
  Optional<String> inTheWay() {
    List<String> table = List.of();
    for (Entry entry : lines.entries()) {
      switch (entry.kind()) {
        case TABLE, ELEMENT -> table = entry.path();
        case KEY -> {
          var path = new ArrayList<>(table);
          path.addAll(entry.path());
          boolean inline = path.equals(List.of(HOOKS));
          boolean dotted =
              path.size() >= 2
                  && path.getFirst().equals(HOOKS)
                  && CodexHook.of(path.get(1)).isPresent()
                  && table.size() < 2;
          boolean oursInline =
              path.size() == 3
                  && path.getFirst().equals(HOOKS)
                  && path.getLast().equals(HOOKS)
                  && CodexHook.ours(entry.value());
          if (inline || dotted || oursInline) {
            return Optional.of(String.join(".", path) + " = …");
          }
        }
        case OTHER -> {}
      }
    }
    return Optional.empty();
  }

  /** The value of a key, as written. */
  Optional<String> value(List<String> wanted) {
    List<String> table = List.of();
    for (Entry entry : lines.entries()) {
      switch (entry.kind()) {
        case TABLE, ELEMENT -> table = entry.path();
        case KEY -> {
          var path = new ArrayList<>(table);
          path.addAll(entry.path());
          if (path.equals(wanted)) {
            return Optional.of(entry.value());
          }
        }
        case OTHER -> {}
      }
    }
    return Optional.empty();
  }

  /** Our plugin, if it is switched on: "turnpike@turnpike". */
  Optional<String> plugin() {
    return lines.entries().stream()
        .filter(entry -> entry.kind() == Kind.TABLE && entry.path().size() == 2)
        .filter(entry -> entry.path().getFirst().equals("plugins"))
        .map(entry -> entry.path().getLast())
        .filter(name -> name.startsWith("turnpike@"))
        .filter(
            name ->
                value(List.of("plugins", name, "enabled"))
                    .map(value -> value.startsWith("true"))
                    .orElse(false))
        .findFirst();
  }

  /** Every entry of ours, in the order of the file. */
  List<Handler> ours() {
    return handlers().stream().filter(handler -> CodexHook.ours(handler.command())).toList();
  }

  List<Handler> ours(CodexHook hook) {
    return ours().stream().filter(found -> found.event().equals(hook.event())).toList();
  }

  private List<Handler> handlers() {
    var found = new ArrayList<Handler>();
    var groups = new HashMap<String, Integer>();
    List<Entry> entries = lines.entries();
    for (int at = 0; at < entries.size(); at++) {
      Entry entry = entries.get(at);
      if (entry.kind() == Kind.ELEMENT
          && entry.path().size() == 2
          && entry.path().getFirst().equals(HOOKS)) {
        String event = entry.path().getLast();
        found.addAll(group(event, groups.merge(event, 1, Integer::sum) - 1, at));
      }
    }
    return found;
  }

  private List<Handler> group(String event, int group, int header) {
    List<Entry> entries = lines.entries();
    int end = table(header);
    boolean limited = keys(header, end).containsKey("matcher");
    var starts = new ArrayList<Integer>();
    for (int at = next(end);
        at < entries.size() && entries.get(at).path().equals(List.of(HOOKS, event, HOOKS));
        at = next(table(at))) {
      starts.add(at);
    }
    var handlers = new ArrayList<Handler>();
    for (int index = 0; index < starts.size(); index++) {
      int first = starts.get(index);
      int behind = table(first);
      handlers.add(
          new Handler(
              event,
              group,
              index,
              limited,
              header,
              first,
              behind,
              starts.size() == 1,
              keys(first, behind)));
    }
    return handlers;
  }

  /** Behind the last key of the table whose header is at {@code header}. */
  int table(int header) {
    int end = header + 1;
    List<Entry> entries = lines.entries();
    for (int at = header + 1; at < entries.size(); at++) {
      switch (entries.get(at).kind()) {
        case TABLE, ELEMENT -> {
          return end;
        }
        case KEY -> end = at + 1;
        case OTHER -> {}
      }
    }
    return end;
  }

  /** The first header from {@code from} on. */
  private int next(int from) {
    int at = from;
    while (at < lines.entries().size() && lines.entries().get(at).kind() == Kind.OTHER) {
      at++;
    }
    return at;
  }

  Map<String, String> keys(int from, int end) {
    var keys = new HashMap<String, String>();
    for (Entry entry : lines.entries().subList(from, end)) {
      if (entry.kind() == Kind.KEY) {
        keys.put(String.join(".", entry.path()), entry.value());
      }
    }
    return keys;
  }

  /** With exactly one entry for each of our hooks and none for others. */
  ConfigToml registered(String program) throws Malformed {
    ConfigToml config = this;
    for (Handler found : ours().reversed()) {
      boolean kept =
          CodexHook.of(found.event())
              .flatMap(
                  hook -> ours(hook).stream().filter(handler -> !handler.limited()).findFirst())
              .equals(Optional.of(found));
      config = kept ? config : config.without(found);
    }
    var missing = new ArrayList<CodexHook>();
    for (CodexHook hook : CodexHook.values()) {
      List<Handler> there = config.ours(hook);
      if (there.isEmpty()) {
        missing.add(hook);
      } else if (!there.getFirst().serves(hook, program)) {
        Handler old = there.getFirst();
        config =
            config.replaced(
                old.first(), old.end(), handler(hook, program, old.timeout().orElse(0)));
      }
    }
    return config.appended(missing, program);
  }

  private ConfigToml appended(List<CodexHook> missing, String program) throws Malformed {
    if (missing.isEmpty()) {
      return this;
    }
    var block = new StringBuilder(text().contains(MARK.strip()) ? "" : MARK);
    for (CodexHook hook : missing) {
      block.append("[[hooks.%s]]\n".formatted(hook.event())).append(handler(hook, program, 0));
    }
    return appended(block.toString());
  }

  /**
   * The last line has an end of line if it had one: so what was added can be taken back exactly.
   */
  ConfigToml appended(String block) throws Malformed {
    String text = text();
    return of(
        text.isEmpty() || text.endsWith("\n") ? text + block : text + "\n" + block.stripTrailing());
  }

  private static String handler(CodexHook hook, String program, int chosen) {
    return """
    [[hooks.%s.hooks]]
    type = "command"
    command = %s
    timeout = %d
    """
        .formatted(
            hook.event(),
            TomlLines.quoted(CodexHook.command(program)),
            chosen > 0 ? chosen : hook.timeoutSeconds());
  }

  /** Without any entry of ours. What is remembered of them stays: see {@link TrustToml}. */
  ConfigToml unregistered() throws Malformed {
    ConfigToml config = this;
    for (Handler found : ours().reversed()) {
      config = config.without(found);
    }
    List<Entry> entries = config.lines.entries();
    for (int at = entries.size() - 1; at >= 0; at--) {
      if (entries.get(at).text().strip().equals(MARK.strip())) {
        config = config.replaced(at, at + 1, "");
      }
    }
    return config;
  }

  private ConfigToml without(Handler handler) throws Malformed {
    return replaced(handler.alone() ? handler.header() : handler.first(), handler.end(), "");
  }

  ConfigToml replaced(int first, int end, String text) throws Malformed {
    var before = new StringBuilder();
    lines.entries().subList(0, first).forEach(entry -> before.append(entry.text()));
    var behind = new StringBuilder();
    lines.entries().subList(end, lines.entries().size()).forEach(e -> behind.append(e.text()));
    boolean ended = lines.entries().get(end - 1).text().endsWith("\n");
    if (ended || !behind.isEmpty()) {
      return of(before + text + behind);
    }
    String whole = before + text;
    return of(whole.endsWith("\n") ? whole.substring(0, whole.length() - 1) : whole);
  }
}
