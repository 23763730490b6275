package dev.turnpike.house;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The rooms of the house and who may look into whom. A room is a package directly below {@code
 * dev.turnpike}, with all packages below it, except that every {@code agent.<name>} and {@code
 * export.<name>} is a room of its own, as is {@code gateway.api}.
 */
final class Rooms {
  static final String ROOT_PACKAGE = "dev/turnpike/";

  /** The name of the root package's room: it sees everything, nothing sees it. */
  static final String ROOT = "(root)";

  /** Stands for every room directly below: all adapters, all exporters. */
  private static final String EACH = ".*";

  /** Every arrow there is. A room that is not in here does not exist. */
  private static final Map<String, Set<String>> MAY_USE =
      Map.ofEntries(
          room("model"),
          room("platform"),
          room("config", "model", "platform"),
          room("journal", "model", "platform"),
          room("index", "model", "platform"),
          room("otlp", "model"),
          room("agent", "otlp", "model", "platform"),
          // What adapters of agents that emit OpenTelemetry have in common. Knows none of them.
          room("genai", "otlp", "model"),
          // No adapter may look into another.
          room("agent.*", "agent", "genai", "otlp", "model", "platform"),
          room("inbox", "model", "journal", "config", "platform"),
          room("privacy", "model", "config"),
          room("outbox", "model", "journal", "privacy", "platform"),
          room(
              "session",
              "agent",
              "model",
              "privacy",
              "outbox",
              "journal",
              "index",
              "inbox",
              "config",
              "platform"),
          room("export", "model", "config", "outbox", "platform"),
          room("export.*", "export", "model", "config", "outbox", "platform"),
          room("gateway.api", "model"),
          room(
              "gateway",
              "gateway.api",
              "otlp",
              "model",
              "inbox",
              "session",
              "outbox",
              "config",
              "platform"),
          // The command line asks the daemon for everything else. The model, because an adapter's
          // own id is one of its types.
          room("cli", "platform", "config", "agent", "export", "gateway.api", "model"),
          // All but cli, and no adapter by name: those it is handed by the root package.
          room(
              "daemon",
              "model",
              "otlp",
              "platform",
              "config",
              "journal",
              "index",
              "agent",
              "inbox",
              "privacy",
              "outbox",
              "session",
              "export",
              "export.*",
              "gateway",
              "gateway.api"));

  private Rooms() {}

  private static Map.Entry<String, Set<String>> room(String name, String... uses) {
    return Map.entry(name, Set.of(uses));
  }

  /** The room of a class, by its internal name: {@code dev/turnpike/agent/codex/Row$Text}. */
  static String of(String internalName) {
    String[] parts = internalName.substring(ROOT_PACKAGE.length()).split("/", -1);
    int packages = parts.length - 1;
    if (packages == 0) {
      return ROOT;
    }
    boolean divided =
        packages > 1
            && (MAY_USE.containsKey(parts[0] + EACH)
                || MAY_USE.containsKey(parts[0] + "." + parts[1]));
    return divided ? parts[0] + "." + parts[1] : parts[0];
  }

  /** What is wrong with the arrows of these classes; empty if nothing is. */
  static List<String> violations(Map<String, Set<String>> usesByClass) {
    List<String> found = new ArrayList<>();
    new TreeMap<>(usesByClass)
        .forEach(
            (user, uses) -> {
              String room = of(user);
              if (!room.equals(ROOT) && !MAY_USE.containsKey(kind(room))) {
                found.add(user + " is in the room " + room + ", which Rooms does not know");
                return;
              }
              for (String used : uses.stream().sorted().toList()) {
                if (!allowed(room, of(used))) {
                  found.add("%s -> %s: %s must not use %s".formatted(user, used, room, of(used)));
                }
              }
            });
    return found;
  }

  private static boolean allowed(String user, String used) {
    if (user.equals(used) || user.equals(ROOT)) {
      return true;
    }
    Set<String> uses = MAY_USE.getOrDefault(kind(user), Set.of());
    return uses.contains(used) || (uses.contains(kind(used)) && !kind(used).equals(kind(user)));
  }

  /** {@code agent.codex} is one of {@code agent.*}; any other room is its own kind. */
  private static String kind(String room) {
    int dot = room.indexOf('.');
    return dot < 0 || MAY_USE.containsKey(room) ? room : room.substring(0, dot) + EACH;
  }

  /** A way from a room back to itself along the arrows of the table; empty if there is none. */
  static List<String> cycle() {
    for (String start : MAY_USE.keySet()) {
      Set<String> seen = new HashSet<>();
      Deque<List<String>> ways = new ArrayDeque<>();
      ways.add(List.of(start));
      while (!ways.isEmpty()) {
        List<String> way = ways.remove();
        for (String next : MAY_USE.getOrDefault(way.getLast(), Set.of())) {
          List<String> further = new ArrayList<>(way);
          further.add(next);
          if (next.equals(start)) {
            return further;
          }
          if (seen.add(next)) {
            ways.add(further);
          }
        }
      }
    }
    return List.of();
  }

  /** The rooms that are named but never described. */
  static Set<String> undescribed() {
    Set<String> named = new HashSet<>();
    MAY_USE.values().forEach(named::addAll);
    named.removeAll(MAY_USE.keySet());
    return named;
  }
}
