package dev.turnpike.config;

import dev.turnpike.model.DestinationId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Judges hook calls at the moment they arrive: whether the turn is traced, and where it goes. Swaps
 * the call's secret for a {@link DestinationId}, so that nothing after this holds it. Safe for all
 * threads.
 */
public final class Consents {
  private final Config config;
  private final CredentialStore credentials;
  private final Permits permits;
  private final WrongCalls wrong = new WrongCalls();

  public Consents(Config config, CredentialStore credentials, Permits permits) {
    this.config = config;
    this.credentials = credentials;
    this.permits = permits;
  }

  /**
   * @param cwd the agent's working directory, if known
   * @param environment all that the hook client sent, secrets included
   * @throws IOException if new credentials cannot be kept: the call is to be refused, the client
   *     spools it
   */
  public Consent judge(@Nullable String cwd, Map<String, String> environment) throws IOException {
    Config.Look look = config.look();
    Settings settings = look.resolve(cwd, environment);
    if (!settings.traced()) {
      return new Consent.Declined("tracing is switched off for this call");
    }
    var problems = new ArrayList<>(settings.problems());
    DestinationId destination =
        switch (settings.target()) {
          case Target.Local() -> DestinationId.LOCAL;
          case Target.Unusable(_) -> DestinationId.LOCAL;
          case Target.Remote(var to, var keys) -> {
            if (permits.admit(to, keys, cwd == null ? "" : cwd, look.knownServers())) {
              yield to.id();
            }
            if (permits.standing(to.server()) != Permits.Standing.DENIED) {
              problems.add(
                  "too many servers wait for a word, %s is one more: turnpike destinations"
                      .formatted(to.server()));
            }
            yield DestinationId.LOCAL;
          }
        };
    wrong.heard(cwd == null ? "" : cwd, problems);
    return new Consent.Given(destination);
  }

  /**
   * What is wrong with the settings of agents' calls alone, one line each, without secrets: an
   * agent is told nothing, so this is where its user finds it.
   */
  public List<String> problems() {
    var ofAll = new HashSet<>(config.warnings());
    ofAll.addAll(config.resolve(null, Map.of()).problems());
    var problems = new ArrayList<String>();
    wrong
        .byDirectory()
        .forEach(
            (directory, all) -> {
              String where = directory.isEmpty() ? "an unknown directory" : directory;
              all.stream()
                  .filter(problem -> !ofAll.contains(problem))
                  .forEach(problem -> problems.add("agents in %s: %s".formatted(where, problem)));
            });
    return problems;
  }

  /**
   * Takes over what the settings file says now, for the machine and for each project: a new secret
   * there un-parks its destination without waiting for the next hook.
   *
   * @throws IOException if new credentials cannot be kept
   */
  public void refresh() throws IOException {
    for (Target target : config.standingTargets()) {
      if (target instanceof Target.Remote(var to, var keys)) {
        credentials.put(to, keys);
        permits.remember(to);
      }
    }
  }
}
