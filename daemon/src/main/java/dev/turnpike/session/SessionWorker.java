package dev.turnpike.session;

import dev.turnpike.agent.Agent;
import dev.turnpike.agent.Circumstances;
import dev.turnpike.agent.Finished;
import dev.turnpike.agent.Memory;
import dev.turnpike.agent.Signal;
import dev.turnpike.model.Event;
import dev.turnpike.model.EventId;
import dev.turnpike.model.SessionKey;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
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
  // the agent has said goodbye: a machine may see thousands of short sessions in ten minutes
  private static final Duration REST_AFTER_END = Duration.ofSeconds(15);

  private final SessionKey key;
  private final Agent<S> agent;
  private final Surroundings around;
  private final BlockingQueue<Mail<S>> mailbox = new LinkedBlockingQueue<>();
  private final AtomicBoolean lookWaits = new AtomicBoolean();

  private final Unaccounted<S> unaccounted = new Unaccounted<>();
  private final BadRows badRows = new BadRows();
  private final List<CompletableFuture<Void>> flushes = new ArrayList<>();
  private final Steps.Gate gate = new Steps.Gate();
  private final Patience patience;
  private final Moments moments;
  private final LastWords lastWords;
  private final SpoolOnce spool;
  private final Setbacks setbacks;
  private @Nullable Desk<S> desk;

  /** While it waits, nothing else is committed: the assembler has moved on behind it. */
  private @Nullable Held held;

  private boolean spoolHeard;
  private boolean memoryChanged;
  private boolean ended;

  SessionWorker(SessionKey key, Agent<S> agent, Surroundings around) {
    this.key = key;
    this.agent = agent;
    this.around = around;
    this.patience = new Patience(around.ticks());
    this.setbacks = new Setbacks(around.steps()::queuedBytes);
    this.moments = new Moments(around.clock(), around.ticks());
    this.spool = new SpoolOnce(around.life()::takeSpool);
    this.lastWords = new LastWords(around.ticks(), moments, around.life()::takeSpool);
  }

  SessionKey key() {
    return key;
  }

  void tell(Event event, S signal) {
    mailbox.add(new Mail.Told<>(event, signal));
  }

  /** Tracing was off for a call of that prompt. */
  void decline(EventId mark, Optional<String> prompt) {
    mailbox.add(new Mail.Declined<>(mark, prompt));
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
    return mailbox.size() + unaccounted.count();
  }

  /** From any thread: after this it commits nothing more. */
  void retire() {
    gate.close();
  }

  boolean hasMail() {
    return !mailbox.isEmpty();
  }

  @Override
  public void run() {
    try {
      while (true) {
        Optional<Duration> wait = nextLook();
        Mail<S> mail = mailbox.poll(wait.orElse(restAfter()).toMillis(), TimeUnit.MILLISECONDS);
        if (mail == null && wait.isEmpty() && rest()) {
          return;
        }
        attempt(mail);
      }
    } catch (InterruptedException e) {
      // the daemon stops: everything that counts is in the journal
      Thread.currentThread().interrupt();
    } finally {
      // in this order: after it nobody tells this worker anything any more
      around.life().ended(this);
      answerFlushes();
    }
  }

  private Duration restAfter() {
    Desk<S> at = desk;
    return ended && at != null && !at.assembler().open() ? REST_AFTER_END : REST_AFTER;
  }

  /** Nobody may wait for a worker that has gone. */
  private void answerFlushes() {
    flushes.forEach(done -> done.complete(null));
    for (Mail<S> mail = mailbox.poll(); mail != null; mail = mailbox.poll()) {
      if (mail instanceof Mail.Flush<S>(var done)) {
        done.complete(null);
      }
    }
  }

  private void attempt(@Nullable Mail<S> first) throws InterruptedException {
    try {
      for (Mail<S> mail = first; mail != null; mail = mailbox.poll()) {
        handle(mail);
      }
      if (!setbacks.stillFull()) {
        work();
      }
    } catch (IOException | RuntimeException | OutOfMemoryError | StackOverflowError e) {
      if (Thread.currentThread().isInterrupted()) {
        throw new InterruptedException("stopped while working");
      }
      failed(e);
    }
  }

  /**
   * Back to what the journal knows. An error of memory counts too: a worker that ended by it would
   * leave its events to the next start.
   */
  private void failed(Throwable e) {
    desk = null;
    held = null;
    setbacks.failed(e);
    around.life().failed(key, e);
    if (setbacks.inARow() == 1) {
      LOG.warn("{}: back to the last committed step, trying again later", key, e);
    } else {
      LOG.debug("{}: failed {} times in a row", key, setbacks.inARow(), e);
    }
  }

  private void handle(Mail<S> mail) {
    switch (mail) {
      case Mail.Told<S> told -> {
        if (unaccounted.add(told)) {
          moments.arrived();
          Desk<S> at = desk;
          if (at == null) {
            desk(); // tells it with the others
          } else {
            accept(at, told);
          }
        }
      }
      case Mail.Declined<S>(var mark, var prompt) -> {
        unaccounted.decline(mark, prompt);
        memoryChanged = true;
        desk().memory().terms(prompt, new Terms.Declined());
      }
      case Mail.Look<S>() -> lookWaits.set(false);
      case Mail.Flush<S>(var done) -> flushes.add(done);
    }
  }

  private void accept(Desk<S> at, Mail.Told<S> told) {
    Event event = told.event();
    S signal = told.signal();
    at.memory().terms(signal.prompt(), Terms.of(event));
    signal.agentPid().ifPresent(pid -> at.memory().agent(pid, event.at()));
    moments.heard(event.at());
    if (signal.moment() == Signal.Moment.TURN_ENDED
        || signal.moment() == Signal.Moment.SESSION_ENDED) {
      patience.begin();
    }
    ended = signal.moment() == Signal.Moment.SESSION_ENDED;
    if (unaccounted.isUnbearable(event.id())) {
      return;
    }
    try {
      at.assembler().accept(event, signal);
    } catch (RuntimeException e) {
      // once more would fail once more, and nothing behind it would ever be told
      unaccounted.unbearable(event.id());
      memoryChanged = true;
      around.counters().count("event.failed");
      throw e;
    }
  }

  /** Reads, assembles and commits until nothing changes. */
  private void work() throws IOException, InterruptedException {
    Desk<S> at = desk();
    Followed.Pass pass;
    Circumstances now;
    boolean finished;
    do {
      pass = at.files().read();
      if (Thread.currentThread().isInterrupted()) {
        // a read that was broken off looks like the end of the file
        throw new InterruptedException("stopped while reading");
      }
      if (pass.lines() > 0) {
        moments.grew();
        spool.again();
        lastWords.again();
      }
      now = circumstances(at, pass.caughtUp());
      finished = commitFinished(at, now);
      if (desk == null) {
        look();
        return;
      }
    } while (finished || pass.lines() > 0 || !pass.caughtUp());

    if (held == null
        && (memoryChanged || unaccounted.many() || (over(at) && unaccounted.consumable()))) {
      commit(at, at.assembler().memory());
    }
    setbacks.none();
    around.life().openChanged(key, at.assembler().open());
    boolean waits = nextLook().isPresent();
    if (!now.equals(circumstances(at, true))) {
      // Something became certain while this look went on: the sweep would be late, and whoever
      // flushes must not be answered before it.
      look();
    } else if (!waits) {
      flushes.forEach(done -> done.complete(null));
      flushes.clear();
    }
  }

  /**
   * Nothing is open, nothing announced is waited for any more, and the agent has said goodbye or
   * somebody waits: no reason to hold on to events.
   */
  private boolean over(Desk<S> at) {
    boolean patient = settles(at) && patience.next().isPresent();
    return (ended || !flushes.isEmpty()) && !at.assembler().open() && !patient;
  }

  /** A dead process writes nothing more, so what it announced needs no patience of its own. */
  private static boolean settles(Desk<?> at) {
    return at.assembler().awaitingRows() && !at.memory().agentGone();
  }

  private boolean commitFinished(Desk<S> at, Circumstances circumstances) throws IOException {
    boolean any = false;
    while (true) {
      if (held == null) {
        var next = at.assembler().poll(circumstances);
        if (next.isEmpty()) {
          return any;
        }
        Set<EventId> taken = unaccounted.takenWith(next.get().memory());
        held = Held.of(next.get(), taken, at.memory(), spoolHeard, spool);
      }
      if (held.wait(at.memory(), around.ticks()).isPresent()) {
        return any;
      }
      if (held.premature()) {
        spoolHeard = true; // so it is not the second time
        held = null;
        desk = null;
        return any;
      }
      commit(at, held.finished(), held.taken());
      held = null;
      any = true;
    }
  }

  private void commit(Desk<S> at, Finished finished, Set<EventId> taken) throws IOException {
    switch (finished) {
      case Finished.Skipped skipped -> {
        around.counters().count("turn.skipped." + skipped.reason());
        around.steps().advance(key, remember(at, skipped.memory(), taken));
      }
      case Finished.ClosedTurn turn -> {
        turn.facts().prompt().ifPresent(at.memory()::settled);
        around.steps().turnClosed(key, at.memory(), turn, after -> remember(at, after, taken));
      }
      case Finished.LaterPart part ->
          around.steps().laterPart(key, at.memory(), part, after -> remember(at, after, taken));
    }
    unaccounted.settled(taken, finished.memory());
    memoryChanged = false;
  }

  private void commit(Desk<S> at, Memory memory) throws IOException {
    Set<EventId> taken = unaccounted.takenWith(memory);
    around.steps().advance(key, remember(at, memory, taken));
    unaccounted.settled(taken, memory);
    memoryChanged = false;
  }

  /** The session as a step keeps it; consumed are events whose facts are in the memory. */
  private Steps.Remembered remember(Desk<S> at, Memory after, Set<EventId> taken) {
    return new Steps.Remembered(at.remember(after), unaccounted.consumedWith(taken), gate);
  }

  private Circumstances circumstances(Desk<S> at, boolean caughtUp) {
    boolean gone = at.memory().agentGone() && lastWordsGrace(at).isEmpty();
    boolean heard = at.assembler().awaitingSpool() && lastWordsGrace(at).isEmpty();
    boolean idle = moments.quietFor(at.files().modified(), () -> at.turnIdle(around.steps()));
    return new Circumstances(caughtUp, gone, idle, patience.next().isEmpty(), heard);
  }

  private Optional<Duration> lastWordsGrace(Desk<S> at) {
    boolean left = at.memory().agentGone() || at.assembler().awaitingSpool();
    return lastWords.wait(at.assembler().open() && left);
  }

  /** When to look again by ourselves; empty: only when told, or to rest. */
  private Optional<Duration> nextLook() {
    Optional<Duration> retry = setbacks.retry();
    if (retry.isPresent()) {
      return retry;
    }
    Desk<S> at = desk;
    if (at == null) {
      return Optional.empty();
    }
    if (held != null) {
      return held.wait(at.memory(), around.ticks()).or(() -> Optional.of(Duration.ZERO));
    }
    return settles(at) ? patience.next().or(() -> lastWordsGrace(at)) : lastWordsGrace(at);
  }

  /** Leaves nothing behind that only this thread knows; false if there is a reason to stay. */
  private boolean rest() {
    try {
      if (unaccounted.consumable() || memoryChanged) {
        Desk<S> at = desk();
        commit(at, at.assembler().memory());
      }
      if (unaccounted.holdsContent()) {
        return false;
      }
    } catch (IOException | RuntimeException e) {
      failed(e);
      return false;
    }
    return around.life().mayRest(this);
  }

  /**
   * Built from what the journal knows, with the events and marks that are not committed told again.
   */
  private Desk<S> desk() {
    Desk<S> known = desk;
    if (known != null) {
      return known;
    }
    Desk<S> fresh = Desk.lay(key, agent, around, badRows);
    unaccounted.events().forEach(told -> accept(fresh, told));
    unaccounted
        .declinedPrompts()
        .forEach(prompt -> fresh.memory().terms(prompt, new Terms.Declined()));
    desk = fresh;
    return fresh;
  }
}
