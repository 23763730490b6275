package dev.turnpike.inbox;

/**
 * The inbox's limits.
 *
 * @param events pending events
 * @param bytes bodies of pending events, files included
 * @param inlineBytes bodies held in memory; beyond it bodies above 1 KiB go to files too
 * @param spillAboveBytes a body above this goes to a file
 * @param bodyBytes longest body of a spool file
 * @param badFiles unreadable spool files that are kept to be looked at
 */
public record InboxLimits(
    int events, long bytes, long inlineBytes, int spillAboveBytes, int bodyBytes, int badFiles) {
  private static final int MIB = 1024 * 1024;

  public static final InboxLimits STANDARD =
      new InboxLimits(20_000, 256L * MIB, 16L * MIB, 64 * 1024, 16 * MIB, 100);
}
