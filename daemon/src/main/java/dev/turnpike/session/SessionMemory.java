package dev.turnpike.session;

import dev.turnpike.agent.Memory;
import dev.turnpike.model.TraceContext;
import dev.turnpike.model.TraceId;
import dev.turnpike.platform.Processes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * All that a step keeps of a session: what the assembler needs, on what terms recent prompts are
 * traced, and the context of traces whose background work is still to come. Mutable; owned by the
 * session's worker, written to the journal as JSON by {@link SessionMemoryJson}.
 */
final class SessionMemory {
  /** Of prompts up to the one whose turn went out last. */
  private static final int LIMIT_SETTLED = 16;

  /**
   * Of prompts whose turn is still to come, and those are few while one turn runs; but many come at
   * once after an agent was not listened to for a while.
   */
  private static final int LIMIT_TERMS = 256;

  /**
   * That a prompt must not be sent is remembered longer: many may come at once after the daemon was
   * away, and forgetting it would send what the user declined.
   */
  private static final int LIMIT_DECLINED = 256;

  /** A start may be told a little later than an event of the process, when clocks are set. */
  private static final Duration START_TOLERANCE = Duration.ofMinutes(1);

  /** No process: the pid belonged to one that has ended. */
  private static final long ENDED = -1;

  /**
   * Background work is bounded by what one machine runs; beyond this the oldest trace gets no later
   * parts.
   */
  private static final int LIMIT_CONTEXTS = 64;

  /** On what terms a trace with background work goes out, and what its spans carry. */
  record Pending(TraceContext context, Terms.Traced terms) {}

  /**
   * The agent's process as the latest event knew it.
   *
   * @param pid 0 if unknown
   * @param birth tells it from others with its pid ({@link Processes#birth}); 0 if unknown
   * @param saidAt when that event was; an older one that comes late does not count
   */
  record AgentProcess(long pid, long birth, Instant saidAt) {
    static final AgentProcess UNKNOWN = new AgentProcess(0, 0, Instant.EPOCH);
  }

  private Optional<Memory> assembler;
  private final LinkedHashMap<String, Terms> byPrompt;
  private @Nullable Terms latest;
  private final LinkedHashMap<TraceId, Pending> pending;
  private AgentProcess agent;
  private boolean open;

  SessionMemory() {
    this(Optional.empty(), Map.of(), null, Map.of(), AgentProcess.UNKNOWN, false);
  }

  SessionMemory(
      Optional<Memory> assembler,
      Map<String, Terms> byPrompt,
      @Nullable Terms latest,
      Map<TraceId, Pending> pending,
      AgentProcess agent,
      boolean open) {
    this.assembler = assembler;
    this.byPrompt = new LinkedHashMap<>(byPrompt);
    this.latest = latest;
    this.pending = new LinkedHashMap<>(pending);
    this.agent = agent;
    this.open = open;
  }

  Optional<Memory> assembler() {
    return assembler;
  }

  void assembler(Memory memory) {
    assembler = Optional.of(memory);
  }

  /**
   * The later of two events of one prompt does not change its terms: consent is that of the prompt.
   */
  void terms(Optional<String> prompt, Terms terms) {
    latest = terms;
    prompt.ifPresent(
        id -> {
          byPrompt.putIfAbsent(id, terms);
          trim(Terms.Traced.class, LIMIT_TERMS);
          trim(Terms.Declined.class, LIMIT_DECLINED);
        });
  }

  /**
   * The turn of a prompt goes out, or not, on the terms it has. Turns come in the order of their
   * prompts: what was heard long before this one is not asked for again.
   */
  void settled(String prompt) {
    if (!(byPrompt.get(prompt) instanceof Terms.Traced)) {
      return;
    }
    var before = new ArrayDeque<String>();
    for (var entry : byPrompt.entrySet()) {
      if (entry.getValue() instanceof Terms.Traced) {
        before.add(entry.getKey());
      }
      if (entry.getKey().equals(prompt)) {
        break;
      }
    }
    while (before.size() > LIMIT_SETTLED) {
      byPrompt.remove(before.remove());
    }
  }

  /** The terms of a prompt; without any event of it, those of the session's latest event. */
  Optional<Terms> terms(Optional<String> prompt) {
    return prompt.map(byPrompt::get).or(() -> Optional.ofNullable(latest));
  }

  /** Whether an event of this very prompt was heard. */
  boolean hasTerms(String prompt) {
    return byPrompt.containsKey(prompt);
  }

  Map<String, Terms> termsByPrompt() {
    return byPrompt;
  }

  @Nullable Terms latestTerms() {
    return latest;
  }

  void expectLaterParts(TraceId trace, Pending of) {
    pending.put(trace, of);
    trim(pending, LIMIT_CONTEXTS);
  }

  Optional<Pending> pending(TraceId trace) {
    return Optional.ofNullable(pending.get(trace));
  }

  void noLaterParts(TraceId trace) {
    pending.remove(trace);
  }

  Map<TraceId, Pending> pending() {
    return pending;
  }

  /**
   * The latest event was sent by {@code pid}. Pids come again, in a container even the same ones: a
   * process that began after the event is another one, and a known one that has ended may have a
   * successor.
   */
  void agent(long pid, Instant at) {
    if (at.isBefore(agent.saidAt())) {
      return;
    }
    boolean known = pid == agent.pid() && Processes.alive(pid, agent.birth());
    agent = new AgentProcess(pid, known ? agent.birth() : birthOf(pid, at), at);
  }

  private static long birthOf(long pid, Instant at) {
    OptionalLong birth = Processes.birth(pid);
    if (birth.isEmpty()) {
      return Processes.alive(pid, 0) ? 0 : ENDED;
    }
    boolean later =
        Processes.began(pid).filter(began -> began.isAfter(at.plus(START_TOLERANCE))).isPresent();
    return later ? ENDED : birth.getAsLong();
  }

  /** The agent's process was known and has ended. */
  boolean agentGone() {
    return agent.pid() > 0
        && (agent.birth() == ENDED || !Processes.alive(agent.pid(), agent.birth()));
  }

  AgentProcess agent() {
    return agent;
  }

  /** Whether a turn or background work was open: after a restart only such sessions need a look. */
  boolean open() {
    return open;
  }

  void open(boolean value) {
    open = value;
  }

  private void trim(Class<? extends Terms> kind, int limit) {
    long surplus = byPrompt.values().stream().filter(kind::isInstance).count() - limit;
    var each = byPrompt.values().iterator();
    while (surplus > 0 && each.hasNext()) {
      if (kind.isInstance(each.next())) {
        each.remove();
        surplus--;
      }
    }
  }

  private static <K, V> void trim(SequencedMap<K, V> map, int limit) {
    while (map.size() > limit) {
      map.pollFirstEntry();
    }
  }
}
