package dev.turnpike.cli.setup;

import dev.turnpike.agent.Agent;
import dev.turnpike.agent.Installer.FileChange;
import dev.turnpike.agent.Installer.Machine;
import dev.turnpike.agent.Installer.Trust;
import dev.turnpike.agent.Installer.UnreadableSettings;
import dev.turnpike.cli.setup.Step.Done;
import dev.turnpike.cli.setup.Step.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The hooks of all agents. An agent whose settings cannot be read does not keep the others back.
 */
final class AgentHooks {
  /** What an agent's installer wants changed. Asked anew right before it is done. */
  private interface Wish {
    List<FileChange> changes() throws UnreadableSettings;
  }

  private final Machine machine;
  private final UserFiles files;
  private final Inventory inventory;

  AgentHooks(Machine machine, UserFiles files, Inventory inventory) {
    this.machine = machine;
    this.files = files;
    this.inventory = inventory;
  }

  Step register(Agent<?> agent, Path hookProgram) {
    return step(
        agent,
        "register hooks with " + agent.displayName(),
        () -> agent.installer().register(machine, hookProgram));
  }

  /**
   * What the agent must be told before it runs the hooks: done if the user said so, else said.
   * Settings that cannot be read have been told of by {@link #register}.
   */
  Optional<Step> trust(Agent<?> agent, Path hookProgram, boolean agreed) {
    Optional<Trust> trust = untold(agent, hookProgram);
    if (trust.isPresent() && !agreed) {
      return Optional.of(
          Step.note("%s: %s".formatted(trust.get().explanation(), trust.get().byHand())));
    }
    return trust.map(
        told ->
            step(
                agent,
                "tell %s that you trust these hooks".formatted(agent.displayName()),
                () -> told.changes(machine, hookProgram)));
  }

  /** Where the user has not yet said that the hooks may run. */
  Optional<Trust> untold(Agent<?> agent, Path hookProgram) {
    try {
      Optional<Trust> trust = agent.installer().trust();
      return trust.isEmpty() || trust.get().changes(machine, hookProgram).isEmpty()
          ? Optional.empty()
          : trust;
    } catch (UnreadableSettings e) {
      return Optional.empty();
    }
  }

  /**
   * @param backupsStay whether a copy of what was there can be named: it is there afterwards
   */
  Step unregister(Agent<?> agent, boolean backupsStay) {
    return step(
        agent,
        "take the hooks out of " + agent.displayName(),
        backupsStay,
        () -> agent.installer().unregister(machine));
  }

  private Step step(Agent<?> agent, String text, Wish wish) {
    return step(agent, text, true, wish);
  }

  private Step step(Agent<?> agent, String text, boolean backupsStay, Wish wish) {
    Path settings = agent.installer().detect(machine).settings();
    try {
      List<FileChange> planned = wish.changes();
      return Step.telling(
          "%s (%s)".formatted(text, planned.isEmpty() ? settings : named(planned)),
          !planned.isEmpty(),
          () -> apply(agent, backupsStay, wish));
    } catch (UnreadableSettings e) {
      return Step.failed(String.valueOf(e.getMessage()));
    }
  }

  private List<Done> apply(Agent<?> agent, boolean backupsStay, Wish wish) throws IOException {
    var done = new ArrayList<Done>();
    try {
      for (FileChange change : wish.changes()) {
        Optional<Path> backup = files.apply(agent.id().value(), clean(change));
        done.add(
            new Done(
                State.DONE,
                "%s: %s%s"
                    .formatted(
                        change.file(),
                        change.description(),
                        backup
                            .filter(_ -> backupsStay)
                            .map(path -> " (before: " + path + ")")
                            .orElse(""))));
      }
    } catch (UnreadableSettings e) {
      done.add(failed(e));
    }
    return done;
  }

  /** A file we made and that holds nothing any more goes altogether. */
  private FileChange clean(FileChange change) {
    boolean leftOver =
        change.content().map(text -> text.isBlank() || text.strip().equals("{}")).orElse(false)
            && Files.exists(change.file())
            && inventory.holds(change.file());
    return leftOver
        ? new FileChange(change.file(), Optional.empty(), change.description())
        : change;
  }

  private static Done failed(UnreadableSettings e) {
    return new Done(State.FAILED, String.valueOf(e.getMessage()));
  }

  private static String named(List<FileChange> changes) {
    return String.join(", ", changes.stream().map(change -> change.file().toString()).toList());
  }
}
