package dev.turnpike.session;

import dev.turnpike.model.TurnKey;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * Which turns have been or are being exported, over all sessions. A fork copies its parent's
 * history; two workers may find the same turn at the same moment, and only the first may send it.
 */
final class Claims {
  private final Predicate<TurnKey> exportedBefore;
  private final ConcurrentHashMap<TurnKey, Boolean> claimed = new ConcurrentHashMap<>();

  Claims(Predicate<TurnKey> exportedBefore) {
    this.exportedBefore = exportedBefore;
  }

  boolean exported(TurnKey turn) {
    return claimed.containsKey(turn) || exportedBefore.test(turn);
  }

  /**
   * True for one caller only. The claim is let go with {@link #settle} once the journal knows the
   * turn, or the step failed. Looks into the journal only with the claim in hand: whoever had it
   * before has been there by then.
   */
  boolean claim(TurnKey turn) {
    if (claimed.putIfAbsent(turn, true) != null) {
      return false;
    }
    if (exportedBefore.test(turn)) {
      claimed.remove(turn);
      return false;
    }
    return true;
  }

  void settle(TurnKey turn) {
    claimed.remove(turn);
  }
}
