package dev.turnpike.agent.opencode;

import dev.turnpike.agent.Circumstances;
import dev.turnpike.agent.Finished;
import dev.turnpike.agent.FollowedFile;
import dev.turnpike.agent.Line;
import dev.turnpike.agent.Memory;
import dev.turnpike.agent.SessionRef;
import dev.turnpike.agent.TurnAssembler;
import dev.turnpike.agent.TurnFacts;
import dev.turnpike.agent.opencode.Turns.Turn;
import dev.turnpike.model.Event;
import dev.turnpike.model.EventId;
import dev.turnpike.model.TraceSeed;
import dev.turnpike.model.TurnKey;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Makes turns of what the plugin pushed. Everything that is not told yet is derived from the events
 * of open turns, which {@link Memory#needed()} names: told again after a restart they give the same
 * state. A turn is over when its root session became idle after its last model call began; what is
 * still unfinished then (an abort: OpenCode says idle first) gets a few seconds to come.
 */
final class OpenCodeAssembler implements TurnAssembler<OpenCodeSignal> {
  private static final int LIMIT_GAPS = 64;

  private final SessionRef ref;
  private final BatchReader reader;
  private final Conversation conversation;
  private final LinkedHashMap<EventId, Long> held = new LinkedHashMap<>();

  /**
   * Numbers of the batches of each source that came, as far as they tell of one that is missing. 0
   * stands before the first one of a source that was heard from its beginning.
   */
  private final Map<String, SortedSet<Long>> numbers = new LinkedHashMap<>();

  private long arrivals;
  private int turns;
  private boolean waiting;
  private boolean awaitingSpool;

  OpenCodeAssembler(SessionRef ref, BatchReader reader) {
    this.ref = ref;
    this.reader = reader;
    this.conversation = new Conversation(ref.key().session().value(), ref.counters());
    ref.memory().ifPresent(memory -> this.turns = Carry.read(memory.carry(), conversation));
  }

  @Override
  public void accept(Event event, OpenCodeSignal signal) {
    if (held.putIfAbsent(event.id(), arrivals) != null) {
      return;
    }
    long place = arrivals++;
    if (signal.number() > 0) {
      numbers.computeIfAbsent(signal.source(), same -> begun()).add(signal.number());
      if (numbers.size() > LIMIT_GAPS) {
        numbers.remove(numbers.keySet().iterator().next());
      }
    }
    int unreadable = reader.read(event, line -> conversation.accept(line, signal.source(), place));
    for (int i = 0; i < unreadable; i++) {
      ref.counters().count("line.malformed");
    }
  }

  private SortedSet<Long> begun() {
    return new TreeSet<>(ref.memory().isEmpty() ? Set.of(0L) : Set.of());
  }

  @Override
  public List<FollowedFile> files() {
    return List.of();
  }

  @Override
  public void accept(Path file, Line line) {
    throw new IllegalStateException("OpenCode has no files to follow, got " + file);
  }

  @Override
  public void restarted(Path file) {
    throw new IllegalStateException("OpenCode has no files to follow, got " + file);
  }

  @Override
  public Optional<Finished> poll(Circumstances now) {
    waiting = false;
    awaitingSpool = false;
    List<Turn> open = Turns.of(conversation);
    for (int i = 0; i < open.size(); i++) {
      Turn turn = open.get(i);
      if (ref.exported().contains(new TurnKey(turn.opener().id))) {
        end(turn);
        return Optional.of(new Finished.Skipped("exported-before", memory()));
      }
      if (!finished(turn, open.subList(i + 1, open.size()), now)) {
        // in the order of the conversation
        return Optional.empty();
      }
      return Optional.of(close(turn, open));
    }
    if (open.isEmpty() && past()) {
      if (numbers.values().stream().anyMatch(OpenCodeAssembler::gaps) && !now.heard()) {
        // the prompt it belongs to
        awaitingSpool = true;
      } else {
        countLost();
        conversation.clear();
      }
    }
    return Optional.empty();
  }

  private boolean finished(Turn turn, List<Turn> later, Circumstances now) {
    boolean left = now.agentGone() || now.idle() || turn.opener().removed;
    boolean succeeded = later.stream().anyMatch(next -> !sameSource(next, turn));
    if (succeeded && !left && !now.heard()) {
      // what its own process said last may lie in the spool, idle among it
      awaitingSpool = true;
      return false;
    }
    if (idleSince(turn)) {
      boolean settled = Scope.calls(conversation, turn).stream().allMatch(ChatMessage::settled);
      boolean gaps = gaps(turn);
      if ((settled && !gaps) || left) {
        return true;
      }
      waiting = true;
      boolean waited = now.patient() && !Scope.subAgentsAtWork(conversation, turn);
      awaitingSpool = waited && gaps && !now.heard();
      return waited && !awaitingSpool;
    }
    // killed: the session went on in another process
    return left || succeeded;
  }

  private static boolean sameSource(Turn one, Turn other) {
    return one.opener().source.equals(other.opener().source);
  }

  /** Whether the root session became idle after the turn's last model call began. */
  private boolean idleSince(Turn turn) {
    String idle = conversation.rootFacts().lastIdle;
    return idle.compareTo(turn.opener().firstTold()) > 0
        && turn.calls().stream().allMatch(call -> idle.compareTo(call.began()) > 0);
  }

  /** A batch of the turn's source is missing: it lies in the spool, or is lost. */
  private boolean gaps(Turn turn) {
    SortedSet<Long> came = numbers.get(turn.opener().source);
    return came != null && gaps(came);
  }

  private static boolean gaps(SortedSet<Long> came) {
    return came.last() - came.first() >= came.size();
  }

  private Finished close(Turn turn, List<Turn> open) {
    boolean idle = idleSince(turn);
    boolean nothing =
        turn.calls().isEmpty() && idle && Outcome.failure(conversation, turn).isEmpty();
    var key = new TurnKey(turn.opener().id);
    Optional<String> prompt = Optional.of(turn.opener().id);
    if (nothing) {
      end(turn);
      return new Finished.Skipped("no-answer", memory());
    }
    turns++;
    TraceSeed seed = ref.seeds().seed(key, turns, prompt);
    var spans = new Spans(seed, conversation);
    spans.turn(turn, Outcome.of(conversation, turn, idle));
    TurnFacts facts = facts(prompt);
    end(turn);
    if (open.size() == 1) {
      numbers.values().forEach(came -> came.headSet(came.last()).clear());
    }
    return new Finished.ClosedTurn(key, seed.traceId(), spans.all(), facts, false, memory());
  }

  private TurnFacts facts(Optional<String> prompt) {
    SessionFacts facts = conversation.rootFacts();
    Optional<String> version = Optional.ofNullable(facts.version);
    return new TurnFacts(
        turns,
        prompt,
        version,
        Optional.ofNullable(facts.directory),
        Optional.empty(),
        version.map(v -> List.of("opencode-version:" + v)).orElse(List.of()),
        Map.of());
  }

  private void end(Turn turn) {
    Scope.everything(conversation, turn).forEach(message -> conversation.end(message.id));
    turn.absorbed().forEach(message -> conversation.end(message.id));
    conversation.end(turn.opener().id);
  }

  /**
   * Messages of no turn, when there is no more hope for one: a resumed session tells old messages
   * anew, a fork its copies.
   */
  private boolean past() {
    List<ChatMessage> all = conversation.messages();
    SessionFacts facts = conversation.rootFacts();
    return !all.isEmpty()
        && all.stream()
            .allMatch(m -> facts.lastIdle.compareTo(m.firstTold()) > 0 || Turns.copied(m, facts));
  }

  private void countLost() {
    SessionFacts facts = conversation.rootFacts();
    conversation.messages().stream()
        .filter(m -> !m.user() && !m.unknown() && !Turns.copied(m, facts))
        .forEach(lost -> ref.counters().count("message.of-no-turn"));
  }

  @Override
  public boolean awaitingRows() {
    return waiting;
  }

  @Override
  public boolean awaitingSpool() {
    return awaitingSpool;
  }

  @Override
  public boolean open() {
    return awaitingSpool || !Turns.of(conversation).isEmpty();
  }

  @Override
  public Memory memory() {
    return new Memory(Map.of(), Carry.write(conversation, turns), needed());
  }

  /** Events from the first of an open turn, or of what may become one. */
  private Set<EventId> needed() {
    SessionFacts facts = conversation.rootFacts();
    long first =
        conversation.messages().stream()
            .filter(message -> !Turns.copied(message, facts) || message.unknown())
            .mapToLong(message -> message.since)
            .min()
            .orElse(Long.MAX_VALUE);
    held.values().removeIf(place -> place < first);
    return held.keySet().stream().collect(Collectors.toCollection(HashSet::new));
  }
}
