package dev.turnpike.agent.pi;

import dev.turnpike.agent.pi.Item.Said;
import dev.turnpike.model.EventId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One session of Pi: what was told of it and the rows of its file that no turn has taken yet. Turns
 * are told apart anew at every look, so that it does not matter what came first.
 */
final class Stream {
  private static final int LIMIT_IDS = 512;

  /** An item and where its row ends. */
  record Row(Item item, long start) {}

  final String session;

  /** The session that launched it, if any. */
  final @Nullable String launcher;

  final NavigableMap<Long, Heard> heard = new TreeMap<>();

  /** Requests between turns: when the session ended. */
  final Set<EventId> between = new HashSet<>();

  private final List<Row> rows = new ArrayList<>();
  private final LinkedHashSet<String> ids = new LinkedHashSet<>();
  private long endedAt;

  Stream(String session, @Nullable String launcher) {
    this.session = session;
    this.launcher = launcher;
  }

  Heard heard(long turn) {
    return heard.computeIfAbsent(turn, Heard::new);
  }

  void ended(long at) {
    endedAt = Math.max(endedAt, at);
  }

  /** The session ended after that moment. */
  boolean endedAfter(long moment) {
    return endedAt >= moment;
  }

  void add(Row row) {
    rows.add(row);
  }

  void saw(String id) {
    ids.add(id);
    if (ids.size() > LIMIT_IDS) {
      ids.removeFirst();
    }
  }

  boolean hasSeen(String id) {
    return ids.contains(id);
  }

  /** Where the first row stands that nothing has taken. */
  Optional<Long> firstRow() {
    return rows.isEmpty() ? Optional.empty() : Optional.of(rows.getFirst().start());
  }

  void forgetRows() {
    rows.clear();
    ids.clear();
  }

  /** Takes a turn off: its rows with all before them, and what was told of it. */
  void take(Segment segment) {
    rows.subList(0, segment.rows()).clear();
    heard.remove(segment.turn());
  }

  /** Its turns in the order of the conversation. */
  List<Segment> segments() {
    var segments = new ArrayList<>(ofRows());
    var turns = new HashSet<Long>();
    segments.forEach(segment -> turns.add(segment.turn()));
    for (Heard each : heard.values()) {
      if (!turns.contains(each.turn)) {
        segments.add(
            new Segment(
                session,
                each.turn,
                null,
                List.copyOf(each.pushed.values()),
                each,
                0,
                Long.MAX_VALUE,
                false));
      }
    }
    segments.sort(Comparator.comparingLong(Segment::turn));
    for (int i = 0; i + 1 < segments.size(); i++) {
      segments.set(i, segments.get(i).until(segments.get(i + 1).turn()));
    }
    return segments;
  }

  private List<Segment> ofRows() {
    var segments = new ArrayList<Segment>();
    var items = new ArrayList<Item>();
    Said opener = null;
    Heard told = null;
    for (int i = 0; i < rows.size(); i++) {
      Item item = rows.get(i).item();
      boolean over = told != null && told.settled() && after(item, told.settledAt());
      if (item instanceof Said said && opens(said, opener, told, over)) {
        close(segments, opener, told, items, i);
        opener = said;
        told = heard.get(said.when());
      } else if (opener == null || over) {
        if (!(item instanceof Item.Work || item instanceof Item.Bash)) {
          continue; // of a turn that went out, or from before first contact
        }
        close(segments, opener, told, items, i);
        opener = null;
        told = null;
        segments.add(
            new Segment(
                session,
                item.at().toEpochMilli(),
                null,
                List.of(item),
                null,
                i + 1,
                Long.MAX_VALUE,
                true));
      } else {
        items.add(item);
      }
    }
    close(segments, opener, told, items, rows.size());
    return segments;
  }

  /**
   * A message that comes while a turn runs belongs to it, if the extension says so. One of which it
   * says nothing is that of a run that was not traced, after one that was killed.
   */
  private boolean opens(Said said, @Nullable Said opener, @Nullable Heard told, boolean over) {
    boolean free = opener == null || over || (told != null && !told.heldMessage(said.when()));
    return heard.containsKey(said.when()) || (free && said.role().equals("user"));
  }

  private static boolean after(Item item, long moment) {
    long when = item instanceof Said said ? said.when() : item.at().toEpochMilli();
    return when > moment;
  }

  private void close(
      List<Segment> segments,
      @Nullable Said opener,
      @Nullable Heard told,
      List<Item> items,
      int rowsBefore) {
    if (opener != null) {
      segments.add(
          new Segment(
              session,
              opener.when(),
              opener,
              List.copyOf(items),
              told,
              rowsBefore,
              Long.MAX_VALUE,
              false));
    }
    items.clear();
  }
}
