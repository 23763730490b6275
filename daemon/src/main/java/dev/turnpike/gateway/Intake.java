package dev.turnpike.gateway;

import dev.turnpike.model.AgentId;
import dev.turnpike.model.EventBody;
import dev.turnpike.model.EventId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** The inbox as the gateway sees it: first the head is judged, then the body is kept. */
public interface Intake {
  /**
   * Judges a call by its head alone: form, consent, destination, room in the inbox. Called on the
   * event loop for a body that is in the heap: it costs a look at the settings file's attributes,
   * and a write only where a call brings keys or a server never seen before.
   *
   * @param headers in the order they came, names as sent; a name may occur many times
   */
  Admission admit(AgentId agent, List<Map.Entry<String, String>> headers);

  /** What the head alone decides. */
  sealed interface Admission {
    record Open(Ticket ticket) implements Admission {}

    /** Nothing of the call is kept. */
    sealed interface Refused extends Admission {}

    /** Tracing is off for this call. */
    record Off() implements Refused {}

    /** The head is not one of the hook protocol. */
    record Malformed(String problem) implements Refused {}

    /** Nothing can be kept now; the client spools. */
    record Full(String reason) implements Refused {}
  }

  /** An admitted call whose body is still to come. Used by one thread at a time. */
  interface Ticket {
    EventId id();

    /**
     * A new empty file (0600) for a body too large for the heap; it belongs to the inbox once
     * {@link #keep} was called with it.
     */
    Path spillFile() throws IOException;

    /**
     * Completes when the event is in the journal. Never completes exceptionally for a full or
     * failing disk: that is an outcome.
     */
    CompletionStage<Outcome> keep(EventBody body);
  }

  /** What became of a body. */
  sealed interface Outcome {
    /** Kept now, or kept before under the same id. */
    record Stored() implements Outcome {}

    /** Tracing is off for this call: read, and not kept. */
    record Off() implements Outcome {}

    /**
     * Spans, kept as far as they are valid.
     *
     * @param rejected spans that were left out
     */
    record Received(int rejected) implements Outcome {}

    /** The body is not what its head says it is. */
    record Undecodable(String problem) implements Outcome {}

    /** Not kept, the spill file included: the client spools. */
    record Unavailable(String reason) implements Outcome {}
  }
}
