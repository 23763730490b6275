package dev.turnpike.gateway;

import dev.turnpike.inbox.AcceptResult;
import dev.turnpike.inbox.Consent;
import dev.turnpike.inbox.Inbox;
import dev.turnpike.inbox.Terms;
import dev.turnpike.model.AgentId;
import dev.turnpike.model.Caller;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.Digest;
import dev.turnpike.model.Event;
import dev.turnpike.model.EventBody;
import dev.turnpike.model.EventId;
import dev.turnpike.otlp.Decoded;
import dev.turnpike.otlp.OtlpLimits;
import dev.turnpike.otlp.OtlpTraces;
import dev.turnpike.otlp.SpanEnvelope;
import dev.turnpike.otlp.Undecodable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes trace exports: decodes the body, groups its spans by agent and trace, and gives each group
 * to the inbox as one event of that agent. Who sent them is answered only when all of them are on
 * the disk. An event's id comes from its content, so a request that is sent again adds nothing.
 *
 * <p>One body is decoded at a time, and few may wait for it: the shipped heap holds no more.
 */
public final class OtlpReceiver {
  /** Stands where a path names no agent. */
  static final AgentId ANY = new AgentId("otel");

  private static final Logger LOG = LoggerFactory.getLogger(OtlpReceiver.class);
  private static final int UNDER_WAY_MAX = 16;
  private static final int ID_HEX = 32;

  private final Inbox inbox;
  private final Consent consent;
  private final SpanOwners owners;
  private final InboxIntake.Declined declined;
  private final GatewayCounters counters;
  private final InstantSource clock;
  private final Semaphore decoding = new Semaphore(1, true);
  private final SpanGroups.Known known = new SpanGroups.Known();
  private final AtomicInteger underWay = new AtomicInteger();
  private final AtomicInteger open = new AtomicInteger();

  public OtlpReceiver(
      Inbox inbox,
      Consent consent,
      SpanOwners owners,
      InboxIntake.Declined declined,
      GatewayCounters counters,
      InstantSource clock) {
    this.inbox = inbox;
    this.consent = consent;
    this.owners = owners;
    this.declined = declined;
    this.counters = counters;
    this.clock = clock;
  }

  SpanOwners owners() {
    return owners;
  }

  /** Logs and metrics: nothing here needs them. */
  void dropped(OtlpRoutes.Kind kind) {
    switch (kind) {
      case LOGS -> counters.shortfall("otlp.logs", 1);
      case METRICS -> counters.shortfall("otlp.metrics", 1);
      case TRACES -> throw new IllegalArgumentException("traces are not dropped");
    }
  }

  /** Whether an export is arriving: an agent that exits may not wait for its answer. */
  public boolean busy() {
    return open.get() > 0;
  }

  /** Its body will not come, or it is answered. */
  void over() {
    open.decrementAndGet();
  }

  /** Where the body of one request goes; {@link #over} follows. */
  Intake intake(Router.Route.Otlp route, Executor workers) {
    open.incrementAndGet();
    return (agent, headers) ->
        underWay.get() >= UNDER_WAY_MAX
            ? new Intake.Admission.Full("Too many exports at once.")
            : new Intake.Admission.Open(new Export(route, workers));
  }

  private final class Export implements Intake.Ticket {
    private final Router.Route.Otlp route;
    private final Executor workers;

    Export(Router.Route.Otlp route, Executor workers) {
      this.route = route;
      this.workers = workers;
    }

    /** Of the request as a whole; its events have ids of their own. */
    @Override
    public EventId id() {
      return new EventId("otlp");
    }

    @Override
    public Path spillFile() throws IOException {
      return inbox.newSpillFile();
    }

    @Override
    public CompletionStage<Intake.Outcome> keep(EventBody body) {
      underWay.incrementAndGet();
      return CompletableFuture.supplyAsync(() -> take(route, body), workers)
          .thenCompose(outcome -> outcome)
          .whenComplete((outcome, failure) -> underWay.decrementAndGet());
    }
  }

  private CompletionStage<Intake.Outcome> take(Router.Route.Otlp route, EventBody body) {
    try {
      decoding.acquire();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      remove(body);
      return done(new Intake.Outcome.Unavailable("The daemon is stopping."));
    }
    try {
      return accept(route, body);
    } finally {
      decoding.release();
    }
  }

  private CompletionStage<Intake.Outcome> accept(Router.Route.Otlp route, EventBody body) {
    Decoded decoded;
    try (InputStream in = body.open()) {
      decoded =
          OtlpTraces.decode(in, route.form().encoding(), route.form().gzip(), OtlpLimits.STANDARD);
    } catch (Undecodable e) {
      counters.refused("otlp_undecodable");
      return done(new Intake.Outcome.Undecodable(String.valueOf(e.getMessage())));
    } catch (IOException e) {
      return done(new Intake.Outcome.Unavailable("The body cannot be read: " + e.getMessage()));
    } finally {
      remove(body);
    }
    decoded.shortfalls().forEach(counters::shortfall);
    var groups = SpanGroups.of(decoded.batches(), owners, route.agent(), known);
    if (groups.ownerless() > 0) {
      counters.shortfall("otlp.span.of-nobody", groups.ownerless());
    }
    int rejected = decoded.rejected() + groups.ownerless();
    return switch (consent.judge(caller(), Map.of())) {
      case Terms.Traced(var destination) -> keepAll(groups.all(), destination, rejected);
      case Terms.Off() -> declineAll(groups.all(), rejected);
      case Terms.Later(var reason) -> done(new Intake.Outcome.Unavailable(reason));
      case Terms.Refused(var reason) -> {
        counters.refused("settings");
        LOG.warn("an export of spans was dropped: {}", reason);
        yield done(new Intake.Outcome.Received(rejected));
      }
    };
  }

  /** OTLP tells nothing of a project: the settings of the machine hold. */
  private static Caller caller() {
    return new Caller(null, 0, "otlp", SpanEnvelope.EVENT_NAME, Map.of(), false);
  }

  private CompletionStage<Intake.Outcome> keepAll(
      List<SpanGroups.Group> groups, DestinationId destination, int rejected) {
    Instant now = clock.instant();
    var kept = new ArrayList<CompletableFuture<Optional<String>>>();
    for (SpanGroups.Group group : groups) {
      Event event = event(group, now, destination);
      kept.add(inbox.accept(event, true).thenApply(result -> failure(group.agent(), result)));
    }
    return CompletableFuture.allOf(kept.toArray(CompletableFuture[]::new))
        .thenApply(
            all ->
                kept.stream()
                    .map(CompletableFuture::join)
                    .flatMap(Optional::stream)
                    .findFirst()
                    .<Intake.Outcome>map(Intake.Outcome.Unavailable::new)
                    .orElseGet(() -> new Intake.Outcome.Received(rejected)));
  }

  private Optional<String> failure(AgentId agent, AcceptResult result) {
    return switch (result) {
      case AcceptResult.Stored() -> Optional.empty();
      case AcceptResult.Duplicate() -> {
        counters.duplicate(agent);
        yield Optional.empty();
      }
      case AcceptResult.Full(var reason) -> Optional.of(reason);
      case AcceptResult.Failed(var reason) -> Optional.of(reason);
    };
  }

  /** Nothing is kept, but that these turns must not be sent. */
  private CompletionStage<Intake.Outcome> declineAll(List<SpanGroups.Group> groups, int rejected) {
    Instant now = clock.instant();
    var marks = new ArrayList<CompletableFuture<Void>>();
    for (SpanGroups.Group group : groups) {
      marks.add(declined.declined(event(group, now, DestinationId.LOCAL)).toCompletableFuture());
    }
    return CompletableFuture.allOf(marks.toArray(CompletableFuture[]::new))
        .handle(
            (marked, failure) ->
                failure == null
                    ? new Intake.Outcome.Received(rejected)
                    : new Intake.Outcome.Unavailable("that it is declined cannot be noted"));
  }

  private Event event(SpanGroups.Group group, Instant at, DestinationId destination) {
    byte[] body =
        SpanEnvelope.write(group.head(), group.batches(), key -> owners.keeps(group.agent(), key));
    String digest = Digest.sha256Hex(body).substring(0, ID_HEX);
    return new Event(
        new EventId("otlp-" + group.agent() + "-" + digest),
        group.agent(),
        at,
        caller(),
        destination,
        new EventBody.Inline(body));
  }

  private static void remove(EventBody body) {
    if (body instanceof EventBody.Spilled(var file, var _)) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        LOG.debug("{} stays until the inbox sweeps at its next start", file, e);
      }
    }
  }

  private static CompletionStage<Intake.Outcome> done(Intake.Outcome outcome) {
    return CompletableFuture.completedFuture(outcome);
  }
}
