package dev.turnpike.gateway;

import dev.turnpike.gateway.TraceArchive.Archived;
import dev.turnpike.gateway.api.TraceDetail;
import dev.turnpike.gateway.api.TraceList.TraceSummary;
import dev.turnpike.model.Content;
import dev.turnpike.model.Observation;
import dev.turnpike.model.Observation.AgentSpan;
import dev.turnpike.model.Observation.Generation;
import dev.turnpike.model.Observation.Note;
import dev.turnpike.model.Observation.ToolCall;
import dev.turnpike.model.Part;
import dev.turnpike.model.SpanId;
import dev.turnpike.model.Usage;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Traces of the model as the API shows them. Pure. */
public final class TraceViews {
  private TraceViews() {}

  public static TraceSummary summary(Archived archived) {
    var all = observations(archived);
    var root = root(all);
    var context = archived.parts().getFirst().context();
    var start = start(all);
    // Background work may end after its turn; the turn's own length is what people mean.
    var end = root.frame().parent() == null ? root.frame().end() : end(all);
    var usage = usage(all);
    return new TraceSummary(
        archived.parts().getFirst().id().hex(),
        context.agent().value(),
        context.sessionId(),
        context.traceName(),
        start,
        Duration.between(start, end).toMillis(),
        root.frame().level().name(),
        all.size(),
        usage.buckets().isEmpty() ? null : usage.total(),
        cost(all),
        archived.wentTo());
  }

  public static TraceDetail detail(Archived archived) {
    var all = observations(archived);
    var context = archived.parts().getFirst().context();
    return new TraceDetail(
        summary(archived),
        context.userId(),
        context.tags(),
        context.environment(),
        context.release(),
        context.agentVersion(),
        context.metadata(),
        byKey(usage(all)),
        tree(all));
  }

  /**
   * Each once: a trace that waits for a server and is kept here, or whose batch was split, lies
   * here more than once.
   */
  private static List<Observation> observations(Archived archived) {
    var byId = new LinkedHashMap<SpanId, Observation>();
    for (var part : archived.parts()) {
      part.observations().forEach(each -> byId.putIfAbsent(each.frame().id(), each));
    }
    return byId.values().stream().sorted(Comparator.comparing(o -> o.frame().start())).toList();
  }

  /** The turn's own span; the earliest one where only later parts are here. */
  private static Observation root(List<Observation> all) {
    return all.stream().filter(o -> o.frame().parent() == null).findFirst().orElse(all.getFirst());
  }

  private static Instant start(List<Observation> all) {
    return all.getFirst().frame().start();
  }

  private static Instant end(List<Observation> all) {
    return all.stream()
        .map(o -> o.frame().end())
        .max(Comparator.naturalOrder())
        .orElseThrow(() -> new IllegalStateException("a trace without observations"));
  }

  private static Usage usage(List<Observation> all) {
    var sum = Usage.none();
    for (var observation : all) {
      if (observation instanceof Generation generation && generation.usage() != null) {
        sum = sum.plus(generation.usage());
      }
    }
    return sum;
  }

  private static @Nullable BigDecimal cost(List<Observation> all) {
    BigDecimal sum = null;
    for (var observation : all) {
      if (observation instanceof Generation generation && generation.costUsd() != null) {
        sum = sum == null ? generation.costUsd() : sum.add(generation.costUsd());
      }
    }
    return sum;
  }

  private static List<TraceDetail.Node> tree(List<Observation> all) {
    var known = all.stream().map(o -> o.frame().id()).collect(Collectors.toSet());
    var children = new HashMap<SpanId, List<Observation>>();
    var tops = new ArrayList<Observation>();
    for (var observation : all) {
      var parent = observation.frame().parent();
      if (parent == null || !known.contains(parent)) {
        tops.add(observation);
      } else {
        children.computeIfAbsent(parent, _ -> new ArrayList<>()).add(observation);
      }
    }
    var shown = new HashSet<SpanId>();
    return tops.stream().map(top -> node(top, children, shown)).toList();
  }

  /** {@code shown} keeps parents that run in a circle from running for ever. */
  private static TraceDetail.Node node(
      Observation observation, Map<SpanId, List<Observation>> children, Set<SpanId> shown) {
    var frame = observation.frame();
    var below =
        shown.add(frame.id())
            ? children.getOrDefault(frame.id(), List.of()).stream()
                .map(child -> node(child, children, shown))
                .toList()
            : List.<TraceDetail.Node>of();
    var generation = observation instanceof Generation g ? g : null;
    return new TraceDetail.Node(
        frame.id().hex(),
        kind(observation),
        frame.name(),
        frame.start(),
        Duration.between(frame.start(), frame.end()).toMillis(),
        frame.level().name(),
        frame.statusMessage(),
        generation == null ? null : generation.model(),
        generation == null || generation.usage() == null ? Map.of() : byKey(generation.usage()),
        generation == null ? null : generation.costUsd(),
        readable(observation.input()),
        readable(observation.output()),
        frame.metadata(),
        below);
  }

  private static String kind(Observation observation) {
    return switch (observation) {
      case AgentSpan _ -> "agent";
      case Generation _ -> "generation";
      case ToolCall _ -> "tool";
      case Note _ -> "note";
    };
  }

  private static Map<String, Long> byKey(Usage usage) {
    var byKey = new LinkedHashMap<String, Long>();
    usage.buckets().forEach((bucket, tokens) -> byKey.put(bucket.key(), tokens));
    return byKey;
  }

  private static @Nullable String readable(Content content) {
    return switch (content) {
      case Content.None() -> null;
      case Content.Text(var _, var text) -> text;
      case Content.Json(var _, var json) -> json;
      case Content.Messages(var messages) ->
          messages.stream()
              .map(
                  message ->
                      message.role()
                          + ": "
                          + message.parts().stream()
                              .map(TraceViews::readable)
                              .collect(Collectors.joining("\n")))
              .collect(Collectors.joining("\n\n"));
    };
  }

  private static String readable(Part part) {
    return switch (part) {
      case Part.Text(var _, var text) -> text;
      case Part.Reasoning(var text) -> "(reasoning) " + text;
      case Part.ToolUse(var _, var name, var input) -> "(calls " + name + ") " + input;
      case Part.ToolResult(var _, var text, var error) ->
          (error ? "(tool error) " : "(tool result) ") + text;
      case Part.Media(var type, var bytes) -> "(" + type + ", " + bytes + " bytes)";
    };
  }
}
