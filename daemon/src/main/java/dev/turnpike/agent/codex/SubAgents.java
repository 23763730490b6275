package dev.turnpike.agent.codex;

import dev.turnpike.agent.FollowedFile;
import dev.turnpike.agent.SessionRef;
import dev.turnpike.model.TurnKey;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The threads that turns of the main thread set to work, and theirs. */
final class SubAgents implements Threads {
  private static final int LIMIT_AGENTS = 200;

  private final SessionRef ref;
  private final Carry carry;
  private final ThreadFile main;
  private final Map<String, ThreadFile> files = new HashMap<>();
  private final Map<String, Path> paths = new HashMap<>();

  /** Looked for in vain since {@link #lookAgain()}. */
  private final Set<String> missing = new HashSet<>();

  private final Set<String> awaited = new LinkedHashSet<>();

  SubAgents(SessionRef ref, Carry carry, ThreadFile main) {
    this.ref = ref;
    this.carry = carry;
    this.main = main;
  }

  /** Those whose files are to be read, as far as these are there. */
  List<FollowedFile> followed(Path beside) {
    Set<String> wanted = wanted();
    files.keySet().retainAll(wanted);
    paths.keySet().retainAll(wanted);
    var followed = new ArrayList<FollowedFile>();
    for (String thread : wanted) {
      path(beside, thread).ifPresent(path -> followed.add(new FollowedFile(path, 0, true)));
    }
    return followed;
  }

  private Set<String> wanted() {
    var wanted = new LinkedHashSet<String>();
    if (!main.turns.isEmpty()) {
      carry.threads.keySet().forEach(thread -> want(thread, wanted));
      main.turns.forEach(turn -> turn.summoned.keySet().forEach(thread -> want(thread, wanted)));
    }
    return wanted;
  }

  private void want(String thread, Set<String> wanted) {
    if (wanted.size() < LIMIT_AGENTS && wanted.add(thread)) {
      ThreadFile file = files.get(thread);
      if (file != null) {
        file.turns.forEach(turn -> turn.summoned.keySet().forEach(next -> want(next, wanted)));
      }
    }
  }

  private Optional<Path> path(Path beside, String thread) {
    Path named = carry.threads.get(thread);
    Path known = named == null ? paths.get(thread) : named;
    if (known == null && !missing.contains(thread)) {
      known = Rollouts.find(beside, thread).orElse(null);
      if (known == null) {
        missing.add(thread);
      }
    }
    if (known != null) {
      paths.put(thread, known);
    }
    return Optional.ofNullable(known);
  }

  /** A file that was not there may be by now. */
  void lookAgain() {
    missing.clear();
  }

  /** The thread whose file it is; absent if it is none of ours any more. */
  @Nullable ThreadFile of(Path path) {
    for (Map.Entry<String, Path> known : paths.entrySet()) {
      if (known.getValue().equals(path)) {
        return files.computeIfAbsent(known.getKey(), id -> new ThreadFile(ref.counters()));
      }
    }
    return null;
  }

  /** A hook said that this turn ended. */
  void await(String turn) {
    Carry.keep(awaited, turn);
  }

  void awaitNone() {
    awaited.clear();
  }

  /** A turn that ended has no end in its file yet, and something waits for it. */
  boolean awaiting() {
    return !main.turns.isEmpty() && awaited.stream().anyMatch(turn -> !ended(turn));
  }

  private boolean ended(String turn) {
    return files.values().stream()
        .flatMap(file -> file.turns.stream())
        .anyMatch(one -> one.id.equals(turn) && one.over());
  }

  // ---- who works for whom

  @Override
  public List<Turn> turns(String thread, Turn root) {
    ThreadFile file = files.get(thread);
    return file == null
        ? List.of()
        : file.turns.stream()
            .filter(turn -> !copied(turn) && turn.substantial() && worksFor(turn, root))
            .toList();
  }

  /** Before 0.148 a sub-agent's file may begin with its parent's turns. */
  private boolean copied(Turn turn) {
    return main.turns.stream().anyMatch(own -> own.id.equals(turn.id))
        || (!turn.implicit() && ref.exported().contains(new TurnKey(turn.id)));
  }

  private boolean worksFor(Turn turn, Turn root) {
    String named = turn.root;
    if (named != null && !named.equals(turn.id)) {
      return named.equals(root.id);
    }
    Instant next = Instant.MAX;
    for (Turn other : main.turns) {
      if (other.start.isAfter(root.start) && other.start.isBefore(next)) {
        next = other.start;
      }
    }
    return root.id.equals(turn.parent)
        || (!turn.start.isBefore(root.start) && turn.start.isBefore(next));
  }

  @Override
  public List<String> unsummoned(Turn root) {
    var summoned = new HashSet<String>(root.summoned.keySet());
    files.values().forEach(file -> file.turns.forEach(t -> summoned.addAll(t.summoned.keySet())));
    return carry.threads.keySet().stream().filter(thread -> !summoned.contains(thread)).toList();
  }

  @Override
  public @Nullable String fact(String thread, String name) {
    ThreadFile file = files.get(thread);
    return file == null ? null : file.fact(name);
  }
}
