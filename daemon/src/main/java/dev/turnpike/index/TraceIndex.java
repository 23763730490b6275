package dev.turnpike.index;

import dev.turnpike.model.SessionKey;
import dev.turnpike.platform.Counters;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
  private static final Duration SHORTEST_REST = Duration.ofSeconds(5);
  private static final Duration LONGEST_REST = Duration.ofSeconds(30);

  private final Path directory;
  private final Source source;
  private final InstantSource ticks;
  private final Counters counters;
  private final ThreadPoolExecutor thread;

  // Touched by the index's thread only.
  private @Nullable IndexFile file;
  private Duration rest = SHORTEST_REST;
  private Instant restsUntil = Instant.MIN;

  private volatile @Nullable String problem;

  /**
   * @param ticks what the rests after a failure are measured with
   */
  public TraceIndex(Path cacheDirectory, Source source, InstantSource ticks, Counters counters) {
    this.ticks = ticks;
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

  /**
   * Why there is no index now, not even a new one: listings are empty. It is told everything again
   * as soon as it can be made.
   */
  public Optional<String> problem() {
    return Optional.ofNullable(problem);
  }

  /** Tries again, after a rest, what failed. */
  public void look() {
    if (problem != null) {
      var _ = submit(index -> true);
    }
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
      if (problem == null) {
        counters.count("index.no_answer");
      }
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
    if (problem != null && ticks.instant().isBefore(restsUntil)) {
      answer.completeExceptionally(new IOException("the index rests: " + problem));
      return;
    }
    try {
      T done = work.on(opened());
      recovered();
      answer.complete(done);
    } catch (
        Throwable
            first) { // damage shows as anything, OutOfMemoryError included: a garbage length is
      // believed
      dropped(first);
      try {
        T done = work.on(opened());
        recovered();
        answer.complete(done);
      } catch (Throwable second) {
        dropped(second);
        failed(second);
        answer.completeExceptionally(second);
      }
    }
  }

  private void recovered() {
    if (problem != null) {
      LOG.info("index: made again");
    }
    problem = null;
    rest = SHORTEST_REST;
  }

  /** Each further try may read the whole history: not at every question. */
  private void failed(Throwable why) {
    String words = words(why);
    if (problem == null) {
      LOG.warn("index: cannot be made: {}; trying again", words);
    }
    problem = words;
    restsUntil = ticks.instant().plus(rest);
    rest = rest.multipliedBy(2);
    if (rest.compareTo(LONGEST_REST) > 0) {
      rest = LONGEST_REST;
    }
  }

  /** Of what the system said, below what the library says. */
  private static String words(Throwable why) {
    Throwable at = why;
    while (at.getCause() != null) {
      at = at.getCause();
    }
    String said = at.getMessage();
    return said == null || at instanceof FileSystemException ? at.toString() : said;
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
    LOG.debug("index: dropped and to be rebuilt: {}", why.toString());
    IndexFile index = file;
    file = null;
    if (index != null) {
      index.abandon();
    }
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
