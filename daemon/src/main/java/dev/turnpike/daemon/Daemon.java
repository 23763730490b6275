package dev.turnpike.daemon;

import dev.turnpike.agent.Agent;
import dev.turnpike.config.Config;
import dev.turnpike.config.Consents;
import dev.turnpike.config.CredentialStore;
import dev.turnpike.config.Permits;
import dev.turnpike.config.SeenHosts;
import dev.turnpike.config.Settings;
import dev.turnpike.export.Account;
import dev.turnpike.export.Delivery;
import dev.turnpike.export.Http;
import dev.turnpike.export.langfuse.LangfuseExporter;
import dev.turnpike.export.langfuse.Projects;
import dev.turnpike.export.local.KeptHere;
import dev.turnpike.gateway.ConfigView;
import dev.turnpike.gateway.Controls;
import dev.turnpike.gateway.Gateway;
import dev.turnpike.gateway.GatewayCounters;
import dev.turnpike.gateway.GatewayLimits;
import dev.turnpike.gateway.GatewaySetup;
import dev.turnpike.gateway.InboxIntake;
import dev.turnpike.gateway.Lifecycle;
import dev.turnpike.gateway.OtlpReceiver;
import dev.turnpike.gateway.OtlpSetup;
import dev.turnpike.gateway.api.ReloadReport;
import dev.turnpike.inbox.Consent;
import dev.turnpike.inbox.Inbox;
import dev.turnpike.inbox.InboxLimits;
import dev.turnpike.index.TraceIndex;
import dev.turnpike.journal.DurableFiles;
import dev.turnpike.journal.Journal;
import dev.turnpike.journal.JournalLimits;
import dev.turnpike.outbox.History;
import dev.turnpike.outbox.HistoryLimits;
import dev.turnpike.outbox.Outbox;
import dev.turnpike.outbox.OutboxLimits;
import dev.turnpike.platform.Counters;
import dev.turnpike.platform.HostFacts;
import dev.turnpike.platform.Paths;
import dev.turnpike.platform.PrivateFiles;
import dev.turnpike.platform.Ticks;
import dev.turnpike.platform.Version;
import dev.turnpike.session.Sessions;
import java.io.IOException;
import java.nio.channels.Channel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The composition root: builds every room from top to bottom in the order in which data flows, and
 * takes them down in the opposite order. SIGKILL at any moment is a normal stop; nothing here is
 * needed for the next start.
 */
public final class Daemon implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);

  /** What the world gives a daemon; tests give another one. */
  public record World(
      Paths paths,
      Path home,
      Map<String, String> environment,
      List<Agent<?>> agents,
      InstantSource clock,
      Disk disk,
      @Nullable Channel inherited) {
    public World {
      environment = Map.copyOf(environment);
      agents = List.copyOf(agents);
    }
  }

  /** What durability rests on: tests make it fail, and its segments small. */
  public record Disk(DurableFiles files, JournalLimits journal) {
    public static Disk real() {
      return new Disk(DurableFiles.real(), JournalLimits.STANDARD);
    }
  }

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final CountDownLatch asked = new CountDownLatch(1);
  private final Config config;
  private final Consents consents;
  private final Path socket;

  private Daemon(World world, Ownership ownership) throws IOException {
    try {
      Paths paths = world.paths();
      InstantSource clock = world.clock();
      InstantSource ticks = Ticks.from(clock);
      DurableFiles files = world.disk().files();
      HostFacts host = HostFacts.current();
      var fleet = new Fleet(world.agents());
      var drops = new Counters();
      var exports = new Counters();

      config = Config.of(paths, world.environment());
      Settings settings = config.resolve(null, Map.of());
      CredentialStore credentials = CredentialStore.open(paths.credentials(), clock);
      SeenHosts hosts = SeenHosts.open(paths.seenHosts(), clock);
      var permits = new Permits(config, credentials, hosts);
      consents = new Consents(config, credentials, permits);
      refreshKeys();

      var journal =
          keep(
              Journal.open(
                  paths.journal(), world.disk().journal(), clock, files, ownership::holds));
      var history =
          History.open(
              paths.traces(),
              new HistoryLimits(settings.localHistoryBytes(), HistoryLimits.STANDARD.age()),
              clock,
              drops,
              files);
      OutboxLimits limits = OutboxLimits.STANDARD.within(settings.queueLimitBytes());
      var outbox =
          Outbox.open(
              paths.outbox(),
              journal,
              history,
              limits,
              clock,
              ticks,
              new SecureRandom(),
              drops,
              files);

      Consent consent =
          new HeldRoom(
              new NewKeys(
                  (caller, environment) -> Rulings.judge(consents, caller.cwd(), environment),
                  credentials,
                  outbox),
              permits,
              outbox::waiting,
              limits,
              drops);
      credentials.keepWhile(id -> outbox.waiting(id::equals).batches() > 0);
      var inbox =
          keep(
              Inbox.open(
                  paths.inbox(),
                  paths.spool(),
                  journal,
                  InboxLimits.STANDARD,
                  consent,
                  config::withoutSecrets,
                  drops,
                  files));
      var sessions =
          keep(
              Sessions.of(
                  world.agents(),
                  new Sessions.Rooms(journal, inbox, outbox, config),
                  new Sessions.Place(host, world.home(), clock, ticks)));

      var http = keep(new Http(world.environment(), config::caFile, clock));
      var ledger =
          new SendLedger(new LangfuseExporter(http, host, Version.current(), ticks), clock);
      Account.Lookup accounts =
          id -> {
            refreshKeys(); // a key may have been put right in the file, with no hook since
            return Rulings.account(permits.of(id));
          };
      var delivery =
          keep(
              new Delivery(
                  outbox, accounts, ledger, ledger.noting(new KeptHere()), ticks, exports));
      var projects = new Projects(http, Version.current(), ticks);

      var index = keep(new TraceIndex(paths.index(), SessionTraces.source(history), ticks, drops));
      var places =
          keep(
              new PlaceWatch(
                  paths,
                  ownership,
                  new PlaceWatch.Rooms(journal, credentials, hosts, history, index),
                  clock,
                  asked::countDown));
      var counters = new GatewayCounters();
      var status =
          new StatusBoard(
              new StatusBoard.Rooms(
                  world.agents(),
                  config,
                  credentials,
                  permits,
                  consents,
                  journal,
                  inbox,
                  outbox,
                  history,
                  sessions,
                  ledger,
                  counters,
                  drops,
                  exports,
                  index,
                  places),
              paths,
              clock,
              settings.localHistoryBytes());
      var shelf =
          new TraceShelf(
              journal,
              outbox,
              history,
              credentials,
              config,
              new SessionTraces(index, history, fleet.answers().keySet()),
              (destination, trace) ->
                  accounts.find(destination.id()) instanceof Account.Found.Open(var account)
                      ? projects.traceLink(destination, account.credentials(), trace)
                      : Optional.empty());
      var receiver =
          new OtlpReceiver(inbox, consent, fleet.owners(), sessions::declined, counters, clock);
      var controls =
          new Controls(
              status,
              new SessionDesk(journal, sessions, outbox, history, clock),
              shelf,
              new OutboxDesk(journal, outbox, clock),
              new DestinationDesk(permits, outbox),
              new FlushRun(
                  inbox, sessions, outbox, receiver::busy, fleet.totals(sessions, exports), ticks),
              new Life(outbox, delivery),
              new ConfigView(config),
              LogSetup.file(paths.log()));

      delivery.start();
      inbox.listen(sessions::arrived);
      inbox.listenDeclined(sessions::declined);
      sessions.start();
      var gateway =
          keep(
              Gateway.open(
                  new GatewaySetup(
                      paths.socket(),
                      world.inherited(),
                      Files.getOwner(paths.state()),
                      Version.current(),
                      fleet.answers(),
                      GatewayLimits.DEFAULTS,
                      Optional.of(new OtlpSetup(receiver, paths.otlp(), config::otlpPort))),
                  new InboxIntake(
                      inbox,
                      consent,
                      config::withoutSecrets,
                      fleet.onlyCopies()::contains,
                      sessions::declined,
                      counters),
                  controls,
                  counters));
      socket = gateway.socket();
      // until now whoever came waited a little longer
      inbox.listen(event -> gateway.behindTheAnswer(() -> sessions.arrived(event)));
      places.begin(gateway::renewSocket, gateway::lookAtPort);
      sessions.takeSpool();
      settings
          .idleExit()
          .ifPresent(
              after ->
                  keep(
                      new IdleExit(
                              after,
                              ticks,
                              () -> waits(sessions, inbox, outbox),
                              () -> fleet.handled(sessions),
                              asked::countDown)
                          .begin()));
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /** Starts a daemon in this process that nobody else will take the place of. */
  public static Daemon start(World world) throws IOException {
    return start(world, () -> true);
  }

  /**
   * Starts a daemon in this process. The caller has set up the log.
   *
   * @param ownership the instance lock, which the caller holds
   */
  public static Daemon start(World world, Ownership ownership) throws IOException {
    PrivateFiles.createDirectory(world.paths().state());
    Path cache = world.paths().cache();
    if (Files.isDirectory(cache)) { // if it cannot be made, only the index is missing
      PrivateFiles.check(cache);
    }
    Path socketDirectory = world.paths().socket().toAbsolutePath().getParent();
    if (world.inherited() == null && socketDirectory != null) {
      PrivateFiles.createSocketDirectory(socketDirectory);
    }
    return new Daemon(world, ownership);
  }

  public Path socket() {
    return socket;
  }

  /** Returns when somebody asked for a stop over the socket. */
  public void awaitStop() throws InterruptedException {
    asked.await();
  }

  /** Stops listening first and closes the journal last. Safe to call twice. */
  @Override
  public void close() {
    while (!parts.isEmpty()) {
      AutoCloseable part = parts.pop();
      try {
        part.close();
      } catch (Exception e) {
        LOG.warn("{} did not close cleanly", part.getClass().getSimpleName(), e);
      }
    }
  }

  private <T extends AutoCloseable> T keep(T part) {
    parts.push(part);
    return part;
  }

  /** Keys that cannot be kept are no reason to stand still: those known before may still do. */
  private void refreshKeys() {
    try {
      consents.refresh();
    } catch (IOException e) {
      LOG.warn("credentials could not be kept: {}", e.toString());
    }
  }

  /**
   * Whether a turn is open or something is on its way, in the spool too, which the sweep takes
   * over. What is parked waits for new keys.
   */
  private static boolean waits(Sessions sessions, Inbox inbox, Outbox outbox) {
    return !sessions.openSessions().isEmpty()
        || inbox.status().events() > 0
        || inbox.status().spooled() > 0
        || outbox.status().queues().stream()
            .anyMatch(queue -> queue.batches() > 0 && queue.parked().isEmpty());
  }

  private final class Life implements Lifecycle {
    private final Outbox outbox;
    private final Delivery delivery;

    Life(Outbox outbox, Delivery delivery) {
      this.outbox = outbox;
      this.delivery = delivery;
    }

    @Override
    public ReloadReport reload() {
      refreshKeys();
      LogSetup.level(config.resolve(null, Map.of()).logLevel());
      outbox.retryNow();
      delivery.wake();
      return new ReloadReport(config.warnings());
    }

    @Override
    public void shutdown() {
      // the answer to this request goes out first: the gateway lets requests under way end
      asked.countDown();
    }

    @Override
    public long pid() {
      return ProcessHandle.current().pid();
    }
  }

  /** How long an orderly stop may take before the process ends all the same. */
  public static final Duration STOP_WITHIN = Duration.ofSeconds(8);
}
