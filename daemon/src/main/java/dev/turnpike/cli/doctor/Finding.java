package dev.turnpike.cli.doctor;

/**
 * What one check found.
 *
 * @param area the part it is about, in a word or two: {@code daemon}, {@code claude-code}
 * @param advice what to do; empty where nothing is to be done
 */
public record Finding(Level level, String area, String text, String advice) {
  public enum Level {
    OK,
    WARNING,
    PROBLEM
  }

  static Finding ok(String area, String text) {
    return new Finding(Level.OK, area, text, "");
  }

  static Finding warning(String area, String text, String advice) {
    return new Finding(Level.WARNING, area, text, advice);
  }

  static Finding problem(String area, String text, String advice) {
    return new Finding(Level.PROBLEM, area, text, advice);
  }
}
