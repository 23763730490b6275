package dev.turnpike.cli.setup;

import java.io.IOException;
import java.util.List;

/**
 * One thing {@code install} or {@code uninstall} is about to do, in words that fit before and
 * after.
 *
 * @param needed false: it is so already, and {@code work} is not called
 */
public record Step(String text, boolean needed, Work work) {

  @FunctionalInterface
  public interface Work {
    /** What became of it, mostly one line. */
    List<Done> run() throws IOException, InterruptedException;
  }

  public enum State {
    DONE,
    /** It was so already. */
    UNCHANGED,
    /** With {@code --dry-run}: it would be done. */
    PLANNED,
    /** Something the user should know; nothing is broken. */
    NOTE,
    FAILED
  }

  public record Done(State state, String text) {}

  /** A step whose work gives no news of its own. */
  static Step of(String text, boolean needed, Deed deed) {
    return new Step(
        text,
        needed,
        () -> {
          deed.run();
          return List.of(new Done(State.DONE, text));
        });
  }

  @FunctionalInterface
  interface Deed {
    void run() throws IOException, InterruptedException;
  }

  /** What is so already. */
  static Step already(String text) {
    return new Step(text, false, List::of);
  }

  /** A remark in its place between the steps, also in a dry run. */
  static Step note(String text) {
    return new Step(text, true, () -> List.of(new Done(State.NOTE, text)));
  }
}
