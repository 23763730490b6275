package dev.turnpike.testing;

import dev.turnpike.agent.Installer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Stands in where nothing is installed. */
public final class NoInstaller implements Installer {
  @Override
  public Detection detect(Machine machine) {
    return new Detection(false, machine.home(), Optional.empty());
  }

  @Override
  public List<FileChange> register(Machine machine, Path hookProgram) {
    return List.of();
  }

  @Override
  public List<FileChange> unregister(Machine machine) {
    return List.of();
  }

  @Override
  public Registration check(Machine machine, Path hookProgram) {
    return new Registration.Absent();
  }
}
