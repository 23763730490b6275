package dev.turnpike.cli.doctor;

import dev.turnpike.agent.Agent;
import dev.turnpike.agent.Installer;
import dev.turnpike.agent.Installer.Registration;
import dev.turnpike.cli.setup.Surroundings;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Each agent's registration. */
final class AgentChecks {
  private final Surroundings world;

  AgentChecks(Surroundings world) {
    this.world = world;
  }

  List<Finding> all() {
    return world.agents().stream().flatMap(this::check).toList();
  }

  /** Whether anything of ours stands in the agent's settings, so that its hooks can come. */
  boolean registered(String agent) {
    return world.agents().stream()
        .filter(each -> each.id().value().equals(agent))
        .anyMatch(
            each ->
                !(each.installer().check(world.machine(), world.places().hookProgram())
                    instanceof Registration.Absent));
  }

  private Stream<Finding> check(Agent<?> agent) {
    String area = agent.id().value();
    Installer installer = agent.installer();
    var detection = installer.detect(world.machine());
    Path program = world.places().hookProgram();
    String again = "run: turnpike install " + area;
    return switch (installer.check(world.machine(), program)) {
      case Registration.Complete() ->
          Stream.of(Finding.ok(area, "hooks are registered in " + detection.settings()));
      case Registration.Partial(var problems) ->
          problems.stream().map(problem -> Finding.problem(area, problem, again));
      case Registration.Unreadable(var problem) ->
          Stream.of(Finding.problem(area, problem, "then " + again));
      case Registration.Absent() ->
          Stream.of(
              detection.present()
                  ? Finding.warning(area, "no hooks are registered, so it is not traced", again)
                  : Finding.ok(area, "not found on this machine"));
    };
  }
}
