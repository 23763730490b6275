package dev.turnpike.daemon;

import dev.turnpike.agent.Agent;
import dev.turnpike.config.Config;
import dev.turnpike.config.Setting;
import dev.turnpike.platform.Paths;
import dev.turnpike.platform.PrivateFiles;
import dev.turnpike.platform.SingleInstance;
import dev.turnpike.platform.Version;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.channels.Channel;
import java.nio.file.Files;
import java.security.Security;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * {@code turnpike daemon}: one daemon for this user, in the foreground, until it is told to stop.
 */
public final class DaemonMain {
  /** Set by the hook client in the environment of a daemon that it starts. */
  private static final String STARTED_BY = "TURNPIKE_STARTED_BY";

  private static final Set<String> READING_PROXIES = Set.of("http_proxy", "all_proxy");
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(2);

  private DaemonMain() {}

  /**
   * @return the process's exit code: 0 after an orderly stop, or if another daemon is running
   *     already
   */
  public static int run(Map<String, String> environment, List<Agent<?>> agents, PrintStream err) {
    Paths paths = Paths.current();
    try {
      Daemon.World world = world(paths, environment, agents);
      while (true) {
        try {
          return hold(world, err);
        } catch (IOException e) {
          if (!DiskTrouble.mayPass(e, paths.state())) {
            throw e;
          }
          err.println("turnpike: the daemon waits for its disk: " + e);
          if (!waitForDisk(world, e)) {
            return 0;
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    } catch (IOException e) {
      err.println("turnpike: the daemon could not start: " + e.getMessage());
      return 1;
    }
  }

  private static Daemon.World world(
      Paths paths, Map<String, String> environment, List<Agent<?>> agents) throws IOException {
    return new Daemon.World(
        paths,
        Paths.home(),
        ownEnvironment(environment),
        agents,
        InstantSource.system(),
        Daemon.Disk.real(),
        inherited());
  }

  private static int hold(Daemon.World world, PrintStream err) throws IOException {
    PrivateFiles.createDirectory(world.paths().state());
    return switch (SingleInstance.acquire(world.paths())) {
      case SingleInstance.Outcome.HeldBy(var pid) -> {
        err.println(
            "turnpike: a daemon is running already" + (pid > 0 ? " (pid " + pid + ")" : "") + ".");
        yield 0;
      }
      case SingleInstance.Outcome.Acquired(var instance) -> {
        try (instance) {
          yield serve(world, instance::renew);
        }
      }
    };
  }

  /**
   * Answers on the socket until the state directory takes files.
   *
   * @return false: told to stop
   * @throws IOException {@code why}, if not even the socket can be made
   */
  private static boolean waitForDisk(Daemon.World world, IOException why)
      throws IOException, InterruptedException {
    WaitingRoom opened;
    try {
      opened = WaitingRoom.open(world, why);
    } catch (IOException e) {
      why.addSuppressed(e);
      throw why;
    }
    try (opened) {
      while (!opened.stopsWithin(LOOK_AGAIN)) {
        try {
          DiskTrouble.probe(world.paths().state());
          return true;
        } catch (IOException e) {
          opened.because(e);
        }
      }
      return false;
    }
  }

  private static int serve(Daemon.World world, Ownership ownership) throws IOException {
    forgetNamesSoon();
    Paths paths = world.paths();
    if (Files.isDirectory(paths.log())) {
      PrivateFiles.check(paths.log());
    }
    LogSetup.apply(
        paths.log(), Config.of(paths, world.environment()).resolve(null, Map.of()).logLevel());
    var log = LoggerFactory.getLogger(DaemonMain.class);
    log.info("turnpike {} starts, pid {}", Version.current(), ProcessHandle.current().pid());
    var stopped = new CountDownLatch(1);
    try {
      serve(world, ownership, stopped);
    } catch (InterruptedException e) {
      log.info("told to stop by a signal");
    } catch (IOException | RuntimeException e) {
      log.error("the daemon could not start", e);
      throw e;
    } finally {
      stopped.countDown();
    }
    log.info("stopped");
    return 0;
  }

  /** Until somebody asks for a stop; a signal interrupts. */
  private static void serve(Daemon.World world, Ownership ownership, CountDownLatch stopped)
      throws IOException, InterruptedException {
    try (var daemon = Daemon.start(world, ownership);
        var _ = new SpareHeap(SpareHeap.Heap.own()).begin()) {
      // SIGTERM: have this thread close everything, and wait for that. Not for the thread to end:
      // it
      // calls exit at last, which in turn waits for this hook.
      var main = Thread.currentThread();
      Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(main, stopped), "shutdown"));
      daemon.awaitStop();
      LoggerFactory.getLogger(DaemonMain.class).info("asked to stop");
    }
  }

  /**
   * Java keeps a name that did not resolve for ten seconds, or for ever where an administrator's
   * {@code java.security} says so: a laptop that wakes up before its network would wait for
   * nothing. Read by the JVM at the first look-up.
   */
  private static void forgetNamesSoon() {
    Security.setProperty("networkaddress.cache.negative.ttl", "0");
    Security.setProperty("networkaddress.cache.ttl", "30");
  }

  /**
   * A daemon that a hook client started has the environment of one project's agent: what that says
   * of keys and consent must not become everybody's default. Every call brings its own. A proxy for
   * plain HTTP would read traces and keys; one for TLS sees neither.
   */
  static Map<String, String> ownEnvironment(Map<String, String> environment) {
    if (!environment.containsKey(STARTED_BY)) {
      return environment;
    }
    var own = new HashMap<>(environment);
    own.keySet()
        .removeIf(
            name ->
                READING_PROXIES.contains(name.toLowerCase(Locale.ROOT))
                    || Setting.named(name)
                        .filter(setting -> setting.reach() != Setting.Reach.PROCESS)
                        .isPresent());
    return own;
  }

  private static void stop(Thread main, CountDownLatch stopped) {
    if (stopped.getCount() == 0) {
      return; // asked over the socket: everything is closed already
    }
    main.interrupt();
    try {
      if (!stopped.await(Daemon.STOP_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
        LoggerFactory.getLogger(DaemonMain.class).warn("did not stop in time");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The listening socket a service manager handed us on descriptor 0, if it did. */
  private static @Nullable Channel inherited() throws IOException {
    return System.inheritedChannel();
  }
}
