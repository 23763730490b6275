package dev.turnpike.config;

import java.util.List;
import java.util.Optional;

/**
 * Where the value of a setting comes from.
 *
 * @param shown the value that holds; a secret as {@code sk-lf-...abcd}
 * @param source where it stands
 * @param candidates every place that says something, the strongest first, the default last
 */
public record Explained(Setting setting, String shown, String source, List<Candidate> candidates) {
  public Explained {
    candidates = List.copyOf(candidates);
  }

  /**
   * @param source for people: {@code the agent's environment}, {@code [project /home/dev/shop] in
   *     /home/dev/.config/turnpike/config, line 7}
   * @param name under which it stands there, perhaps an alias
   * @param problem why it does not count
   * @param used whether it is the one that holds
   */
  public record Candidate(
      String source, String name, String shown, Optional<String> problem, boolean used) {}
}
