package dev.turnpike.export.langfuse;

import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A Langfuse server's version as its health check says it: {@code 4.16.0}, {@code v3.40.0-rc.1}.
 */
public record ServerVersion(int major, int minor, int patch) implements Comparable<ServerVersion> {
  private static final Pattern FORM =
      Pattern.compile("v?(\\d{1,6})\\.(\\d{1,6})(?:\\.(\\d{1,6}))?(?:[-+.].*)?");
  private static final Comparator<ServerVersion> ORDER =
      Comparator.comparingInt(ServerVersion::major)
          .thenComparingInt(ServerVersion::minor)
          .thenComparingInt(ServerVersion::patch);

  /** Below, OTLP is missing or {@code langfuse.observation.*} is not read. */
  static final ServerVersion READS_OUR_OTLP = new ServerVersion(3, 59, 0);

  /** From here classic ingestion knows {@code agent-create} and {@code tool-create}. */
  static final ServerVersion KNOWS_AGENTS_AND_TOOLS = new ServerVersion(3, 98, 2);

  /** From here classic ingestion knows {@code usageDetails} and {@code costDetails}. */
  static final ServerVersion KNOWS_USAGE_DETAILS = new ServerVersion(3, 2, 0);

  static Optional<ServerVersion> parse(String text) {
    var matcher = FORM.matcher(text.strip());
    if (!matcher.matches()) {
      return Optional.empty();
    }
    String patch = matcher.group(3);
    return Optional.of(
        new ServerVersion(
            Integer.parseInt(matcher.group(1)),
            Integer.parseInt(matcher.group(2)),
            patch == null ? 0 : Integer.parseInt(patch)));
  }

  boolean atLeast(ServerVersion other) {
    return compareTo(other) >= 0;
  }

  @Override
  public int compareTo(ServerVersion other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return major + "." + minor + "." + patch;
  }
}
