package dev.turnpike.cli;

import dev.turnpike.agent.Agent;
import dev.turnpike.cli.setup.Programs;
import dev.turnpike.cli.setup.Surroundings;
import dev.turnpike.platform.HostFacts;
import dev.turnpike.platform.Os;
import dev.turnpike.platform.Paths;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** The commands around having Turnpike on a machine: they know the agents and the image. */
public final class SetupCommands {
  private static final Duration PROGRAM_LIMIT = Duration.ofSeconds(15);

  private SetupCommands() {}

  /**
   * @param image the folder {@code bin/turnpike} runs from; empty if this program does not
   */
  public static List<Function<Context, Command>> all(List<Agent<?>> agents, String image) {
    Function<Context, Surroundings> here = context -> here(context, agents, image);
    return List.of(
        context -> new InstallCommand(context, here),
        context -> new UninstallCommand(context, here),
        context -> new DoctorCommand(context, here),
        context -> new DemoCommand(context, here),
        context -> new TrainCommand(context, here));
  }

  private static Surroundings here(Context context, List<Agent<?>> agents, String image) {
    return new Surroundings(
        context.paths(),
        Paths.home(),
        Os.current(),
        HostFacts.current().uid(),
        context.environment(),
        image.isEmpty() ? Optional.empty() : Optional.of(Path.of(image)),
        Path.of(System.getProperty("java.home")),
        agents,
        InstantSource.system(),
        Programs.real(PROGRAM_LIMIT),
        new DaemonHandle(context));
  }
}
