package dev.turnpike.gateway;

import dev.turnpike.inbox.AcceptResult;
import dev.turnpike.inbox.Consent;
import dev.turnpike.inbox.HookRequest;
import dev.turnpike.inbox.HookRequest.Parsed;
import dev.turnpike.inbox.Inbox;
import dev.turnpike.inbox.Terms;
import dev.turnpike.model.AgentId;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.Event;
import dev.turnpike.model.EventBody;
import dev.turnpike.model.EventId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The inbox behind the gateway's narrow door. Heads are read and judged as those of the spool are.
 */
public final class InboxIntake implements Intake {
  private static final Logger LOG = LoggerFactory.getLogger(InboxIntake.class);

  private final Inbox inbox;
  private final Consent consent;
  private final UnaryOperator<Map<String, String>> withoutSecrets;
  private final Predicate<AgentId> onlyCopy;
  private final Declined declined;
  private final GatewayCounters counters;

  /** Told of calls for which tracing is off, so that their prompt is never sent. */
  @FunctionalInterface
  public interface Declined {
    /**
     * Must not block. Completes when that will hold whatever happens to this process, and the
     * event's body is not needed any more.
     */
    CompletionStage<Void> declined(Event event);
  }

  /**
   * @param withoutSecrets what of a call's environment may be kept
   * @param onlyCopy agents that keep no record of their own: their events wait for the disk
   */
  public InboxIntake(
      Inbox inbox,
      Consent consent,
      UnaryOperator<Map<String, String>> withoutSecrets,
      Predicate<AgentId> onlyCopy,
      Declined declined,
      GatewayCounters counters) {
    this.inbox = inbox;
    this.consent = consent;
    this.withoutSecrets = withoutSecrets;
    this.onlyCopy = onlyCopy;
    this.declined = declined;
    this.counters = counters;
  }

  @Override
  public Admission admit(AgentId agent, List<Map.Entry<String, String>> headers) {
    return switch (HookRequest.of("POST", "/v1/events/" + agent, headers, withoutSecrets)) {
      case Parsed.Invalid(var fault, var detail) ->
          new Admission.Malformed("The head is not a hook client's (" + fault + "): " + detail);
      case Parsed.Valid(var request, var _) -> judge(request);
    };
  }

  private Admission judge(HookRequest request) {
    return switch (consent.judge(request.caller(), request.environment())) {
      case Terms.Traced(var destination) -> new Admission.Open(new Call(request, destination));
      case Terms.Off() -> new Admission.Open(new DeclinedCall(request));
      case Terms.Later(var reason) -> new Admission.Full(reason);
      case Terms.Refused(var reason) -> {
        // Spooled it would be refused again: it is dropped, counted and said.
        counters.refused("settings");
        LOG.warn("an event of {} was dropped: {}", request.agent(), reason);
        yield new Admission.Off();
      }
    };
  }

  private final class Call implements Ticket {
    private final HookRequest request;
    private final DestinationId destination;

    Call(HookRequest request, DestinationId destination) {
      this.request = request;
      this.destination = destination;
    }

    @Override
    public EventId id() {
      return request.id();
    }

    @Override
    public Path spillFile() throws IOException {
      return inbox.newSpillFile();
    }

    @Override
    public CompletionStage<Outcome> keep(EventBody body) {
      return inbox
          .accept(request.event(destination, body), onlyCopy.test(request.agent()))
          .thenApply(
              result ->
                  switch (result) {
                    case AcceptResult.Stored() -> {
                      request.shortfalls().forEach(counters::shortfall);
                      yield new Outcome.Stored();
                    }
                    case AcceptResult.Duplicate() -> {
                      forget(body);
                      counters.duplicate(request.agent());
                      yield new Outcome.Stored();
                    }
                    case AcceptResult.Full(var reason) -> {
                      forget(body);
                      yield new Outcome.Unavailable(reason);
                    }
                    case AcceptResult.Failed(var reason) -> {
                      forget(body);
                      yield new Outcome.Unavailable(reason);
                    }
                  });
    }
  }

  /**
   * A call for which tracing is off. Its body is read all the same, and not kept: it names the
   * session and the prompt that must not be sent when tracing is switched on again in the middle of
   * a session.
   */
  private final class DeclinedCall implements Ticket {
    private final HookRequest request;

    DeclinedCall(HookRequest request) {
      this.request = request;
    }

    @Override
    public EventId id() {
      return request.id();
    }

    @Override
    public Path spillFile() throws IOException {
      return inbox.newSpillFile();
    }

    @Override
    public CompletionStage<Outcome> keep(EventBody body) {
      return declined
          .declined(request.event(DestinationId.LOCAL, body))
          .handle(
              (marked, failure) -> {
                forget(body);
                return failure == null
                    ? new Outcome.Off()
                    : new Outcome.Unavailable("that it is declined cannot be noted: " + failure);
              });
    }
  }

  /**
   * The upload's own file, if it still has that name: a large body that is not kept must not pile
   * up.
   */
  private static void forget(EventBody body) {
    if (body instanceof EventBody.Spilled(var file, var _)) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        LOG.debug("{} stays until the inbox sweeps at its next start", file, e);
      }
    }
  }
}
