package dev.turnpike.session;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.model.TurnKey;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class ClaimsTest {
  private static final TurnKey TURN = new TurnKey("t");

  private final Set<TurnKey> journal = new HashSet<>();
  private @Nullable Runnable between;

  private boolean exportedBefore(TurnKey turn) {
    boolean exported = journal.contains(turn);
    Runnable other = between;
    between = null;
    if (other != null) {
      other.run();
    }
    return exported;
  }

  @Test
  void oneOfTwoMayExportATurnAndNobodyAfterIt() {
    var claims = new Claims(this::exportedBefore);
    assertTrue(claims.claim(TURN));
    assertFalse(claims.claim(TURN));
    assertTrue(claims.exported(TURN));
    journal.add(TURN);
    claims.settle(TURN);
    assertFalse(claims.claim(TURN));
    assertTrue(claims.exported(TURN));
  }

  @Test
  void aClaimThatCameToNothingIsOpenToOthers() {
    var claims = new Claims(this::exportedBefore);
    assertTrue(claims.claim(TURN));
    claims.settle(TURN);
    assertTrue(claims.claim(TURN));
  }

  @Test
  void anotherThatExportsWhileWeLookIntoTheJournalIsNoticed() {
    var claims = new Claims(this::exportedBefore);
    boolean[] others = new boolean[1];
    between =
        () -> {
          others[0] = claims.claim(TURN);
          if (others[0]) {
            journal.add(TURN);
            claims.settle(TURN);
          }
        };
    boolean ours = claims.claim(TURN);
    assertTrue(ours ^ others[0]);
  }
}
