package dev.turnpike.gateway;

import dev.turnpike.platform.LogFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The end of the log as a streamed answer, and what is added to it if it is followed. */
final class LogStream implements Answer.Source {
  private static final long LOOK_AGAIN_MILLIS = 200;

  private final LogFile log;
  private final boolean follow;
  private final Runnable release;
  private final CountDownLatch closed = new CountDownLatch(1);

  LogStream(Path file, int lines, boolean follow, Runnable release) {
    this.log = new LogFile(file, lines);
    this.follow = follow;
    this.release = release;
  }

  @Override
  public Optional<byte[]> next() throws IOException, InterruptedException {
    var added = log.read();
    if (added.length == 0 && !follow) {
      return Optional.empty();
    }
    // An empty piece lets the caller see whether anybody still listens.
    if (added.length == 0) {
      closed.await(LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
    }
    return Optional.of(added);
  }

  @Override
  public void close() {
    closed.countDown();
    release.run();
  }
}
