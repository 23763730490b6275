package dev.turnpike.otlp;

/** The body as a whole is not what it says it is. The message is fit for the sender. */
public final class Undecodable extends Exception {
  private static final long serialVersionUID = 1L;

  public Undecodable(String message) {
    super(message);
  }
}
