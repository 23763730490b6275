package dev.turnpike.cli.demo;

import dev.turnpike.model.Digest;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Makes a recorded text one of this moment: ids are replaced by others of the same form, always the
 * same for the same one, times are moved, and the recorded folders become those of this run.
 */
final class Refreshing implements UnaryOperator<String> {
  private static final String UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
  private static final String NATIVE_ID = "(?:msg|toolu|req)_[0-9A-Za-z]{8,}";
  private static final Pattern TIME =
      Pattern.compile("\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z");
  private static final Pattern AGENT_FILE = Pattern.compile("agent-([0-9a-f]{8,})\\.");
  private static final String NOTHING = "(?!)";

  private final String seed;
  private final Duration shift;
  private final Map<String, String> folders;
  private final Pattern replaced;

  private Refreshing(String seed, Duration shift, Map<String, String> folders, String agentIds) {
    this.seed = seed;
    this.shift = shift;
    this.folders = folders;
    String recorded =
        folders.isEmpty()
            ? NOTHING
            : folders.keySet().stream().map(Pattern::quote).collect(Collectors.joining("|"));
    this.replaced =
        Pattern.compile(
            "(?<folder>%s)|(?<time>%s)|(?<uuid>%s)|(?<id>%s|(?:%s))"
                .formatted(recorded, TIME.pattern(), UUID, NATIVE_ID, agentIds));
  }

  /**
   * @param seed new for each run
   * @param now when the session is to have ended
   * @param folders recorded path to the path it becomes; a path that another one begins with comes
   *     after it
   */
  static Refreshing of(Recording recording, String seed, Instant now, Map<String, Path> folders) {
    var agents = new TreeSet<String>();
    for (String name : recording.files().keySet()) {
      Matcher agent = AGENT_FILE.matcher(name);
      if (agent.find()) {
        agents.add(agent.group(1));
      }
    }
    Optional<Instant> last =
        recording.files().values().stream()
            .flatMap(rows -> rows.stream().flatMap(Refreshing::times))
            .max(Instant::compareTo);
    var plain = new LinkedHashMap<String, String>();
    folders.forEach((recorded, path) -> plain.put(recorded, path.toString()));
    return new Refreshing(
        seed,
        last.map(end -> Duration.between(end, now)).orElse(Duration.ZERO),
        plain,
        agents.isEmpty() ? NOTHING : String.join("|", agents));
  }

  private static Stream<Instant> times(String row) {
    return TIME.matcher(row).results().map(time -> Instant.parse(time.group()));
  }

  @Override
  public String apply(String text) {
    return replaced.matcher(text).replaceAll(match -> Matcher.quoteReplacement(replacement(match)));
  }

  private String replacement(MatchResult match) {
    String old = match.group();
    if (match.group("folder") != null) {
      return folders.getOrDefault(old, old);
    }
    if (match.group("time") != null) {
      return moved(Instant.parse(old));
    }
    String fresh = Digest.sha256Hex(seed + "|" + old);
    if (match.group("uuid") != null) {
      return "%s-%s-4%s-8%s-%s"
          .formatted(
              fresh.substring(0, 8),
              fresh.substring(8, 12),
              fresh.substring(13, 16),
              fresh.substring(17, 20),
              fresh.substring(20, 32));
    }
    int kept = old.indexOf('_') + 1;
    return old.substring(0, kept) + fresh.substring(0, old.length() - kept);
  }

  private String moved(Instant time) {
    return "%tFT%<tT.%<tLZ".formatted(time.plus(shift).atOffset(ZoneOffset.UTC));
  }
}
