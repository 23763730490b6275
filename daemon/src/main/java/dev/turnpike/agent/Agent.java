package dev.turnpike.agent;

import dev.turnpike.model.AgentId;
import dev.turnpike.model.Event;
import java.util.Optional;

/**
 * One coding agent: how to read what its hooks say, how to make turns of its record, how to
 * register with it.
 *
 * @param <S> the adapter's own form of a signal, with whatever it took from the payload
 */
public interface Agent<S extends Signal> {
  AgentId id();

  /** The name people know it by: "Claude Code". */
  String displayName();

  /**
   * What an event means. Called on the router's thread: parses the body as a stream and keeps what
   * is small. Never throws for bad input.
   */
  Interpretation<S> interpret(Event event);

  /** A fresh assembler that goes on where {@code ref.memory()} stands. Used by one thread only. */
  TurnAssembler<S> assembler(SessionRef ref);

  Installer installer();

  /**
   * Whether events carry content that lies nowhere else: plugins that push, agents without a record
   * of their own. Such an event is acknowledged only after it is on the disk.
   */
  default boolean onlyCopy() {
    return false;
  }

  /** For agents whose spans come to the OTLP receiver. */
  default Optional<Emitter> emitter() {
    return Optional.empty();
  }

  /** What the hook client prints for a call of this agent; nothing for almost all. */
  default String answer() {
    return "";
  }
}
