package dev.turnpike.cli.doctor;

import dev.turnpike.cli.setup.Surroundings;
import dev.turnpike.gateway.api.HealthReport;
import dev.turnpike.gateway.api.StatusReport;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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
    found.addAll(new ProgramChecks(world, version).all());
    found.addAll(new PlaceChecks(world).all(health.isPresent()));
    var agents = new AgentChecks(world);
    found.addAll(new DaemonChecks(version, agents::registered).all(health, status));
    found.addAll(new SettingsChecks(world, directory, SERVER_PATIENCE).all());
    found.addAll(agents.all());
    return found;
  }
}
