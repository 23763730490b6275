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

  private SessionText() {}

  static String list(SessionList list, ZoneId zone) {
    if (list.sessions().isEmpty()) {
      return "No sessions yet.\n";
    }
    var table = new Table("session", "state", ">turns", "last activity", "directory");
    for (var session : list.sessions()) {
      var cwd = session.cwd();
      table.row(
          name(session),
          state(session),
          count(session.turns()),
          time(session.lastActivity(), zone),
          cwd == null ? "-" : clean(cwd, CELL));
    }
    return table.render("");
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
              + " (accounted for: %s of %s)"
                  .formatted(bytes(file.cursorBytes()), bytes(file.sizeBytes())));
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
