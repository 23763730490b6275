package dev.turnpike.config;

import static dev.turnpike.config.Setting.LANGFUSE_BASE_URL;
import static dev.turnpike.config.Setting.LANGFUSE_PUBLIC_KEY;
import static dev.turnpike.config.Setting.LANGFUSE_SECRET_KEY;

import dev.turnpike.config.Layer.Rank;
import dev.turnpike.config.Merge.Said;
import java.net.URI;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Makes a target of keys and address, or says in words why they make none. A wrong pair is never
 * sent: Langfuse looks a key up by its secret alone, so a secret beside another project's public
 * key would put traces into the wrong project without an error.
 */
final class Targets {
  private static final Pattern KEY = Pattern.compile("[!-~&&[^:]]{1,200}");
  private static final String KEPT = "; until then traces stay on this machine";

  private final Merge merge;
  private final KnownServers knownServers;
  private final Optional<String> secretsRefused;

  /**
   * @param knownServers servers the user named himself, outside of any call
   */
  Targets(Merge merge, KnownServers knownServers, Optional<String> secretsRefused) {
    this.merge = merge;
    this.knownServers = knownServers;
    this.secretsRefused = secretsRefused;
  }

  Target target(ExporterChoice exporter) {
    Optional<Said> publicKey = key(LANGFUSE_PUBLIC_KEY);
    Optional<Said> secretKey = key(LANGFUSE_SECRET_KEY);
    if (publicKey.isEmpty() && secretKey.isEmpty()) {
      return new Target.Local();
    }
    if (publicKey.isEmpty() || secretKey.isEmpty()) {
      Setting missing = publicKey.isEmpty() ? LANGFUSE_PUBLIC_KEY : LANGFUSE_SECRET_KEY;
      Said there = publicKey.or(() -> secretKey).orElseThrow();
      return unusable(
          "%s is set (%s) but %s is not: set both"
              .formatted(there.name(), there.source(), missing));
    }
    return problem(publicKey.get(), secretKey.get())
        .map(Targets::unusable)
        .orElseGet(
            () -> {
              String pk = text(publicKey.get());
              return new Target.Remote(
                  Destination.of(merge.text(LANGFUSE_BASE_URL), pk, exporter),
                  new Credentials(pk, text(secretKey.get())));
            });
  }

  private Optional<Said> key(Setting setting) {
    return merge.holder(setting).filter(said -> !text(said).isEmpty());
  }

  private static String text(Said said) {
    return Optional.ofNullable(said.value().text()).orElse("");
  }

  private static Target unusable(String problem) {
    return new Target.Unusable(problem + KEPT);
  }

  private Optional<String> problem(Said publicKey, Said secretKey) {
    return refused(secretKey)
        .or(() -> wrongKeys(publicKey, secretKey))
        .or(() -> mixed(publicKey, secretKey))
        .or(() -> address(publicKey, secretKey));
  }

  private Optional<String> refused(Said secretKey) {
    return secretKey.rank().inFile() ? secretsRefused : Optional.empty();
  }

  private static Optional<String> wrongKeys(Said publicKey, Said secretKey) {
    String pk = text(publicKey);
    String sk = text(secretKey);
    if (pk.startsWith("sk-lf-") && sk.startsWith("pk-lf-")) {
      return Optional.of(
          "the Langfuse keys are swapped (%s): the one that begins with pk-lf- belongs to LANGFUSE_PUBLIC_KEY"
              .formatted(publicKey.source()));
    }
    if (pk.startsWith("sk-lf-")) {
      return Optional.of(
          "%s (%s) holds a secret key: put the one that begins with pk-lf- there"
              .formatted(publicKey.name(), publicKey.source()));
    }
    if (sk.startsWith("pk-lf-")) {
      return Optional.of(
          "%s (%s) holds a public key: put the one that begins with sk-lf- there"
              .formatted(secretKey.name(), secretKey.source()));
    }
    return malformed(publicKey, pk).or(() -> malformed(secretKey, sk));
  }

  /**
   * Self-hosted servers may be started with keys of any form, so only what can be no key at all is
   * refused.
   */
  private static Optional<String> malformed(Said said, String key) {
    boolean placeholder =
        key.contains("...") || key.contains("<") || key.toLowerCase(Locale.ROOT).contains("your");
    return KEY.matcher(key).matches() && !placeholder
        ? Optional.empty()
        : Optional.of(
            "%s (%s) is no Langfuse key: copy it from the project's settings in Langfuse"
                .formatted(said.name(), said.source()));
  }

  private Optional<String> mixed(Said publicKey, Said secretKey) {
    if (publicKey.layer().equals(secretKey.layer())) {
      return Optional.empty();
    }
    boolean torn =
        merge
                .in(secretKey.layer(), LANGFUSE_PUBLIC_KEY)
                .map(Targets::text)
                .filter(k -> !k.isEmpty())
                .isPresent()
            || merge
                .in(publicKey.layer(), LANGFUSE_SECRET_KEY)
                .map(Targets::text)
                .filter(k -> !k.isEmpty())
                .isPresent();
    return torn
        ? Optional.of(
            "the keys belong to two pairs: the public one is from %s, the secret one from %s; set both in one place"
                .formatted(publicKey.source(), secretKey.source()))
        : Optional.empty();
  }

  private Optional<String> address(Said publicKey, Said secretKey) {
    Optional<Said> said = merge.holder(LANGFUSE_BASE_URL);
    if (said.isEmpty() || text(said.get()).isEmpty()) {
      return Optional.empty();
    }
    String url = text(said.get());
    String where = "%s (%s)".formatted(said.get().name(), said.get().source());
    if (BaseUrl.normalise(url).isEmpty()) {
      return Optional.of(where + " is no address such as https://cloud.langfuse.com");
    }
    String server = BaseUrl.server(URI.create(url));
    if (said.get().rank() != Rank.CALL || knownServers.contain(server)) {
      return Optional.empty();
    }
    if (publicKey.rank() != Rank.CALL || secretKey.rank() != Rank.CALL) {
      // else a cloned repository could have the user's own keys sent to its server
      return Optional.of(
          where
              + " names %s, but the keys are set elsewhere: name the server beside them to send them there"
                  .formatted(server));
    }
    return merge.text(Setting.TURNPIKE_DESTINATIONS).equals("known")
        ? Optional.of(
            where
                + " names %s, and TURNPIKE_DESTINATIONS=known: add it to TURNPIKE_KNOWN_HOSTS to allow it"
                    .formatted(server))
        : Optional.empty();
  }
}
