package dev.turnpike.gateway.api.text;

import static dev.turnpike.gateway.api.text.Amounts.clean;
import static dev.turnpike.gateway.api.text.Amounts.count;
import static dev.turnpike.gateway.api.text.Amounts.dollars;
import static dev.turnpike.gateway.api.text.Amounts.length;
import static dev.turnpike.gateway.api.text.Amounts.time;

import dev.turnpike.gateway.api.TraceDetail;
import dev.turnpike.gateway.api.TraceDetail.Node;
import dev.turnpike.gateway.api.TraceList;
import dev.turnpike.gateway.api.Whereabouts;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Traces: a list of them, and one as a tree. */
final class TraceText {
  private static final int NAME = 60;
  private static final int LINE = 160;

  private TraceText() {}

  static String list(TraceList list, ZoneId zone) {
    if (list.total() == 0) {
      return "No traces on this machine.\n";
    }
    var table =
        new Table("trace", "started", ">length", ">tokens", ">cost", "level", "went to", "name");
    for (var trace : list.traces()) {
      var tokens = trace.tokens();
      var cost = trace.costUsd();
      table.row(
          trace.id().substring(0, 8),
          time(trace.start(), zone),
          length(trace.durationMillis()),
          tokens == null ? "-" : count(tokens),
          cost == null ? "-" : dollars(cost),
          level(trace.level()),
          trace.wentTo().stream()
              .map(Whereabouts::state)
              .distinct()
              .collect(Collectors.joining(",")),
          clean(trace.name(), NAME));
    }
    var text = table.render("");
    long more = list.total() - list.traces().size();
    return more > 0 ? text + "and " + count(more) + " more (--limit shows them)\n" : text;
  }

  static String tree(TraceDetail trace, ZoneId zone) {
    var summary = trace.summary();
    var head = new Table("", "");
    head.row("trace", summary.id());
    var version = trace.agentVersion();
    head.row("agent", summary.agent() + (version == null ? "" : " " + clean(version, NAME)));
    head.row("session", clean(summary.session(), LINE));
    head.row("started", time(summary.start(), zone) + ", took " + length(summary.durationMillis()));
    head.row("tokens", tokens(trace));
    var cost = summary.costUsd();
    if (cost != null) {
      head.row("cost", dollars(cost));
    }
    if (!trace.tags().isEmpty()) {
      head.row("tags", clean(String.join(" ", trace.tags()), LINE));
    }
    for (var place : summary.wentTo()) {
      head.row("went to", place(place));
    }
    var body = new Table("", ">", ">", ">", "");
    for (var top : trace.observations()) {
      rows(body, top, "", "", summary.start());
    }
    return clean(summary.name(), LINE) + "\n" + head.render("  ") + "\n" + body.render("");
  }

  private static void rows(Table table, Node node, String first, String rest, Instant start) {
    var cost = node.costUsd();
    long tokens = node.usage().values().stream().mapToLong(Long::longValue).sum();
    table.row(
        first + label(node),
        "+" + length(Duration.between(start, node.start())),
        length(node.durationMillis()),
        node.usage().isEmpty() ? "" : count(tokens) + " tokens",
        remarks(node, cost == null ? "" : dollars(cost)));
    var children = node.children();
    for (int i = 0; i < children.size(); i++) {
      boolean last = i == children.size() - 1;
      rows(
          table,
          children.get(i),
          rest + (last ? "\u2514\u2500 " : "\u251c\u2500 "),
          rest + (last ? "   " : "\u2502  "),
          start);
    }
  }

  private static String label(Node node) {
    var model = node.model();
    var name = node.kind() + " " + clean(node.name(), NAME);
    return model == null || node.name().contains(model)
        ? name
        : name + " (" + clean(model, NAME) + ")";
  }

  private static String remarks(Node node, String cost) {
    List<String> remarks = new ArrayList<>();
    if (!cost.isEmpty()) {
      remarks.add(cost);
    }
    var message = node.statusMessage();
    if (!level(node.level()).isEmpty()) {
      remarks.add(node.level() + (message == null ? "" : ": " + clean(message, NAME)));
    }
    return String.join("  ", remarks);
  }

  private static String tokens(TraceDetail trace) {
    var tokens = trace.summary().tokens();
    if (tokens == null) {
      return "none reported";
    }
    return count(tokens)
        + trace.usage().entrySet().stream()
            .map(e -> e.getKey() + " " + count(e.getValue()))
            .collect(Collectors.joining(", ", " (", ")"));
  }

  private static String place(Whereabouts place) {
    var base = place.baseUrl();
    var url = place.url();
    var name = base == null ? "this machine" : clean(base, LINE) + " (" + place.destination() + ")";
    return name + ": " + place.state() + (url == null ? "" : ", " + clean(url, LINE));
  }

  private static String level(String level) {
    return level.equals("DEFAULT") ? "" : level;
  }
}
