package dev.turnpike.agent;

import dev.turnpike.model.Observation;
import dev.turnpike.model.TraceId;
import dev.turnpike.model.TurnKey;
import java.util.List;

/**
 * Something that is final: a closed turn, background work of an earlier one, or history that only
 * moves the memory on. Each is committed in one step with the memory after it.
 */
public sealed interface Finished {
  /** The memory after this. */
  Memory memory();

  /**
   * A closed turn, root included.
   *
   * @param laterParts background work of this turn still runs: its spans will come as {@link
   *     LaterPart}, so the context must be kept
   */
  record ClosedTurn(
      TurnKey key,
      TraceId trace,
      List<Observation> observations,
      TurnFacts facts,
      boolean laterParts,
      Memory memory)
      implements Finished {
    public ClosedTurn {
      observations = List.copyOf(observations);
    }
  }

  /**
   * Spans below a turn that went out before. {@code last}: no further part of that trace will come.
   */
  record LaterPart(TraceId trace, List<Observation> observations, boolean last, Memory memory)
      implements Finished {
    public LaterPart {
      observations = List.copyOf(observations);
    }
  }

  /**
   * Rows that are accounted for without a trace: history before first contact, copies in a fork.
   */
  record Skipped(String reason, Memory memory) implements Finished {
    private static final String HISTORY = "before_first_contact";

    /**
     * What lies before the first event that was heard, nothing of which may go out. It is found
     * again, or not, once the worker has had what hook clients had left told: an earlier event may
     * be among it.
     */
    public static Skipped history(Memory memory) {
      return new Skipped(HISTORY, memory);
    }

    public boolean isHistory() {
      return reason.equals(HISTORY);
    }
  }
}
