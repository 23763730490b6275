package dev.turnpike.cli.setup;

import dev.turnpike.agent.Agent;
import dev.turnpike.cli.setup.Step.Done;
import dev.turnpike.cli.setup.Step.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * {@code turnpike uninstall}: takes back what is there of an installation, whole or half, whichever
 * version made it. The hooks go first, so that no new agent calls a program that is gone; the image
 * goes last, since this program may be running from it.
 */
public final class Removal {
  private final Surroundings world;
  private final Places places;
  private final Inventory inventory;

  private Removal(Surroundings world) throws IOException {
    this.world = world;
    this.places = world.places();
    this.inventory = Inventory.read(places.inventory());
  }

  public static List<Step> plan(Surroundings world, boolean purge) throws IOException {
    return new Removal(world).plan(purge);
  }

  private List<Step> plan(boolean purge) throws IOException {
    var image = new InstalledImage(places.app(), world.clock());
    var hooks =
        new AgentHooks(
            world.machine(), new UserFiles(places.backups(), inventory, world.clock()), inventory);
    var steps = new ArrayList<Step>();
    boolean backupsStay = !purge || !mayGo(world.paths().state());
    for (Agent<?> agent : world.agents()) {
      steps.add(hooks.unregister(agent, backupsStay));
    }
    if (!places.own()) {
      steps.addAll(world.services(places.app()).remove());
    }
    steps.add(
        Step.of(
            "forget the service",
            Files.exists(places.serviceMarker()),
            () -> Files.deleteIfExists(places.serviceMarker())));
    steps.add(Step.telling("stop the daemon", running(), this::stop));
    List<Path> images = image.all();
    steps.add(
        Step.telling(
            "keep agents that still run from starting it again",
            !images.isEmpty(),
            () -> new Aftermath(images, world.daemon()).await()));
    steps.addAll(new ProgramLinks(places, world.environment()).uninstall());
    steps.addAll(purge ? purged() : kept());
    for (Path one : images) {
      steps.add(Step.of("remove " + one, true, () -> Trees.remove(one)));
    }
    steps.add(Step.telling("remove empty folders that install made", true, () -> emptied(purge)));
    // what is not there needs no line
    return steps.stream().filter(step -> step.before() != State.UNCHANGED).toList();
  }

  private boolean running() throws IOException {
    return world.daemon().health().isPresent();
  }

  private List<Done> stop() throws IOException, InterruptedException {
    Optional<String> failure = world.daemon().stop();
    return List.of(
        failure
            .map(why -> new Done(State.FAILED, "stop the daemon: " + why))
            .orElseGet(() -> new Done(State.DONE, "stop the daemon")));
  }

  private List<Step> kept() throws IOException {
    var kept = new ArrayList<Step>();
    if (Files.isDirectory(world.paths().state())) {
      kept.add(
          Step.note(
              "Kept: traces, queue and state in %s (remove them too: turnpike uninstall --purge)"
                  .formatted(world.paths().state())));
    }
    if (Files.exists(world.paths().config()) && !FirstSettings.untouched(world.paths().config())) {
      kept.add(Step.note("Kept: your settings, " + world.paths().config()));
    }
    return kept;
  }

  private List<Step> purged() {
    var steps = new ArrayList<Step>();
    Set<Path> all = new LinkedHashSet<>();
    all.add(world.paths().log());
    all.add(world.paths().cache());
    all.add(world.paths().config());
    all.add(world.paths().state());
    for (Path one : all) {
      if (Files.exists(one)) {
        if (mayGo(one)) {
          steps.add(Step.of("remove " + one, true, () -> Trees.remove(one)));
        } else {
          steps.add(
              Step.note(one + " does not look like ours alone and was left: remove it yourself"));
        }
      }
    }
    return steps;
  }

  /** Whatever the environment says: only below a folder of our name, or below TURNPIKE_HOME. */
  private boolean mayGo(Path path) {
    if (places.own()) {
      Path own = places.app().getParent();
      return own != null && path.startsWith(own) && !path.equals(own);
    }
    for (Path name : path) {
      if (name.toString().equals("turnpike")) {
        return true;
      }
    }
    return false;
  }

  private List<Done> emptied(boolean purge) throws IOException {
    var done = new ArrayList<Done>();
    if (!purge && FirstSettings.untouched(world.paths().config())) {
      Files.delete(world.paths().config());
      done.add(new Done(State.DONE, "remove the settings file, in which nothing was set"));
    }
    var candidates = new LinkedHashSet<>(inventory.created());
    Path socket = world.paths().socket().toAbsolutePath().getParent();
    if (socket != null && socket.endsWith("turnpike")) {
      candidates.add(socket); // the daemon made it, where there is a folder for such things
    }
    if (places.own()) {
      Path own = places.app().getParent();
      candidates.add(places.bin());
      if (purge && own != null) {
        candidates.add(own);
      }
    }
    for (Path folder : candidates) {
      if (Trees.emptyDirectory(folder)) {
        Files.delete(folder);
        done.add(new Done(State.DONE, "remove the empty folder " + folder));
      }
    }
    Files.deleteIfExists(places.inventory());
    return done;
  }
}
