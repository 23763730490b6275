package dev.turnpike.agent.claudecode;

import dev.turnpike.agent.Finished;
import dev.turnpike.model.Content;
import dev.turnpike.model.Observation;
import dev.turnpike.model.Part;
import dev.turnpike.model.SpanId;
import dev.turnpike.model.TraceId;
import dev.turnpike.model.TurnKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What came out of a replay: traces in the order their turns were closed, with the parts that came
 * later.
 */
final class Told {
  record Trace(String session, TurnKey key, TraceId id, List<Observation> observations) {
    Observation root() {
      return observations.stream()
          .filter(o -> o.frame().parent() == null)
          .findFirst()
          .orElseThrow();
    }

    List<Observation> below(SpanId parent) {
      return observations.stream()
          .filter(o -> parent.equals(o.frame().parent()))
          .sorted((a, b) -> a.frame().start().compareTo(b.frame().start()))
          .toList();
    }
  }

  private Told() {}

  static List<Trace> traces(List<Worker.Done> done) {
    Map<TraceId, Trace> traces = new LinkedHashMap<>();
    for (Worker.Done each : done) {
      switch (each.finished()) {
        case Finished.ClosedTurn turn -> {
          if (traces.containsKey(turn.trace())) {
            throw new AssertionError("turn told twice: " + turn.key());
          }
          traces.put(
              turn.trace(),
              new Trace(
                  each.session().value(),
                  turn.key(),
                  turn.trace(),
                  new ArrayList<>(turn.observations())));
        }
        case Finished.LaterPart part -> {
          if (!traces.containsKey(part.trace())) {
            throw new AssertionError("a later part of no trace");
          }
          traces.get(part.trace()).observations().addAll(part.observations());
        }
        case Finished.Skipped _ -> {}
      }
    }
    for (Trace trace : traces.values()) {
      var ids = new TreeSet<String>();
      for (Observation o : trace.observations()) {
        if (!ids.add(o.frame().id().hex())) {
          throw new AssertionError("span told twice: " + o.frame());
        }
      }
      for (Observation o : trace.observations()) {
        if (o.frame().parent() != null && !ids.contains(o.frame().parent().hex())) {
          throw new AssertionError("no parent for " + o.frame());
        }
      }
    }
    return List.copyOf(traces.values());
  }

  /** Everything but what only hooks tell (metadata), as text, in an order of its own. */
  static String canonical(List<Trace> traces) {
    return traces.stream()
        .flatMap(
            t -> t.observations().stream().map(o -> t.session() + " " + t.id() + " " + line(o)))
        .sorted()
        .collect(Collectors.joining("\n"));
  }

  private static String line(Observation o) {
    String usage =
        o instanceof Observation.Generation g
            ? g.model() + " " + (g.usage() == null ? "-" : g.usage().buckets())
            : "";
    var f = o.frame();
    return o.getClass().getSimpleName()
        + " "
        + f.id()
        + " <"
        + f.parent()
        + " "
        + f.name()
        + " "
        + f.start()
        + ".."
        + f.end()
        + " "
        + f.level()
        + " "
        + f.statusMessage()
        + " "
        + usage
        + " "
        + o.input()
        + " => "
        + o.output();
  }

  static String text(Content content) {
    return switch (content) {
      case Content.None() -> "";
      case Content.Text(var _, var text) -> text;
      case Content.Json(var _, var json) -> json;
      case Content.Messages(var messages) ->
          messages.stream()
              .flatMap(m -> m.parts().stream())
              .filter(Part.Text.class::isInstance)
              .map(p -> ((Part.Text) p).text())
              .collect(Collectors.joining("\n"));
    };
  }
}
