package dev.turnpike.gateway.api.text;

import static dev.turnpike.gateway.api.text.Amounts.bytes;
import static dev.turnpike.gateway.api.text.Amounts.clean;
import static dev.turnpike.gateway.api.text.Amounts.count;
import static dev.turnpike.gateway.api.text.Amounts.time;

import dev.turnpike.gateway.api.SessionDetail;
import dev.turnpike.gateway.api.SessionList;
import java.time.ZoneId;

/** Sessions: a list of them, and one in detail. */
final class SessionText {
  private static final int CELL = 80;
  private static final int LEAST_ID_CHARS = 8;

  private SessionText() {}

  static String list(SessionList list, ZoneId zone) {
    if (list.sessions().isEmpty()) {
      return "No sessions yet.\n";
    }
    int shown = enough(list);
    var table = new Table("session", "state", ">turns", "last activity", "directory");
    for (var session : list.sessions()) {
      var cwd = session.cwd();
      table.row(
          session.agent() + "/" + clean(shortened(session.id(), shown), CELL),
          state(session),
          count(session.turns()),
          time(session.lastActivity(), zone),
          cwd == null ? "-" : clean(cwd, CELL));
    }
    return table.render("");
  }

  /**
   * How many characters of the ids tell all sessions apart. Commands take the beginning of an id,
   * and a whole one leaves no room on a line.
   */
  private static int enough(SessionList list) {
    for (int chars = LEAST_ID_CHARS; chars < CELL; chars += 4) {
      int length = chars;
      long distinct =
          list.sessions().stream()
              .map(session -> session.agent() + "/" + shortened(session.id(), length))
              .distinct()
              .count();
      if (distinct == list.sessions().size()) {
        return chars;
      }
    }
    return CELL;
  }

  private static String shortened(String id, int chars) {
    return id.codePointCount(0, id.length()) <= chars
        ? id
        : id.substring(0, id.offsetByCodePoints(0, chars));
  }

  static String detail(SessionDetail detail, ZoneId zone) {
    var session = detail.session();
    var table = new Table("", "");
    table.row("state", state(session));
    table.row("turns", count(session.turns()));
    table.row("last activity", time(session.lastActivity(), zone));
    var cwd = session.cwd();
    if (cwd != null) {
      table.row("directory", clean(cwd, 2 * CELL));
    }
    var destination = detail.destination();
    if (destination != null) {
      table.row("goes to", destination);
    }
    table.row("events waiting", count(detail.pendingEvents()));
    var trace = detail.lastTrace();
    if (trace != null) {
      var url = detail.lastTraceUrl();
      table.row("last trace", trace + (url == null ? "" : " " + clean(url, 2 * CELL)));
    }
    for (var file : detail.files()) {
      table.row(
          "reads",
          clean(file.path(), 2 * CELL)
              + " (accounted for: %s%s)"
                  .formatted(
                      bytes(file.cursorBytes()),
                      file.sizeBytes() == 0 ? "; it is gone" : " of " + bytes(file.sizeBytes())));
    }
    return name(session) + "\n" + table.render("  ");
  }

  private static String name(SessionList.SessionSummary session) {
    return session.agent() + "/" + clean(session.id(), CELL);
  }

  private static String state(SessionList.SessionSummary session) {
    return session.openTurn() ? session.state() + ", in a turn" : session.state();
  }
}
