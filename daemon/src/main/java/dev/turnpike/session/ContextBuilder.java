package dev.turnpike.session;

import dev.turnpike.agent.TurnFacts;
import dev.turnpike.config.Config;
import dev.turnpike.config.Settings;
import dev.turnpike.model.Digest;
import dev.turnpike.model.SessionKey;
import dev.turnpike.model.TraceContext;
import dev.turnpike.platform.HostFacts;
import dev.turnpike.platform.RepoFacts;
import dev.turnpike.platform.Version;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Makes the context that every span of a turn carries: session, user, tags, names, environment. The
 * agent's own record goes first (branch, working directory, version); the machine fills what is
 * missing.
 */
final class ContextBuilder {
  private static final int LIMIT_SESSION_CHARS = 200;
  private static final int LIMIT_VALUE_CHARS = 200;
  private static final int LIMIT_TAGS = 50;

  private final Config config;
  private final HostFacts host;
  private final Path home;

  ContextBuilder(Config config, HostFacts host, Path home) {
    this.config = config;
    this.host = host;
    this.home = home;
  }

  Settings settings(Terms.Traced terms) {
    return config.resolve(terms.cwd(), terms.environment());
  }

  TraceContext build(SessionKey key, TurnFacts facts, Terms.Traced terms, Settings settings) {
    Optional<String> cwd = facts.cwd().or(() -> Optional.ofNullable(terms.cwd()));
    RepoFacts repo = cwd.map(this::repo).orElseGet(ContextBuilder::noRepo);
    Optional<String> branch = facts.branch().or(repo::branch);

    var tags = new LinkedHashSet<String>();
    tag(tags, "agent", Optional.of(key.agent().value()));
    tag(tags, "repo", repo.name());
    tag(tags, "branch", branch);
    tag(tags, "user", Optional.of(host.user()));
    tag(tags, "host", Optional.of(host.host()));
    tag(tags, "os", Optional.of(host.os()));
    facts.tags().forEach(tag -> tags.add(cut(tag)));
    settings.tags().forEach(tag -> tags.add(cut(tag)));

    var metadata = new LinkedHashMap<String, String>();
    put(metadata, "agent", Optional.of(key.agent().value()));
    put(metadata, "repo", repo.name());
    put(metadata, "branch", branch);
    put(metadata, "commit", repo.commit());
    put(metadata, "host", Optional.of(host.host()));
    put(metadata, "os", Optional.of(host.os()));
    put(metadata, "cwd", cwd);
    put(metadata, "turn", Optional.of(Integer.toString(facts.number())));
    facts.metadata().forEach((name, value) -> put(metadata, name, Optional.of(value)));

    return new TraceContext(
        key.agent(),
        sessionId(key.session().value()),
        cut(userId(settings, repo)),
        List.copyOf(tags).subList(0, Math.min(LIMIT_TAGS, tags.size())),
        key.agent() + " turn",
        settings.environment().orElse(null),
        settings.release().orElseGet(Version::current),
        facts.agentVersion().orElse(null),
        metadata);
  }

  /**
   * Langfuse documents 1 to 200 US-ASCII characters; anything else is replaced by its hash so that
   * it is never dropped.
   */
  static String sessionId(String id) {
    boolean plain =
        id.length() <= LIMIT_SESSION_CHARS && StandardCharsets.US_ASCII.newEncoder().canEncode(id);
    return plain ? id : Digest.sha256Hex(id);
  }

  private String userId(Settings settings, RepoFacts repo) {
    return settings
        .userId()
        .or(() -> settings.gitEmailAllowed() ? repo.userEmail() : Optional.empty())
        .orElseGet(host::user);
  }

  private RepoFacts repo(String cwd) {
    try {
      return RepoFacts.of(Path.of(cwd), home);
    } catch (InvalidPathException e) {
      return noRepo();
    }
  }

  private static RepoFacts noRepo() {
    return new RepoFacts(
        Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
  }

  private static void tag(Set<String> tags, String name, Optional<String> value) {
    value.filter(text -> !text.isBlank()).ifPresent(text -> tags.add(cut(name + ":" + text)));
  }

  private static void put(Map<String, String> metadata, String name, Optional<String> value) {
    value.filter(text -> !text.isBlank()).ifPresent(text -> metadata.put(name, cut(text)));
  }

  private static String cut(String text) {
    if (text.length() <= LIMIT_VALUE_CHARS) {
      return text;
    }
    // half a surrogate pair is no character
    boolean within = Character.isHighSurrogate(text.charAt(LIMIT_VALUE_CHARS - 1));
    return text.substring(0, within ? LIMIT_VALUE_CHARS - 1 : LIMIT_VALUE_CHARS);
  }
}
