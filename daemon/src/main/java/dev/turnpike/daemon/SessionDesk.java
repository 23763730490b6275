package dev.turnpike.daemon;

import dev.turnpike.gateway.SessionControl;
import dev.turnpike.gateway.api.ForgetReport;
import dev.turnpike.gateway.api.SessionDetail;
import dev.turnpike.gateway.api.SessionList;
import dev.turnpike.gateway.api.SessionList.SessionSummary;
import dev.turnpike.journal.Entry;
import dev.turnpike.journal.Journal;
import dev.turnpike.journal.SessionRecord;
import dev.turnpike.model.SessionKey;
import dev.turnpike.outbox.History;
import dev.turnpike.outbox.History.KeptTrace;
import dev.turnpike.outbox.Outbox;
import dev.turnpike.session.Sessions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Answers questions about sessions, and pauses or forgets them. */
final class SessionDesk implements SessionControl {
  private final Journal journal;
  private final Sessions sessions;
  private final Outbox outbox;
  private final History history;
  private final InstantSource clock;

  SessionDesk(
      Journal journal, Sessions sessions, Outbox outbox, History history, InstantSource clock) {
    this.journal = journal;
    this.sessions = sessions;
    this.outbox = outbox;
    this.history = history;
    this.clock = clock;
  }

  @Override
  public SessionList sessions() {
    Set<SessionKey> active = sessions.activeSessions();
    Set<SessionKey> open = sessions.openSessions();
    var summaries = new ArrayList<SessionSummary>();
    for (SessionRecord each : journal.view().sessions()) {
      summaries.add(summary(each, active, open));
    }
    summaries.sort(
        Comparator.comparing(
            SessionSummary::lastActivity, Comparator.nullsLast(Comparator.reverseOrder())));
    return new SessionList(summaries);
  }

  @Override
  public Optional<SessionDetail> session(SessionKey key) {
    return journal.view().session(key).map(this::detail);
  }

  @Override
  public SessionDetail pause(SessionKey key, boolean paused) throws IOException {
    journal.commitNow(new Entry.SessionPaused(key, paused));
    return session(key)
        .orElseGet(() -> detail(new SessionRecord(key, "", paused, clock.instant(), 0)));
  }

  @Override
  public Optional<ForgetReport> forget(SessionKey key) throws IOException {
    if (journal.view().session(key).isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(sessions.forget(key, () -> purge(key)));
  }

  private ForgetReport purge(SessionKey key) throws IOException {
    int waiting = outbox.purge(key);
    int traces = history.purge(key);
    journal.commitNow(new Entry.SessionForgotten(key));
    return new ForgetReport(
        key.agent().value(),
        key.session().value(),
        Map.of("records", 1L, "batches", (long) waiting, "traces", (long) traces));
  }

  private SessionDetail detail(SessionRecord of) {
    SessionKey key = of.key();
    var files = new ArrayList<SessionDetail.Followed>();
    sessions
        .cursors(key)
        .forEach(
            (path, offset) ->
                files.add(new SessionDetail.Followed(path.toString(), offset, size(path))));
    Optional<KeptTrace> last = lastTrace(key);
    return new SessionDetail(
        summary(of, sessions.activeSessions(), sessions.openSessions()),
        files,
        sessions.waiting(key),
        last.map(kept -> kept.bodies().getFirst().destination().value()).orElse(null),
        last.map(kept -> kept.trace().id().hex()).orElse(null),
        null);
  }

  private Optional<KeptTrace> lastTrace(SessionKey key) {
    try {
      List<KeptTrace> latest = history.latest(50);
      return latest.stream().filter(kept -> kept.session().equals(key)).findFirst();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private SessionSummary summary(SessionRecord of, Set<SessionKey> active, Set<SessionKey> open) {
    String state = of.paused() ? "paused" : active.contains(of.key()) ? "active" : "idle";
    Instant last = of.lastStep();
    return new SessionSummary(
        of.key().agent().value(),
        of.key().session().value(),
        state,
        of.turns(),
        open.contains(of.key()),
        last,
        sessions.workingDirectory(of.key()).orElse(null));
  }

  private static long size(Path path) {
    try {
      return Files.size(path);
    } catch (IOException e) {
      return 0;
    }
  }
}
