package dev.turnpike.agent.codex;

import dev.turnpike.agent.Installer;
import dev.turnpike.agent.codex.HookReview.Verdict;
import dev.turnpike.agent.codex.Registered.Known;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Registers our hooks in the user's settings of Codex, {@code ~/.codex/config.toml} or below {@code
 * CODEX_HOME}; in {@code hooks.json} beside it if the user keeps hooks there. {@code notify} is the
 * user's: it is neither used nor changed.
 *
 * <p>Codex skips a hook, without a word, until its user has trusted it. That is the user's to say:
 * in Codex (`/hooks`), or to us ({@link #trust}).
 *
 * <p>If our plugin is enabled, the hooks are the plugin's alone: both would report everything
 * twice.
 */
public final class CodexInstaller implements Installer {
  private static final String HOW =
      "start codex and trust them there (/hooks), or run: turnpike install codex --trust";

  private final HookReview review;

  public CodexInstaller() {
    this(new AppServer());
  }

  CodexInstaller(HookReview review) {
    this.review = review;
  }

  @Override
  public Detection detect(Machine machine) {
    var places = Places.of(machine);
    return Detection.of(machine, places.folder(), Places.PROGRAM, places.config());
  }

  @Override
  public List<FileChange> register(Machine machine, Path hookProgram) throws UnreadableSettings {
    Registered before = Registered.read(machine);
    return before
        .registered(hookProgram.toString())
        .since(
            before,
            before.config().plugin().isPresent()
                ? "take Turnpike's own hooks out of Codex's settings: the plugin has them"
                : "register Turnpike's hooks with Codex");
  }

  @Override
  public List<FileChange> unregister(Machine machine) throws UnreadableSettings {
    Registered before = Registered.read(machine);
    return before.unregistered().since(before, "take Turnpike's hooks out of Codex's settings");
  }

  @Override
  public Optional<Trust> trust() {
    return Optional.of(
        new Trust() {
          @Override
          public String explanation() {
            return "Codex runs a hook only once you have trusted it; until then nothing of Codex is"
                + " traced";
          }

          @Override
          public String byHand() {
            return HOW;
          }

          @Override
          public List<FileChange> changes(Machine machine, Path hookProgram)
              throws UnreadableSettings {
            Registered before = Registered.read(machine).registered(hookProgram.toString());
            return before
                .trusted()
                .since(
                    before,
                    "note that you trust Turnpike's %d hooks".formatted(before.keys().size()));
          }
        });
  }

  @Override
  public Registration check(Machine machine, Path hookProgram) {
    try {
      Registered now = Registered.read(machine);
      Optional<String> plugin = now.config().plugin();
      if (plugin.isEmpty()
          && now.config().ours().isEmpty()
          && now.hooks().map(settings -> settings.ours().isEmpty()).orElse(true)) {
        return new Registration.Absent();
      }
      var problems = new ArrayList<String>();
      if (!now.registered(hookProgram.toString())
          .since(now, "check whether hooks are missing")
          .isEmpty()) {
        problems.add(
            "the hooks in %s are not those of this version".formatted(now.places().folder()));
      }
      problems.addAll(obstacles(now.config()));
      problems.addAll(
          plugin.isPresent() ? distrusted(machine, plugin.get()) : distrusted(machine, now));
      return problems.isEmpty() ? new Registration.Complete() : new Registration.Partial(problems);
    } catch (UnreadableSettings e) {
      return new Registration.Unreadable(String.valueOf(e.getMessage()));
    }
  }

  /** What keeps Codex from running hooks that are registered, without a word. */
  private static List<String> obstacles(ConfigToml config) {
    var found = new ArrayList<String>();
    for (String feature : List.of("hooks", "codex_hooks")) {
      if (config
          .value(List.of("features", feature))
          .filter(value -> value.startsWith("false"))
          .isPresent()) {
        found.add("config.toml says features.%s = false, so no hook runs".formatted(feature));
      }
    }
    return found;
  }

  /** What Codex itself says of our hooks, and what its settings say where it cannot be asked. */
  private List<String> distrusted(Machine machine, Registered now) {
    Map<String, Verdict> asked = review.of(machine).orElse(Map.of());
    var untrusted = new LinkedHashMap<CodexHook, String>();
    var off = new ArrayList<String>();
    now.keys().values().stream()
        .sorted(Comparator.comparing(Known::hook))
        .forEach(
            known -> {
              Verdict verdict =
                  asked.getOrDefault(known.key(), written(new TrustToml(now.config()), known));
              if (!verdict.trusted()) {
                untrusted.put(known.hook(), known.hook().event());
              } else if (!verdict.enabled()) {
                off.add(known.hook().event());
              }
            });
    var problems = new ArrayList<String>();
    if (!untrusted.isEmpty()) {
      problems.add(
          "Codex does not run the hooks for %s, since you have not trusted them: %s"
              .formatted(String.join(", ", untrusted.values()), HOW));
    }
    if (!off.isEmpty()) {
      problems.add(
          "the hooks for %s are switched off in Codex (/hooks)".formatted(String.join(", ", off)));
    }
    return problems;
  }

  /** A plugin's hooks are trusted under hashes that only Codex knows. */
  private List<String> distrusted(Machine machine, String plugin) {
    boolean runs =
        review.of(machine).orElse(Map.of()).entrySet().stream()
            .filter(hook -> hook.getKey().startsWith(plugin + ":"))
            .allMatch(hook -> hook.getValue().trusted() && hook.getValue().enabled());
    return runs
        ? List.of()
        : List.of(
            "Codex does not run all hooks of the plugin %s: start codex and trust them there (/hooks), after every update of the plugin anew"
                .formatted(plugin));
  }

  private static Verdict written(TrustToml trust, Known known) {
    return Optional.ofNullable(trust.states().get(known.key()))
        .map(
            state ->
                new Verdict(state.trusted().equals(Optional.of(known.hash())), state.enabled()))
        .orElse(new Verdict(false, true));
  }
}
