package dev.turnpike.config;

import dev.turnpike.model.DestinationId;
import java.io.IOException;
import java.util.ArrayList;
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
    Settings settings = config.resolve(cwd, environment);
    if (!settings.traced()) {
      return new Consent.Declined("tracing is switched off for this call");
    }
    var problems = new ArrayList<>(settings.problems());
    DestinationId destination =
        switch (settings.target()) {
          case Target.Local() -> DestinationId.LOCAL;
          case Target.Unusable(_) -> DestinationId.LOCAL;
          case Target.Remote(var to, var keys) -> {
            if (permits.admit(to, keys, cwd == null ? "" : cwd)) {
              yield to.id();
            }
            problems.add(
                "%s was denied, or too many wait for a word: turnpike destinations"
                    .formatted(to.server()));
            yield DestinationId.LOCAL;
          }
        };
    return new Consent.Given(destination, config.withoutSecrets(environment), problems);
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
