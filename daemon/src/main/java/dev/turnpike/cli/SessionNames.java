package dev.turnpike.cli;

import dev.turnpike.gateway.api.ApiJson;
import dev.turnpike.gateway.api.SessionList;
import dev.turnpike.gateway.api.SessionList.SessionSummary;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;

/** Which session a person means: AGENT/ID or ID, or the beginning of either. */
final class SessionNames {
  private final Context context;

  SessionNames(Context context) {
    this.context = context;
  }

  /** Sessions the daemon knows by that name; one that is named whole is the only one. */
  List<SessionSummary> matching(String typed) throws IOException {
    var response = context.client().ask("GET", "/v1/sessions", true, Asking.PATIENCE);
    var sessions = ApiJson.read(response.body(), SessionList.class).sessions();
    var exact =
        sessions.stream()
            .filter(s -> typed.equals(s.agent() + "/" + s.id()) || typed.equals(s.id()))
            .toList();
    return exact.isEmpty()
        ? sessions.stream()
            .filter(s -> (s.agent() + "/" + s.id()).startsWith(typed) || s.id().startsWith(typed))
            .toList()
        : exact;
  }

  void complain(List<SessionSummary> several) {
    context.complain(
        several.stream()
            .map(session -> "  " + session.agent() + "/" + session.id())
            .collect(Collectors.joining("\n", "Several sessions begin like this:\n", "")));
  }
}
