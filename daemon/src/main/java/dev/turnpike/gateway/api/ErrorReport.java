package dev.turnpike.gateway.api;

/** Every answer from 400 up: {@code {"error":{"code":"not_found","message":"..."}}}. */
public record ErrorReport(Problem error) implements Report {
  /**
   * @param code stable, for programs: lower-case words joined by underscores
   * @param message for people: what was wrong and, where there is something, what to do
   */
  public record Problem(String code, String message) {}

  public static ErrorReport of(String code, String message) {
    return new ErrorReport(new Problem(code, message));
  }
}
