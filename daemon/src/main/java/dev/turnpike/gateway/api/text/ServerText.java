package dev.turnpike.gateway.api.text;

import static dev.turnpike.gateway.api.text.Amounts.bytes;
import static dev.turnpike.gateway.api.text.Amounts.clean;
import static dev.turnpike.gateway.api.text.Amounts.count;
import static dev.turnpike.gateway.api.text.Amounts.counted;
import static dev.turnpike.gateway.api.text.Amounts.time;

import dev.turnpike.gateway.api.RulingReport;
import dev.turnpike.gateway.api.ServerList;
import java.time.ZoneId;

/** {@code turnpike destinations}. */
final class ServerText {
  private static final int CELL = 100;

  private ServerText() {}

  static String list(ServerList list, ZoneId zone) {
    if (list.servers().isEmpty()) {
      return "No agent's environment has named a server so far.\n";
    }
    var table = new Table("server", "state", ">waiting", ">size", "first seen", "in");
    boolean held = false;
    for (var server : list.servers()) {
      var cwd = server.cwd();
      held |= server.state().equals("held");
      table.row(
          clean(server.server(), CELL),
          server.state(),
          count(server.waitingBatches()),
          bytes(server.waitingBytes()),
          time(server.first(), zone),
          cwd == null ? "" : clean(cwd, CELL));
    }
    return table.render("")
        + (held
            ? "\n"
                + "Nothing is sent to a held server until you say: turnpike destinations allow"
                + " HOST, or deny HOST.\n"
            : "");
  }

  static String ruling(RulingReport report) {
    boolean allowed = report.state().equals("allowed");
    return "%s is %s. %s %s.\n"
        .formatted(
            clean(report.server(), CELL),
            report.state(),
            counted(report.batches(), "batch", "batches"),
            allowed ? "waiting for it may go out now" : "waiting for it removed");
  }
}
