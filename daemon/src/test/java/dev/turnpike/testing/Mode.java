package dev.turnpike.testing;

/**
 * What kind of Langfuse a {@link FakeLangfuse} stands in for.
 *
 * @param classic whether classic ingestion stores traces and observations
 */
public record Mode(String version, boolean classic) {
  /** A v4 as it comes: OTLP only; classic ingestion answers 207 and refuses every event in it. */
  public static final Mode EVENTS_ONLY = new Mode("4.16.0", false);

  /** A v4 that takes both. */
  public static final Mode DUAL = new Mode("4.16.0", true);

  /** An older server: below 3.22 it has no OTLP, below 3.59 it does not read our attributes. */
  public static Mode legacy(String version) {
    return new Mode(version, true);
  }

  /** Whether the server is this version or a later one. */
  public boolean atLeast(int major, int minor, int patch) {
    String[] parts = version.split("[.-]", -1);
    int[] wanted = {major, minor, patch};
    for (int i = 0; i < wanted.length; i++) {
      int mine = i < parts.length ? Integer.parseInt(parts[i]) : 0;
      if (mine != wanted[i]) {
        return mine > wanted[i];
      }
    }
    return true;
  }
}
