package dev.turnpike.testing;

import org.junit.jupiter.api.Assumptions;

/**
 * What this machine cannot show. Such a test is skipped, and says so where whoever runs it reads:
 * docs/testing.md lists them all.
 */
public final class NotChecked {
  private NotChecked() {}

  /**
   * Goes on if it is possible; ends the test as skipped if it is not.
   *
   * @param why what is missing, and what is therefore not known
   */
  public static void unless(boolean possible, String why) {
    if (!possible) {
      System.err.println("NOT CHECKED: " + why);
    }
    Assumptions.assumeTrue(possible, why);
  }
}
