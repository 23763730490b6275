package dev.turnpike.session;

import dev.turnpike.agent.Memory;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.TraceContext;
import dev.turnpike.model.TraceId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * All that a step keeps of a session: what the assembler needs, on what terms recent prompts are
 * traced, and the context of traces whose background work is still to come. Mutable; owned by the
 * session's worker, written to the journal as JSON by {@link SessionMemoryJson}.
 */
final class SessionMemory {
  /** Prompts queue up only while one turn runs; the terms of older ones are not asked for again. */
  private static final int LIMIT_TERMS = 16;

  /**
   * Background work is bounded by what one machine runs; beyond this the oldest trace gets no later
   * parts.
   */
  private static final int LIMIT_CONTEXTS = 64;

  /** Where a trace with background work goes, and what its spans carry. */
  record Pending(TraceContext context, DestinationId destination) {}

  private Optional<Memory> assembler;
  private final LinkedHashMap<String, Terms> byPrompt;
  private @Nullable Terms latest;
  private final LinkedHashMap<TraceId, Pending> pending;
  private long agentPid;
  private long agentStartMillis;
  private boolean open;

  SessionMemory() {
    this(Optional.empty(), Map.of(), null, Map.of(), 0, 0, false);
  }

  SessionMemory(
      Optional<Memory> assembler,
      Map<String, Terms> byPrompt,
      @Nullable Terms latest,
      Map<TraceId, Pending> pending,
      long agentPid,
      long agentStartMillis,
      boolean open) {
    this.assembler = assembler;
    this.byPrompt = new LinkedHashMap<>(byPrompt);
    this.latest = latest;
    this.pending = new LinkedHashMap<>(pending);
    this.agentPid = agentPid;
    this.agentStartMillis = agentStartMillis;
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
          trim(byPrompt, LIMIT_TERMS);
        });
  }

  /** The terms of a prompt; without any event of it, those of the session's latest event. */
  Optional<Terms> terms(Optional<String> prompt) {
    return prompt.map(byPrompt::get).or(() -> Optional.ofNullable(latest));
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

  void agent(long pid, long startMillis) {
    agentPid = pid;
    agentStartMillis = startMillis;
  }

  long agentPid() {
    return agentPid;
  }

  long agentStartMillis() {
    return agentStartMillis;
  }

  /** Whether a turn or background work was open: after a restart only such sessions need a look. */
  boolean open() {
    return open;
  }

  void open(boolean value) {
    open = value;
  }

  private static <K, V> void trim(SequencedMap<K, V> map, int limit) {
    while (map.size() > limit) {
      map.pollFirstEntry();
    }
  }
}
