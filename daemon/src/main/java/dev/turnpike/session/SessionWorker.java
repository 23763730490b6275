package dev.turnpike.session;

import dev.turnpike.agent.Agent;
import dev.turnpike.agent.Circumstances;
import dev.turnpike.agent.Finished;
import dev.turnpike.agent.Memory;
import dev.turnpike.agent.SessionRef;
import dev.turnpike.agent.Signal;
import dev.turnpike.agent.TurnAssembler;
import dev.turnpike.config.Settings;
import dev.turnpike.model.Event;
import dev.turnpike.model.EventBody;
import dev.turnpike.model.EventId;
import dev.turnpike.model.SessionKey;
import dev.turnpike.model.TraceSeed;
import dev.turnpike.model.TurnKey;
import dev.turnpike.platform.Counters;
import dev.turnpike.platform.Processes;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Owns one session: a virtual thread reading one mailbox, so that nothing in here needs a lock. It
 * reads the agent's files at its own pace, asks the assembler what is finished, and commits each
 * finished thing in one step. Whatever fails, it goes back to the last committed memory and tries
 * again later: nothing is lost by it, since the agent's files and the unconsumed events are still
 * there.
 */
final class SessionWorker<S extends Signal> implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(SessionWorker.class);

  private static final Duration REST_AFTER = Duration.ofMinutes(10);
  private static final Duration GONE_GRACE = Duration.ofSeconds(1);
  private static final Duration RETRY_FIRST = Duration.ofSeconds(1);
  private static final Duration RETRY_LAST = Duration.ofMinutes(1);
  private static final Duration TURN_IDLE = Duration.ofMinutes(30);
  private static final int CHECKPOINT_EVENTS = 64;
  private static final long CHECKPOINT_BYTES = 1024 * 1024;

  /** Shared by all workers. */
  record Surroundings(
      Steps steps,
      InstantSource clock,
      Counters counters,
      Semaphore bigRows,
      long ownUid,
      Life life) {}

  /** What the worker tells whoever keeps the workers. */
  interface Life {
    /** True: the worker was taken off the list and ends. False: mail came in between. */
    boolean mayRest(SessionWorker<?> worker);

    void ended(SessionWorker<?> worker);

    void failed(SessionKey key, Exception cause);

    void openChanged(SessionKey key, boolean open);
  }

  /** What is thrown away and built again from the journal when something fails. */
  private record Desk<S extends Signal>(
      SessionMemory memory, TurnAssembler<S> assembler, Followed files) {}

  private final SessionKey key;
  private final Agent<S> agent;
  private final Surroundings around;
  private final BlockingQueue<Mail<S>> mailbox = new LinkedBlockingQueue<>();
  private final AtomicBoolean lookWaits = new AtomicBoolean();

  private final Map<EventId, Mail.Told<S>> unconsumed = new LinkedHashMap<>();
  private final List<CompletableFuture<Void>> flushes = new ArrayList<>();
  private final Patience patience;
  private Desk<S> desk;
  private Instant heard = Instant.EPOCH;
  private Instant grown = Instant.EPOCH;
  private int failures;
  private volatile int untaken;
  private boolean memoryChanged;
  private boolean ended;

  SessionWorker(SessionKey key, Agent<S> agent, Surroundings around) {
    this.key = key;
    this.agent = agent;
    this.around = around;
    this.patience = new Patience(around.clock());
    this.desk = newDesk();
  }

  SessionKey key() {
    return key;
  }

  void tell(Event event, S signal) {
    mailbox.add(new Mail.Told<>(event, signal));
  }

  void decline(S signal) {
    mailbox.add(new Mail.Declined<>(signal));
  }

  /** Nudges coalesce: one look that has not begun is enough. */
  void look() {
    if (lookWaits.compareAndSet(false, true)) {
      mailbox.add(new Mail.Look<>());
    }
  }

  void flush(CompletableFuture<Void> done) {
    mailbox.add(new Mail.Flush<>(done));
  }

  /** Events it was told and that no step accounts for yet. From any thread, as of a moment ago. */
  int waiting() {
    return mailbox.size() + untaken;
  }

  boolean hasMail() {
    return !mailbox.isEmpty();
  }

  @Override
  public void run() {
    try {
      while (true) {
        Optional<Duration> wait = nextLook();
        Mail<S> mail = mailbox.poll(wait.orElse(REST_AFTER).toMillis(), TimeUnit.MILLISECONDS);
        if (mail == null && wait.isEmpty() && rest()) {
          return;
        }
        attempt(mail);
      }
    } catch (InterruptedException e) {
      // the daemon stops: everything that counts is in the journal
      Thread.currentThread().interrupt();
    } finally {
      flushes.forEach(done -> done.complete(null));
      around.life().ended(this);
    }
  }

  private void attempt(@Nullable Mail<S> first) {
    try {
      for (Mail<S> mail = first; mail != null; mail = mailbox.poll()) {
        handle(mail);
      }
      work();
      failures = 0;
    } catch (IOException | RuntimeException e) {
      failures++;
      around.life().failed(key, e);
      if (failures == 1) {
        LOG.warn("{}: back to the last committed step, trying again later", key, e);
      } else {
        LOG.debug("{}: failed {} times in a row", key, failures, e);
      }
      startOver();
    }
  }

  private void handle(Mail<S> mail) {
    switch (mail) {
      case Mail.Told<S> told -> {
        if (unconsumed.putIfAbsent(told.event().id(), told) == null) {
          untaken = unconsumed.size();
          accept(told);
        }
      }
      case Mail.Declined<S>(var signal) -> {
        desk.memory().terms(signal.prompt(), new Terms.Declined());
        memoryChanged = true;
      }
      case Mail.Look<S>() -> lookWaits.set(false);
      case Mail.Flush<S>(var done) -> flushes.add(done);
    }
  }

  private void accept(Mail.Told<S> told) {
    Event event = told.event();
    S signal = told.signal();
    desk.memory().terms(signal.prompt(), Terms.of(event));
    signal.agentPid().ifPresent(this::agentIs);
    if (event.at().isAfter(heard)) {
      heard = event.at();
    }
    if (signal.moment() == Signal.Moment.TURN_ENDED
        || signal.moment() == Signal.Moment.SESSION_ENDED) {
      patience.begin();
    }
    ended = signal.moment() == Signal.Moment.SESSION_ENDED;
    desk.assembler().accept(event, signal);
  }

  private void agentIs(long pid) {
    if (pid != desk.memory().agentPid()) {
      desk.memory().agent(pid, Processes.startMillis(pid).orElse(0));
    }
  }

  /** Reads, assembles and commits until nothing changes. */
  private void work() throws IOException {
    Followed.Pass pass;
    boolean finished;
    do {
      pass = desk.files().read();
      if (pass.lines() > 0) {
        grown = around.clock().instant();
      }
      finished = commitFinished(circumstances(pass.caughtUp()));
    } while (finished || pass.lines() > 0 || !pass.caughtUp());

    if (memoryChanged || manyUnconsumed() || (over() && !unconsumed.isEmpty())) {
      commit(desk.assembler().memory());
    }
    around.life().openChanged(key, desk.assembler().open());
    if (nextLook().isEmpty()) {
      flushes.forEach(done -> done.complete(null));
      flushes.clear();
    }
  }

  /**
   * Nothing is open, and the agent has said goodbye or somebody waits: no reason to hold on to
   * events.
   */
  private boolean over() {
    return (ended || !flushes.isEmpty())
        && !desk.assembler().open()
        && !desk.assembler().awaitingRows();
  }

  private boolean commitFinished(Circumstances circumstances) throws IOException {
    boolean any = false;
    var next = desk.assembler().poll(circumstances);
    while (next.isPresent()) {
      commit(next.get());
      any = true;
      next = desk.assembler().poll(circumstances);
    }
    return any;
  }

  private void commit(Finished finished) throws IOException {
    switch (finished) {
      case Finished.Skipped skipped -> {
        around.counters().count("turn.skipped." + skipped.reason());
        commit(skipped.memory());
      }
      case Finished.ClosedTurn turn -> {
        around.steps().turnClosed(key, desk.memory(), turn, this::remember);
        consumed();
      }
      case Finished.LaterPart part -> {
        around.steps().laterPart(key, desk.memory(), part, this::remember);
        consumed();
      }
    }
  }

  private void commit(Memory memory) throws IOException {
    around.steps().advance(key, remember(memory));
    consumed();
  }

  /**
   * The session as a step keeps it, with every event taken so far consumed: their facts are in the
   * assembler's memory.
   */
  private Steps.Remembered remember(Memory after) {
    desk.memory().assembler(desk.files().withHeads(after));
    desk.memory().open(desk.assembler().open());
    return new Steps.Remembered(
        SessionMemoryJson.write(desk.memory()), Set.copyOf(unconsumed.keySet()));
  }

  private void consumed() {
    unconsumed.clear();
    untaken = 0;
    memoryChanged = false;
  }

  private boolean manyUnconsumed() {
    long bytes = 0;
    for (Mail.Told<S> told : unconsumed.values()) {
      bytes += told.event().body() instanceof EventBody.Inline(var inline) ? inline.length : 0;
    }
    return unconsumed.size() >= CHECKPOINT_EVENTS || bytes >= CHECKPOINT_BYTES;
  }

  private Circumstances circumstances(boolean caughtUp) {
    boolean gone = agentGone() && goneGrace().isEmpty();
    return new Circumstances(caughtUp, gone, turnIdle(), patience.next().isEmpty());
  }

  private boolean agentGone() {
    SessionMemory memory = desk.memory();
    return memory.agentPid() > 0 && !Processes.alive(memory.agentPid(), memory.agentStartMillis());
  }

  /** How long until a dead agent's files count as quiet; empty if there is nothing to wait for. */
  private Optional<Duration> goneGrace() {
    if (!desk.assembler().open() || !agentGone()) {
      return Optional.empty();
    }
    Duration left = GONE_GRACE.minus(Duration.between(grown, around.clock().instant()));
    return left.isPositive() ? Optional.of(left) : Optional.empty();
  }

  /** When to look again by ourselves; empty: only when told, or to rest. */
  private Optional<Duration> nextLook() {
    if (failures > 0) {
      Duration backoff = RETRY_FIRST.multipliedBy(1L << Math.min(failures - 1, 10));
      return Optional.of(backoff.compareTo(RETRY_LAST) < 0 ? backoff : RETRY_LAST);
    }
    // A dead process writes nothing more, so what it announced needs no patience of its own.
    boolean settles = desk.assembler().awaitingRows() && !agentGone();
    return settles ? patience.next().or(this::goneGrace) : goneGrace();
  }

  private boolean turnIdle() {
    Instant modified = desk.files().modified();
    Instant last = heard.isAfter(modified) ? heard : modified;
    return Duration.between(last, around.clock().instant()).compareTo(turnIdleAfter()) >= 0;
  }

  private Duration turnIdleAfter() {
    return traced(Optional.empty())
        .map(around.steps()::settings)
        .map(Settings::turnIdle)
        .orElse(TURN_IDLE);
  }

  private Optional<Terms.Traced> traced(Optional<String> prompt) {
    return desk.memory()
        .terms(prompt)
        .flatMap(
            terms -> terms instanceof Terms.Traced traced ? Optional.of(traced) : Optional.empty());
  }

  /** Leaves nothing behind that only this thread knows; false if there is a reason to stay. */
  private boolean rest() {
    try {
      if (!unconsumed.isEmpty() || memoryChanged) {
        commit(desk.assembler().memory());
      }
    } catch (IOException e) {
      around.life().failed(key, e);
      return false;
    }
    return around.life().mayRest(this);
  }

  /** Back to what the journal knows, with the events that are not consumed told again. */
  private void startOver() {
    desk = newDesk();
    List.copyOf(unconsumed.values()).forEach(this::accept);
  }

  private Desk<S> newDesk() {
    SessionMemory memory = around.steps().memory(key);
    var ref =
        new SessionRef(
            key,
            memory.assembler(),
            around.steps()::exported,
            this::seed,
            around.counters()::count);
    TurnAssembler<S> assembler = agent.assembler(ref);
    var files =
        new Followed(
            assembler, memory.assembler(), around.counters(), around.bigRows(), around.ownUid());
    return new Desk<>(memory, assembler, files);
  }

  private TraceSeed seed(TurnKey turn, int number, Optional<String> prompt) {
    return traced(prompt)
        .flatMap(traced -> around.steps().settings(traced).traceSeed())
        .map(seed -> TraceSeed.ofUser(seed, number))
        .orElseGet(() -> TraceSeed.of(key.agent(), turn));
  }
}
