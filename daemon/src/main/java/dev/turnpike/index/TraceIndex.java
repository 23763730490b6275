package dev.turnpike.index;

import dev.turnpike.model.SessionKey;
import dev.turnpike.platform.Counters;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A look-up of trace summaries for listings. Nothing rests on it: it is opened when first needed,
 * by one thread that ends when idle; on any doubt or failure it is dropped under a new name and
 * told everything again by its {@link Source}; and when it cannot answer in time, a listing is
 * empty rather than late.
 */
public final class TraceIndex implements AutoCloseable {
  /**
   * Tells all summaries there are, from the history and the journal; called on the index's own
   * thread.
   */
  public interface Source {
    void tellAll(Consumer<TraceSummary> to) throws IOException;
  }

  private static final Logger LOG = LoggerFactory.getLogger(TraceIndex.class);
  private static final long LIMIT_FILE_BYTES = 32L << 20;
  private static final int LIMIT_WAITING = 2000;
  private static final Duration THREAD_IDLE = Duration.ofSeconds(10);
  private static final Duration LIMIT_WAIT = Duration.ofSeconds(5);

  private final Path directory;
  private final Source source;
  private final Counters counters;
  private final ThreadPoolExecutor thread;

  // Touched by the index's thread only.
  private @Nullable IndexFile file;

  public TraceIndex(Path cacheDirectory, Source source, Counters counters) {
    this.directory = cacheDirectory;
    this.source = source;
    this.counters = counters;
    this.thread =
        new ThreadPoolExecutor(
            1,
            1,
            THREAD_IDLE.toSeconds(),
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(LIMIT_WAITING),
            Thread.ofPlatform().daemon().name("index").factory());
    thread.allowCoreThreadTimeOut(true);
  }

  /** Notes or replaces a trace's line, some time later. */
  public void put(TraceSummary summary) {
    var _ =
        submit(
            index -> {
              index.byStart().put(IndexFile.key(summary), SummaryJson.write(summary));
              return true;
            });
  }

  /** Newest first. Empty rather than late or wrong. */
  public List<TraceSummary> latest(int limit) {
    return find(summary -> true, limit);
  }

  public List<TraceSummary> of(SessionKey session, int limit) {
    return find(summary -> summary.session().equals(session), limit);
  }

  private List<TraceSummary> find(Predicate<TraceSummary> wanted, int limit) {
    CompletableFuture<List<TraceSummary>> answer =
        submit(
            index -> {
              var found = new ArrayList<TraceSummary>();
              for (byte[] bytes : index.byStart().descendingMap().values()) {
                if (found.size() >= limit) {
                  break;
                }
                TraceSummary summary = SummaryJson.read(bytes);
                if (wanted.test(summary)) {
                  found.add(summary);
                }
              }
              return found;
            });
    try {
      return answer.get(LIMIT_WAIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      counters.count("index.no_answer");
      LOG.debug("index: no answer: {}", e.toString());
    }
    return List.of();
  }

  private interface Work<T> {
    T on(IndexFile index) throws IOException;
  }

  private <T> CompletableFuture<T> submit(Work<T> work) {
    var answer = new CompletableFuture<T>();
    try {
      thread.execute(() -> attempt(work, answer));
    } catch (RejectedExecutionException e) {
      counters.count("index.missed");
      answer.completeExceptionally(e);
    }
    return answer;
  }

  private <T> void attempt(Work<T> work, CompletableFuture<T> answer) {
    try {
      answer.complete(work.on(opened()));
    } catch (
        Throwable
            first) { // damage shows as anything, OutOfMemoryError included: a garbage length is
      // believed
      dropped(first);
      try {
        answer.complete(work.on(opened()));
      } catch (Throwable second) {
        dropped(second);
        answer.completeExceptionally(second);
      }
    }
  }

  private IndexFile opened() throws IOException {
    IndexFile index = file;
    if (index != null && index.bytes() > LIMIT_FILE_BYTES) {
      index.close();
      file = null;
      IndexFile.drop(directory);
      index = null;
    }
    if (index == null) {
      IndexFile opened = IndexFile.open(directory);
      file = opened;
      if (opened.fresh()) {
        LOG.debug("index: made anew");
        source.tellAll(
            summary -> opened.byStart().put(IndexFile.key(summary), SummaryJson.write(summary)));
      }
      return opened;
    }
    return index;
  }

  private void dropped(Throwable why) {
    counters.count("index.dropped");
    LOG.warn("index: dropped and to be rebuilt: {}", why.toString());
    file = null;
    IndexFile.drop(directory);
  }

  @Override
  public void close() {
    try {
      thread.execute(this::closeFile);
    } catch (RejectedExecutionException e) {
      LOG.debug("index: too busy to close in order; it is rebuilt at the next start");
    }
    thread.shutdown();
    try {
      if (!thread.awaitTermination(LIMIT_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.debug("index: did not close in time; it is rebuilt at the next start");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void closeFile() {
    IndexFile index = file;
    file = null;
    if (index == null) {
      return;
    }
    try {
      index.close();
    } catch (IOException | RuntimeException e) {
      LOG.debug("index: not closed in order: {}", e.toString());
    }
  }
}
