package dev.turnpike.agent.codex;

import dev.turnpike.agent.HookSettings;
import dev.turnpike.agent.Installer.FileChange;
import dev.turnpike.agent.Installer.Machine;
import dev.turnpike.agent.Installer.UnreadableSettings;
import dev.turnpike.agent.SettingsText;
import dev.turnpike.agent.codex.TomlLines.Malformed;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Codex's two files with hooks of one user, as they are or as they are to be. Our hooks stand in
 * one of them: in {@code hooks.json} if others stand there already, since Codex complains at every
 * start about hooks in both.
 */
record Registered(
    Places places,
    SettingsText toml,
    ConfigToml config,
    SettingsText json,
    Optional<HookSettings> hooks) {

  /** One of our entries as Codex knows it. */
  record Known(CodexHook hook, String key, String hash) {}

  static Registered read(Machine machine) throws UnreadableSettings {
    var places = Places.of(machine);
    SettingsText toml = SettingsText.read(places.config());
    SettingsText json = SettingsText.read(places.json());
    return new Registered(
        places,
        toml,
        parsed(toml),
        json,
        json.text().isPresent()
            ? Optional.of(HookSettings.of(json, JsonEntries.ENTRIES))
            : Optional.empty());
  }

  private static ConfigToml parsed(SettingsText toml) throws UnreadableSettings {
    try {
      return ConfigToml.of(toml.text().orElse(""));
    } catch (Malformed e) {
      throw new UnreadableSettings(
          "%s, line %d: %s. It is no TOML: correct the file and try again. Nothing was changed."
              .formatted(toml.file(), e.line(), e.getMessage()));
    }
  }

  /** Whether hooks belong into {@code hooks.json}. */
  boolean inJson() {
    return hooks.map(settings -> !settings.at("/hooks").isEmpty()).orElse(false);
  }

  /** With the plugin the hooks are the plugin's alone. */
  Registered registered(String program) throws UnreadableSettings {
    if (config.plugin().isPresent()) {
      return unregistered();
    }
    Optional<String> inTheWay = config.inTheWay();
    if (inTheWay.isPresent()) {
      throw new UnreadableSettings(
          "%s has hooks as \"%s\", to which tables cannot be added: write them as [[hooks.EVENT]] and try again. Nothing was changed."
              .formatted(toml.file(), inTheWay.get()));
    }
    try {
      return inJson()
          ? with(
              config.unregistered(),
              hooks.map(settings -> settings.registered(CodexHook.events(), program)))
          : with(config.registered(program), hooks.map(HookSettings::unregistered));
    } catch (Malformed e) {
      throw new IllegalStateException("what was written is no TOML", e);
    }
  }

  Registered unregistered() {
    try {
      return with(
          new TrustToml(config.unregistered()).forgotten(keys().keySet()).config(),
          hooks.map(HookSettings::unregistered));
    } catch (Malformed e) {
      throw new IllegalStateException("what was written is no TOML", e);
    }
  }

  Registered trusted() {
    var hashes = new HashMap<String, String>();
    keys().forEach((key, known) -> hashes.put(key, known.hash()));
    try {
      return with(new TrustToml(config).trusting(hashes).config(), hooks);
    } catch (Malformed e) {
      throw new IllegalStateException("what was written is no TOML", e);
    }
  }

  private Registered with(ConfigToml changed, Optional<HookSettings> settings) {
    return new Registered(places, toml, changed, json, settings);
  }

  /** Our entries that are for one of our hooks, by the keys under which Codex knows them. */
  Map<String, Known> keys() {
    var keys = new HashMap<String, Known>();
    for (ConfigToml.Handler found : config.ours()) {
      CodexHook.of(found.event())
          .map(
              hook ->
                  known(
                      hook,
                      places.config() + position(hook, found.group(), found.index()),
                      found.command(),
                      found.timeout()))
          .ifPresent(known -> keys.put(known.key(), known));
    }
    for (HookSettings.Found found : hooks.map(HookSettings::ours).orElse(List.of())) {
      Optional<Integer> timeout =
          Optional.of(found.handler().path("timeout").asInt(0)).filter(seconds -> seconds > 0);
      CodexHook.of(found.event())
          .map(
              hook ->
                  known(
                      hook,
                      places.json() + position(hook, found.group(), found.index()),
                      found.handler().path("command").asText(),
                      timeout))
          .ifPresent(known -> keys.put(known.key(), known));
    }
    return keys;
  }

  private static String position(CodexHook hook, int group, int index) {
    return ":%s:%d:%d".formatted(hook.snake(), group, index);
  }

  private static Known known(
      CodexHook hook, String key, String command, Optional<Integer> timeout) {
    return new Known(hook, key, hook.hash(command, hook.effective(timeout)));
  }

  List<FileChange> since(Registered before, String description) throws UnreadableSettings {
    var changes = new ArrayList<FileChange>();
    if (!config.text().equals(before.config.text())) {
      toml.requireWritable();
      changes.add(new FileChange(toml.file(), Optional.of(config.text()), description));
    }
    if (hooks.isPresent()
        && before.hooks.isPresent()
        && !hooks.get().document().text().equals(before.hooks.get().document().text())) {
      json.requireWritable();
      changes.add(
          new FileChange(json.file(), Optional.of(hooks.get().document().text()), description));
    }
    return changes;
  }
}
