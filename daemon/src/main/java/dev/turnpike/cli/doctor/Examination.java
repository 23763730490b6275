package dev.turnpike.cli.doctor;

import dev.turnpike.cli.setup.DaemonProcess;
import dev.turnpike.cli.setup.Surroundings;
import dev.turnpike.gateway.api.HealthReport;
import dev.turnpike.gateway.api.StatusReport;
import dev.turnpike.platform.SingleInstance;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** All checks, in the order in which a person would look. */
public final class Examination {
  private static final Duration SERVER_PATIENCE = Duration.ofSeconds(4);

  private final Surroundings world;
  private final String version;

  /**
   * @param version of this program
   */
  public Examination(Surroundings world, String version) {
    this.world = world;
    this.version = version;
  }

  /**
   * @param directory where the user stands: settings may differ by project
   */
  public List<Finding> findings(
      Path directory, Optional<HealthReport> health, Optional<StatusReport> status)
      throws IOException, InterruptedException {
    var found = new ArrayList<Finding>();
    OptionalLong mute = health.isPresent() ? OptionalLong.empty() : mute();
    found.addAll(new ProgramChecks(world, version).all());
    found.addAll(new PlaceChecks(world).all(health.isPresent() || mute.isPresent()));
    var agents = new AgentChecks(world);
    found.addAll(new DaemonChecks(version, agents::registered).all(health, status, mute));
    found.addAll(new SettingsChecks(world, directory, SERVER_PATIENCE).all());
    found.addAll(agents.all());
    return found;
  }

  /** A daemon of this state directory that runs, though none answers. */
  private OptionalLong mute() throws IOException {
    OptionalLong named = SingleInstance.named(world.paths());
    boolean runs =
        named.isPresent()
            && ProcessHandle.of(named.getAsLong())
                .filter(process -> DaemonProcess.is(process.info()))
                .isPresent();
    return runs ? named : OptionalLong.empty();
  }
}
