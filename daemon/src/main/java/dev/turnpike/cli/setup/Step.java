package dev.turnpike.cli.setup;

import java.io.IOException;
import java.util.List;

/**
 * One thing {@code install} or {@code uninstall} is about to do, in words that fit before and
 * after.
 *
 * @param before how it stands: only what is {@link State#PLANNED} has work to do
 */
public record Step(String text, State before, Work work) {

  @FunctionalInterface
  public interface Work {
    /** What became of it, mostly one line. */
    List<Done> run() throws IOException, InterruptedException;
  }

  public enum State {
    DONE,
    /** It was so already. */
    UNCHANGED,
    /** It is to be done. */
    PLANNED,
    /** Something the user should know; nothing is broken. */
    NOTE,
    FAILED
  }

  public record Done(State state, String text) {}

  @FunctionalInterface
  interface Deed {
    void run() throws IOException, InterruptedException;
  }

  /** A step whose work says what became of it. */
  static Step telling(String text, boolean needed, Work work) {
    return new Step(text, needed ? State.PLANNED : State.UNCHANGED, work);
  }

  /** A step whose work gives no news of its own. */
  static Step of(String text, boolean needed, Deed deed) {
    return telling(
        text,
        needed,
        () -> {
          deed.run();
          return List.of(new Done(State.DONE, text));
        });
  }

  /** What is so already. */
  static Step already(String text) {
    return new Step(text, State.UNCHANGED, List::of);
  }

  /** A remark in its place between the steps. */
  static Step note(String text) {
    return new Step(text, State.NOTE, List::of);
  }

  /** What is known to be impossible before anything is tried. */
  static Step failed(String text) {
    return new Step(text, State.FAILED, List::of);
  }

  public boolean planned() {
    return before == State.PLANNED;
  }
}
