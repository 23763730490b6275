package dev.turnpike.agent.pi;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.turnpike.agent.AgentJson;
import dev.turnpike.agent.pi.Item.Call;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which sessions launched which. Pi has no sub-agents of its own: extensions start it as a child
 * process, which says whose child it is, but not of which call.
 */
final class Family {
  private static final int LIMIT_ARGUMENT_CHARS = 4;

  private final Map<String, Stream> launched;
  private final Predicate<Segment> free;

  /**
   * @param free whether a sub-agent's turn is still to be told, and not promised to another trace
   */
  Family(Map<String, Stream> launched, Predicate<Segment> free) {
    this.launched = launched;
    this.free = free;
  }

  /** Sub-agents' turns that began during a turn. */
  List<Segment> launchedBy(Segment turn) {
    return turns().stream()
        .filter(child -> turn.session().equals(launcherOf(child)))
        .filter(child -> turn.covers(child.turn()))
        .toList();
  }

  /** All that are still to be told. */
  List<Segment> turns() {
    return launched.values().stream()
        .map(Stream::segments)
        .flatMap(Collection::stream)
        .filter(free)
        .toList();
  }

  private @Nullable String launcherOf(Segment child) {
    Stream stream = launched.get(child.session());
    return stream == null ? null : stream.launcher;
  }

  /** It said so itself, or its process did. */
  boolean over(Segment child) {
    Heard heard = child.heard();
    Stream stream = launched.get(child.session());
    return child.followed()
        || (heard != null && heard.whole())
        || (stream != null && stream.endedAfter(child.turn()));
  }

  /** Among calls that ran at its beginning the one that speaks of its prompt, else the only one. */
  static @Nullable ToolRun launcher(Segment child, List<ToolRun> runs) {
    Instant began = child.start();
    List<ToolRun> ran = runs.stream().filter(run -> run.ranAt(began)).toList();
    if (ran.size() <= 1) {
      return ran.isEmpty() ? null : ran.getFirst();
    }
    Heard heard = child.heard();
    String prompt = heard == null ? "" : heard.prompt().orElse("");
    return ran.stream()
        .filter(run -> mentions(arguments(run.call()), prompt))
        .findFirst()
        .orElse(null);
  }

  private static boolean mentions(JsonNode arguments, String prompt) {
    if (arguments.isTextual()) {
      String text = arguments.asText();
      return text.length() >= LIMIT_ARGUMENT_CHARS
          && (prompt.contains(text) || (!prompt.isEmpty() && text.contains(prompt)));
    }
    for (JsonNode each : arguments) {
      if (mentions(each, prompt)) {
        return true;
      }
    }
    return false;
  }

  /** {@code {"agent":"helper","task":"..."}}: the example extension's words, and others'. */
  static String typeOf(Call call) {
    String agent = ItemParser.text(arguments(call), "agent");
    return agent == null ? "pi" : agent;
  }

  private static JsonNode arguments(Call call) {
    try {
      return AgentJson.MAPPER.readTree(call.arguments());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree's own text is no JSON", e);
    }
  }
}
