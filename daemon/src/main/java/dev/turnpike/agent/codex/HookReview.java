package dev.turnpike.agent.codex;

import dev.turnpike.agent.Installer.Machine;
import java.util.Map;
import java.util.Optional;

/** Asks Codex which hooks it would run. */
interface HookReview {
  /** What Codex thinks of one hook: it runs what is both. */
  record Verdict(boolean trusted, boolean enabled) {}

  /** By the hooks' keys; empty if Codex cannot be asked. */
  Optional<Map<String, Verdict>> of(Machine machine);
}
