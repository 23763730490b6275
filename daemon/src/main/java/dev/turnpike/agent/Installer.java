package dev.turnpike.agent;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Registers Turnpike with one agent on this machine. Plans only: what is to be written comes back
 * as {@link FileChange}s and is applied elsewhere, atomically and with a backup. Everything in a
 * user's file that is not ours stays as it is.
 */
public interface Installer {
  /** Where the agent keeps its settings, and whether it seems to be installed here. */
  Detection detect(Machine machine);

  /**
   * What is missing for the registration to be complete; empty if it is. Running it twice changes
   * nothing the second time.
   */
  List<FileChange> register(Machine machine, Path hookProgram) throws UnreadableSettings;

  /** What takes every entry of ours back, whichever version wrote it; empty if there is none. */
  List<FileChange> unregister(Machine machine) throws UnreadableSettings;

  /** Whether the registration is whole and names {@code hookProgram}. */
  Registration check(Machine machine, Path hookProgram);

  /** For agents that run a hook only once their user has trusted it; empty for almost all. */
  default Optional<Trust> trust() {
    return Optional.empty();
  }

  /** What only the user may say: that the agent may run the hooks we registered. */
  interface Trust {
    /** Why it is needed, a sentence without a full stop. */
    String explanation();

    /** How the user does it without us. */
    String byHand();

    /** What says it in the user's name, once our hooks are registered; empty if it is said. */
    List<FileChange> changes(Machine machine, Path hookProgram) throws UnreadableSettings;
  }

  /**
   * @param home the user's home; {@code environment} as the person running the command has it
   */
  record Machine(Path home, Map<String, String> environment) {}

  /**
   * @param evidence what was found, for people: a path or a version
   */
  record Detection(boolean present, Path settings, Optional<String> evidence) {}

  /**
   * @param content the whole new file; empty: remove it
   */
  record FileChange(Path file, Optional<String> content, String description) {}

  sealed interface Registration {
    record Complete() implements Registration {}

    /** Some hooks are there and some are not, or they name another program. */
    record Partial(List<String> problems) implements Registration {}

    record Absent() implements Registration {}

    record Unreadable(String problem) implements Registration {}
  }

  /**
   * The user's file is not what it should be, so nothing was planned. The message says which file,
   * where, and what to do.
   */
  final class UnreadableSettings extends Exception {
    private static final long serialVersionUID = 1L;

    public UnreadableSettings(String message) {
      super(message);
    }
  }
}
