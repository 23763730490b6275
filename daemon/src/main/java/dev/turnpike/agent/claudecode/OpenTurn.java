package dev.turnpike.agent.claudecode;

import dev.turnpike.model.TurnKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A turn of the main file that has not gone out. What it became is in its {@link Work}; here is
 * where it stands in the file.
 */
final class OpenTurn {
  final TurnKey key;
  final Work work;

  /** Offset of the first row that belongs to it, and the branch tips as they were there. */
  final long from;

  final List<String> tipsBefore;

  /** Compactions since the turn before. */
  final List<Work.Compaction> before;

  /** Tip of the branch that was left, if the user went back before this prompt. */
  final @Nullable String rewoundFrom;

  /** Went out before, or is history of before first contact. */
  final boolean repeat;

  private boolean marked;
  private boolean sentBack;
  private boolean followed;
  private long bytes;

  OpenTurn(
      TurnKey key,
      Work work,
      long from,
      List<String> tipsBefore,
      List<Work.Compaction> before,
      @Nullable String rewoundFrom,
      boolean repeat) {
    this.key = key;
    this.work = work;
    this.from = from;
    this.tipsBefore = List.copyOf(tipsBefore);
    this.before = List.copyOf(before);
    this.rewoundFrom = rewoundFrom;
    this.repeat = repeat;
  }

  @Nullable String promptId() {
    return work.opener.chain().promptId();
  }

  void grow(long rowBytes) {
    bytes += rowBytes;
  }

  long bytes() {
    return bytes;
  }

  /** The row after the Stop hooks came, and none of them sent the model back. */
  void mark() {
    marked = true;
  }

  boolean marked() {
    return marked;
  }

  /**
   * A Stop hook of someone else has sent the model back to work; a message after it takes that
   * back.
   */
  void sendBack(boolean yes) {
    sentBack = yes;
  }

  boolean sentBack() {
    return sentBack;
  }

  /** A later row opened another turn. */
  void follow() {
    followed = true;
  }

  boolean followed() {
    return followed;
  }

  /** Rows that come now belong to something else. */
  boolean closedByRows() {
    return marked || followed || work.interrupted();
  }

  /** Whether there is anything to tell: a prompt that nobody answered is no turn. */
  boolean substantial() {
    return !work.calls().isEmpty() || work.interrupted() || work.failure() != null;
  }
}
