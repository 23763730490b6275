package dev.turnpike.session;

import dev.turnpike.model.SessionKey;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Declined prompts of sessions of which nothing traced was heard yet: kept in memory only, the
 * oldest go first. Owned by the router's thread.
 */
final class DeclinedFirst {
  private static final int LIMIT_SESSIONS = 256;
  private static final int LIMIT_PROMPTS = 256;

  private final LinkedHashMap<SessionKey, LinkedHashSet<Optional<String>>> prompts =
      new LinkedHashMap<>();

  void add(SessionKey key, Optional<String> prompt) {
    var of = prompts.computeIfAbsent(key, same -> new LinkedHashSet<>());
    of.add(prompt);
    if (of.size() > LIMIT_PROMPTS) {
      of.removeFirst();
    }
    if (prompts.size() > LIMIT_SESSIONS) {
      prompts.pollFirstEntry();
    }
  }

  /** Those of the session, which are then forgotten here. */
  Set<Optional<String>> take(SessionKey key) {
    Set<Optional<String>> of = prompts.remove(key);
    return of == null ? Set.of() : of;
  }
}
