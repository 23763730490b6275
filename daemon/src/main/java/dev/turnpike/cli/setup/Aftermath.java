package dev.turnpike.cli.setup;

import dev.turnpike.cli.setup.Step.Done;
import dev.turnpike.cli.setup.Step.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What agents that run through an uninstallation still set going: they know their hooks from
 * before, each call finds no daemon and starts one. So the programs go at once, and what was
 * started from them before is waited for, a hook, or stopped, a daemon: it would make the state
 * directory anew.
 */
final class Aftermath {
  /** More than a hook client's whole life, and a daemon's start on a busy machine. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final long LOOK_AGAIN_MILLIS = 100;

  private final List<Path> images = new ArrayList<>();
  private final DaemonControl daemon;

  Aftermath(List<Path> images, DaemonControl daemon) throws IOException {
    for (Path image : images) {
      if (Files.exists(image)) {
        this.images.add(image.toRealPath());
      }
    }
    this.daemon = daemon;
  }

  List<Done> await() throws IOException, InterruptedException {
    for (Path image : images) {
      Files.deleteIfExists(image.resolve("bin").resolve(Places.HOOK));
      Files.deleteIfExists(image.resolve("bin").resolve(Places.DAEMON));
    }
    String text = "keep agents that still run from starting it again";
    var never = new CountDownLatch(1);
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (left(this::ofHook) || left(this::ofDaemon)) {
      if (System.nanoTime() > end) {
        return List.of(new Done(State.FAILED, text + ": a program of Turnpike does not end"));
      }
      // one that does not listen yet is asked again
      if (left(this::ofDaemon) && daemon.stop().isPresent()) {
        // it listens and does not do it: a signal stops it in order, too
        programs(this::ofDaemon).forEach(ProcessHandle::destroy);
      }
      var _ = never.await(LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
    }
    return List.of(new Done(State.DONE, text));
  }

  private interface Kind {
    boolean holds(ProcessHandle.Info process, Path image);
  }

  private boolean left(Kind kind) {
    return programs(kind).findAny().isPresent();
  }

  private Stream<ProcessHandle> programs(Kind kind) {
    return ProcessHandle.allProcesses()
        .filter(process -> process.pid() != ProcessHandle.current().pid())
        .filter(process -> images.stream().anyMatch(image -> kind.holds(process.info(), image)));
  }

  /** Linux adds to the name of a program that was removed. */
  private boolean ofHook(ProcessHandle.Info process, Path image) {
    String program = image.resolve("bin").resolve(Places.HOOK).toString();
    return process.command().filter(command -> command.startsWith(program)).isPresent();
  }

  private boolean ofDaemon(ProcessHandle.Info process, Path image) {
    return DaemonProcess.isOf(image, process);
  }
}
