package dev.turnpike.inbox;

import dev.turnpike.inbox.HookRequest.Parsed;
import dev.turnpike.journal.DurableFiles;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.Event;
import dev.turnpike.model.EventBody;
import dev.turnpike.platform.Counters;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What hook clients left because nobody answered: {@code <ns>-<pid>.evt}, each the request that
 * would have been sent. A file goes only after its event is on the disk elsewhere; one that cannot
 * be read is set aside in {@code bad/}, a few of them, and counted.
 */
final class Spool {
  private static final Logger LOG = LoggerFactory.getLogger(Spool.class);
  private static final String SUFFIX = ".evt";
  private static final String DROPPED = "dropped";
  private static final Duration UNFINISHED_AFTER = Duration.ofHours(1);
  private static final int GROUP_FILES = 64;
  private static final long GROUP_BYTES = 8L << 20;
  private static final int LIMIT_MARKER_BYTES = 16 << 20;

  private record Offered(Path file, HookRequest request, CompletableFuture<AcceptResult> result) {}

  private final Path directory;
  private final InboxLimits limits;
  private final Consent consent;
  private final UnaryOperator<Map<String, String>> withoutSecrets;
  private final Counters counters;
  private final DurableFiles files;
  private final Function<Event, CompletableFuture<AcceptResult>> accept;
  private final Function<Event, CompletionStage<Void>> off;
  private final InstantSource clock = InstantSource.system();
  private final Object oneAtATime = new Object();

  private int accepted;
  private int declined;
  private int bad;

  Spool(
      Path directory,
      InboxLimits limits,
      Consent consent,
      UnaryOperator<Map<String, String>> withoutSecrets,
      Counters counters,
      DurableFiles files,
      Function<Event, CompletableFuture<AcceptResult>> accept,
      Function<Event, CompletionStage<Void>> off) {
    this.directory = directory;
    this.limits = limits;
    this.consent = consent;
    this.withoutSecrets = withoutSecrets;
    this.counters = counters;
    this.files = files;
    this.accept = accept;
    this.off = off;
  }

  Drained drain() throws IOException {
    synchronized (oneAtATime) {
      accepted = 0;
      declined = 0;
      bad = 0;
      countDropped();
      countUnfinished();
      List<Path> waiting = spooled();
      offerDeclined(waiting);
      int next = 0;
      boolean room = true;
      while (next < waiting.size() && room) {
        var group = new ArrayList<Offered>();
        long bytes = 0;
        while (next < waiting.size() && group.size() < GROUP_FILES && bytes < GROUP_BYTES) {
          bytes += offer(waiting.get(next++), group);
        }
        room = settle(group);
      }
      return new Drained(accepted, declined, bad, waiting());
    }
  }

  int waiting() {
    try {
      return spooled().size();
    } catch (IOException e) {
      LOG.debug("spool: {}", e.toString());
      return 0;
    }
  }

  /**
   * Names begin with nanoseconds, so by number they stand in the order in which they were written.
   */
  private List<Path> spooled() throws IOException {
    return files.list(directory).stream()
        .filter(file -> file.getFileName().toString().endsWith(SUFFIX))
        .sorted(Comparator.comparingLong(Spool::nanos).thenComparing(Comparator.naturalOrder()))
        .toList();
  }

  private static long nanos(Path file) {
    String name = file.getFileName().toString();
    int digits = 0;
    long value = 0;
    while (digits < name.length() && digits < 18 + 1 && Character.isDigit(name.charAt(digits))) {
      value = value * 10 + Character.digit(name.charAt(digits), 10);
      digits++;
    }
    return value;
  }

  /**
   * What must not be sent is said before anything else: an event that is traced makes its session
   * look at the agent's files, where the turns of later prompts lie already.
   */
  private void offerDeclined(List<Path> waiting) throws IOException {
    for (Path file : waiting) {
      Optional<byte[]> read = read(file);
      if (read.isEmpty()) {
        continue;
      }
      byte[] bytes = read.get();
      if (HookRequest.parse(bytes, bytes.length, withoutSecrets)
              instanceof Parsed.Valid(var request, int headBytes)
          && consent.judge(request.caller(), request.environment()) instanceof Terms.Off) {
        byte[] body = body(bytes, request, headBytes);
        if (body != null) {
          decline(file, request, body);
        }
      }
    }
  }

  /**
   * The whole file. Empty if it cannot be had now: it is gone, or it stays where it is, since what
   * hinders today (too many open files, a stop) need not tomorrow; or it never will and was set
   * aside.
   */
  private Optional<byte[]> read(Path file) throws IOException {
    long limit = (long) limits.bodyBytes() + HookRequest.LIMIT_HEAD_BYTES;
    try {
      if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
          setAside(file, "not_a_file");
        }
        return Optional.empty();
      }
      if (Files.size(file) > limit) {
        setAside(file, "too_long");
        return Optional.empty();
      }
      return Optional.of(files.read(file, limit));
    } catch (NoSuchFileException e) {
      return Optional.empty(); // another daemon, or the user, was faster
    } catch (AccessDeniedException e) {
      LOG.warn("spool: cannot read {}: {}", file, e.toString());
      setAside(file, "unreadable");
      return Optional.empty();
    } catch (ClosedByInterruptException e) {
      throw e;
    } catch (IOException e) {
      LOG.warn("spool: cannot read {} now: {}", file, e.toString());
      counters.count("spool.unreadable");
      return Optional.empty();
    }
  }

  /** What the head says is the body; null if the file holds less. */
  private static byte @Nullable [] body(byte[] bytes, HookRequest request, int headBytes) {
    if (request.contentLength() > bytes.length - headBytes) {
      return null;
    }
    int end =
        request.contentLength() < 0 ? bytes.length : headBytes + (int) request.contentLength();
    return Arrays.copyOfRange(bytes, headBytes, end);
  }

  /** Returns how many bytes it holds in memory now. */
  private long offer(Path file, List<Offered> group) throws IOException {
    Optional<byte[]> read = read(file);
    if (read.isEmpty()) {
      return 0;
    }
    byte[] bytes = read.get();
    switch (HookRequest.parse(bytes, bytes.length, withoutSecrets)) {
      case Parsed.Invalid(var fault, var detail) -> {
        LOG.warn("spool: {} is no request of a hook: {}", file, detail);
        setAside(file, fault.name().toLowerCase(Locale.ROOT));
        return 0;
      }
      case Parsed.Valid(var request, int headBytes) -> {
        byte[] body = body(bytes, request, headBytes);
        if (body == null) {
          setAside(file, "cut_short");
          return 0;
        }
        return offer(file, request, body, group);
      }
    }
  }

  private long offer(Path file, HookRequest request, byte[] body, List<Offered> group)
      throws IOException {
    return switch (consent.judge(request.caller(), request.environment())) {
      case Terms.Traced(var destination) -> {
        Event event = request.event(destination, new EventBody.Inline(body));
        group.add(new Offered(file, request, accept.apply(event)));
        yield body.length;
      }
      case Terms.Off() -> decline(file, request, body);
      case Terms.Later(var reason) -> {
        LOG.warn("spool: an event of {} stays for now: {}", request.agent(), reason);
        counters.count("spool.later");
        yield 0;
      }
      case Terms.Refused(var reason) -> {
        LOG.warn("spool: an event of {} is refused: {}", request.agent(), reason);
        yield decline(file, "spool.refused");
      }
    };
  }

  private long decline(Path file, HookRequest request, byte[] body) throws IOException {
    try {
      off.apply(request.event(DestinationId.LOCAL, new EventBody.Inline(body)))
          .toCompletableFuture()
          .join();
    } catch (CompletionException e) {
      LOG.warn("spool: a declined event of {} stays for now: {}", request.agent(), e.toString());
      counters.count("spool.later");
      return 0;
    }
    return decline(file, "spool.off");
  }

  private long decline(Path file, String reason) throws IOException {
    files.delete(file);
    counters.count(reason);
    declined++;
    return 0;
  }

  /** False if there is no use in going on now. */
  private boolean settle(List<Offered> group) throws IOException {
    boolean room = true;
    for (Offered offered : group) {
      switch (offered.result().join()) {
        case AcceptResult.Stored() -> {
          files.delete(offered.file());
          offered.request().shortfalls().forEach(counters::add);
          accepted++;
        }
        case AcceptResult.Duplicate() -> {
          files.delete(offered.file());
          counters.count("spool.repeated");
          accepted++;
        }
        case AcceptResult.Full _ -> room = false;
        case AcceptResult.Failed _ -> room = false;
      }
    }
    return room;
  }

  private void setAside(Path file, String reason) throws IOException {
    counters.count("spool.bad." + reason);
    bad++;
    Path aside = directory.resolve("bad");
    files.createDirectory(aside);
    files.rename(file, aside.resolve(file.getFileName()));
    List<Path> kept = files.list(aside);
    for (Path oldest : kept.subList(0, Math.max(0, kept.size() - limits.badFiles()))) {
      files.delete(oldest);
    }
  }

  /**
   * The client adds a line for every event it could not even spool. A line written while we read is
   * counted at the next look or lost.
   */
  private void countDropped() throws IOException {
    Path marker = directory.resolve(DROPPED);
    if (!Files.isRegularFile(marker, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Path mine = directory.resolve(DROPPED + ".read");
    files.rename(marker, mine);
    long lines = 0;
    if (Files.size(mine) <= LIMIT_MARKER_BYTES) {
      for (byte b : files.read(mine, LIMIT_MARKER_BYTES)) {
        lines += b == '\n' ? 1 : 0;
      }
    }
    counters.add("spool.dropped", Math.max(1, lines));
    LOG.warn("spool: hook clients dropped {} events for want of room", Math.max(1, lines));
    files.delete(mine);
  }

  /** A client that was killed while it wrote: nothing whole is in there. */
  private void countUnfinished() throws IOException {
    var old = FileTime.from(clock.instant().minus(UNFINISHED_AFTER));
    for (Path file : files.list(directory)) {
      if (file.toString().endsWith(".tmp")
          && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
          && Files.getLastModifiedTime(file).compareTo(old) < 0) {
        files.delete(file);
        counters.count("spool.unfinished");
      }
    }
  }
}
