package dev.turnpike.session;

import dev.turnpike.agent.Agent;
import dev.turnpike.agent.Memory;
import dev.turnpike.agent.SessionRef;
import dev.turnpike.agent.Signal;
import dev.turnpike.agent.TurnAssembler;
import dev.turnpike.config.Settings;
import dev.turnpike.model.SessionKey;
import dev.turnpike.model.TraceSeed;
import dev.turnpike.model.TurnKey;
import java.time.Duration;
import java.util.Optional;

/**
 * What a worker works on, built from the journal; thrown away and built again when something fails.
 */
record Desk<S extends Signal>(SessionMemory memory, TurnAssembler<S> assembler, Followed files) {
  private static final Duration TURN_IDLE = Duration.ofMinutes(30);

  static <S extends Signal> Desk<S> lay(
      SessionKey key, Agent<S> agent, Surroundings around, BadRows badRows) {
    Steps steps = around.steps();
    SessionMemory memory = steps.memory(key);
    var ref =
        new SessionRef(
            key,
            memory.assembler(),
            steps::exported,
            (turn, number, prompt) -> seed(key, steps, memory, turn, number, prompt),
            around.counters()::count);
    TurnAssembler<S> assembler = agent.assembler(ref);
    var files =
        new Followed(
            assembler,
            memory.assembler(),
            around.counters(),
            around.bigRows(),
            around.ownUid(),
            badRows);
    return new Desk<>(memory, assembler, files);
  }

  /** The session as a step keeps it once the assembler stands at {@code after}. */
  String remember(Memory after) {
    memory.assembler(files.withHeads(after));
    memory.open(assembler.open());
    return SessionMemoryJson.write(memory);
  }

  /** How long a turn may be quiet before it counts as left by its agent. */
  Duration turnIdle(Steps steps) {
    return traced(memory, Optional.empty())
        .map(steps::settings)
        .map(Settings::turnIdle)
        .orElse(TURN_IDLE);
  }

  private static TraceSeed seed(
      SessionKey key,
      Steps steps,
      SessionMemory memory,
      TurnKey turn,
      int number,
      Optional<String> prompt) {
    return traced(memory, prompt)
        .flatMap(traced -> steps.settings(traced).traceSeed())
        .map(seed -> TraceSeed.ofUser(seed, number))
        .orElseGet(() -> TraceSeed.of(key.agent(), turn));
  }

  private static Optional<Terms.Traced> traced(SessionMemory memory, Optional<String> prompt) {
    return memory
        .terms(prompt)
        .flatMap(
            terms -> terms instanceof Terms.Traced traced ? Optional.of(traced) : Optional.empty());
  }
}
