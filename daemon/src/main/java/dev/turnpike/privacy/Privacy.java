package dev.turnpike.privacy;

import dev.turnpike.config.PrivacyPolicy;
import dev.turnpike.model.Trace;

/** Makes a trace fit to leave the session's worker. */
public final class Privacy {
  private static final Shapes SHAPES = Shapes.known();

  private Privacy() {}

  /**
   * Masks secrets, leaves out what is not to be captured, cuts what is too long; never throws for
   * what the content is.
   */
  public static SealedTrace seal(Trace trace, PrivacyPolicy policy) {
    return new SealedTrace(new Sealing(policy, SHAPES).seal(trace));
  }
}
