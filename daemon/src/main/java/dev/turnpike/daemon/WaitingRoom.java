package dev.turnpike.daemon;

import dev.turnpike.config.Config;
import dev.turnpike.gateway.ConfigView;
import dev.turnpike.gateway.Controls;
import dev.turnpike.gateway.DestinationControl;
import dev.turnpike.gateway.Flusher;
import dev.turnpike.gateway.Gateway;
import dev.turnpike.gateway.GatewayCounters;
import dev.turnpike.gateway.GatewayLimits;
import dev.turnpike.gateway.GatewaySetup;
import dev.turnpike.gateway.Intake;
import dev.turnpike.gateway.Lifecycle;
import dev.turnpike.gateway.OutboxControl;
import dev.turnpike.gateway.SessionControl;
import dev.turnpike.gateway.StatusSource;
import dev.turnpike.gateway.TraceArchive;
import dev.turnpike.gateway.api.FlushReport;
import dev.turnpike.gateway.api.ForgetReport;
import dev.turnpike.gateway.api.HealthReport;
import dev.turnpike.gateway.api.OutboxReport;
import dev.turnpike.gateway.api.ReloadReport;
import dev.turnpike.gateway.api.RetryReport;
import dev.turnpike.gateway.api.SendReport;
import dev.turnpike.gateway.api.ServerList;
import dev.turnpike.gateway.api.SessionDetail;
import dev.turnpike.gateway.api.SessionList;
import dev.turnpike.gateway.api.StatusReport;
import dev.turnpike.gateway.api.TraceList;
import dev.turnpike.model.SessionKey;
import dev.turnpike.platform.PrivateFiles;
import dev.turnpike.platform.Version;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Answers callers while the disk does not let a daemon begin: hooks are told to spool, {@code
 * status} says why. Holds nothing and writes nothing but the socket.
 */
final class WaitingRoom implements AutoCloseable {
  private static final Path LINUX_SELF = Path.of("/proc/self");

  private final CountDownLatch asked = new CountDownLatch(1);
  private final InstantSource clock;
  private final Instant since;
  private final Gateway gateway;
  private volatile String reason;

  private WaitingRoom(Daemon.World world, String reason) throws IOException {
    this.reason = reason;
    this.clock = world.clock();
    this.since = clock.instant();
    Path socket = world.paths().socket().toAbsolutePath();
    if (world.inherited() == null && socket.getParent() != null) {
      PrivateFiles.createSocketDirectory(socket.getParent());
    }
    var empty = new Empty();
    var controls =
        new Controls(
            empty,
            empty,
            empty,
            empty,
            empty,
            empty,
            empty,
            new ConfigView(Config.of(world.paths(), world.environment())),
            LogSetup.file(world.paths().log()));
    Intake intake = (agent, headers) -> new Intake.Admission.Full(this.reason);
    this.gateway =
        Gateway.open(
            new GatewaySetup(
                world.paths().socket(),
                world.inherited(),
                Files.getOwner(Files.exists(LINUX_SELF) ? LINUX_SELF : world.home()),
                Version.current(),
                new Fleet(world.agents()).answers(),
                GatewayLimits.DEFAULTS),
            intake,
            controls,
            new GatewayCounters());
  }

  /**
   * @throws IOException if not even the socket can be made
   */
  static WaitingRoom open(Daemon.World world, IOException why) throws IOException {
    return new WaitingRoom(world, words(why));
  }

  void because(IOException why) {
    reason = words(why);
  }

  private static String words(IOException why) {
    return "the daemon waits for its disk: " + why;
  }

  /** Whether somebody asked for a stop. */
  boolean stopsWithin(Duration pause) throws InterruptedException {
    return asked.await(pause.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** An inherited socket stays open: the daemon that begins now listens on it. */
  @Override
  public void close() throws IOException {
    gateway.leave();
  }

  /** Every room as it is while there is none. */
  private final class Empty
      implements StatusSource,
          SessionControl,
          TraceArchive,
          OutboxControl,
          DestinationControl,
          Flusher,
          Lifecycle {
    @Override
    public HealthReport health() {
      return new HealthReport(false, Version.current(), pid(), List.of(reason));
    }

    @Override
    public StatusReport status() {
      return new StatusReport(
          Version.current(),
          pid(),
          since,
          Duration.between(since, clock.instant()).toSeconds(),
          false,
          List.of(reason),
          List.of(),
          List.of(),
          List.of(),
          List.of(),
          Map.of(),
          Map.of());
    }

    @Override
    public SessionList sessions() {
      return new SessionList(List.of());
    }

    @Override
    public Optional<SessionDetail> session(SessionKey key) {
      return Optional.empty();
    }

    @Override
    public SessionDetail pause(SessionKey key, boolean paused) throws IOException {
      throw new IOException(reason);
    }

    @Override
    public Optional<ForgetReport> forget(SessionKey key) throws IOException {
      throw new IOException(reason);
    }

    @Override
    public TraceList traces(int limit, Optional<String> session) throws IOException {
      throw new IOException(reason);
    }

    @Override
    public Lookup find(String prefix) throws IOException {
      throw new IOException(reason);
    }

    @Override
    public SendReport sendLocal() throws IOException {
      throw new IOException(reason);
    }

    @Override
    public OutboxReport outbox(int limit) {
      return new OutboxReport(List.of(), List.of(), 0);
    }

    @Override
    public RetryReport retry() throws IOException {
      throw new IOException(reason);
    }

    @Override
    public ServerList servers() {
      return new ServerList(List.of());
    }

    @Override
    public Ruled allow(String host) throws IOException {
      throw new IOException(reason);
    }

    @Override
    public Ruled deny(String host) throws IOException {
      throw new IOException(reason);
    }

    @Override
    public FlushReport flush(Duration wait) {
      return new FlushReport(false, 0, 0, 0, 0, 0, 0, 0, 0);
    }

    @Override
    public ReloadReport reload() {
      return new ReloadReport(List.of(reason));
    }

    @Override
    public void shutdown() {
      asked.countDown();
    }

    @Override
    public long pid() {
      return ProcessHandle.current().pid();
    }
  }
}
