package dev.turnpike.cli.setup;

import dev.turnpike.agent.Agent;
import dev.turnpike.agent.Installer.Trust;
import dev.turnpike.cli.setup.Step.Done;
import dev.turnpike.cli.setup.Step.State;
import dev.turnpike.gateway.api.HealthReport;
import dev.turnpike.platform.PrivateFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code turnpike install}. Every step finds out first whether it is needed, so that a second run
 * does nothing, and one over an older version does what has changed.
 */
public final class Installation {
  /**
   * @param agents those to register hooks with; empty: all that are found
   * @param trust the user said that agents which ask may run them
   */
  public record Wishes(List<Agent<?>> agents, boolean service, boolean start, boolean trust) {
    public Wishes {
      agents = List.copyOf(agents);
    }

    public Wishes(List<Agent<?>> agents, boolean service, boolean start) {
      this(agents, service, start, false);
    }
  }

  private final Surroundings world;
  private final Places places;
  private final Inventory inventory;
  private final InstalledImage image;
  private final String version;

  private Installation(Surroundings world, String version) throws IOException {
    this.world = world;
    this.places = world.places();
    this.inventory = Inventory.read(places.inventory());
    this.image = new InstalledImage(places.app(), world.clock());
    this.version = version;
  }

  /**
   * @param version of this program
   * @throws IOException if there is nothing to install from, in words for the user
   */
  public static List<Step> plan(Surroundings world, Wishes wishes, String version)
      throws IOException, InterruptedException {
    return new Installation(world, version).plan(wishes);
  }

  private List<Step> plan(Wishes wishes) throws IOException, InterruptedException {
    Path source = source();
    boolean replaces = !image.holds(source);
    var steps = new ArrayList<Step>();
    socket().ifPresent(steps::add);
    steps.add(
        Step.of(
            "install the program in " + places.app(),
            replaces,
            () -> {
              Path folder = Trees.above(places.app());
              if (places.own() && !Files.isDirectory(folder)) {
                // the socket will lie in it
                PrivateFiles.createDirectory(folder);
              }
              inventory.directories(folder);
              image.replaceBy(source, world.unusualJava());
            }));
    steps.addAll(new ProgramLinks(places, world.environment()).install(inventory));
    steps.add(FirstSettings.step(world.paths(), places.own(), inventory));
    steps.addAll(hooks(wishes));
    steps.addAll(daemon(source, replaces, wishes));
    steps.add(
        Step.telling("remove images that are no longer in use", replaces || hasOld(), this::tidy));
    return steps;
  }

  private Path source() throws IOException {
    Path source =
        world
            .image()
            .orElseThrow(
                () ->
                    new IOException(
                        "this program does not run from an image: build one (mvn -B -q package"
                            + " -DskipTests) and run target/turnpike/bin/turnpike install"));
    List<String> missing = InstalledImage.complete(source);
    if (!missing.isEmpty()) {
      throw new IOException(
          "%s is no whole image, it lacks %s: build it anew where a C compiler is installed (mvn -B -q package -DskipTests)"
              .formatted(source, String.join(", ", missing)));
    }
    return source;
  }

  private Optional<Step> socket() {
    return world.paths().socketProblem(world.os()).map(Step::failed);
  }

  /**
   * What to ask the user of agents that run our hooks only once they are trusted.
   *
   * @param named as in {@link Wishes#agents}
   */
  public static List<String> questions(Surroundings world, List<Agent<?>> named)
      throws IOException {
    var installation = new Installation(world, "");
    var hooks = new AgentHooks(world.machine(), installation.userFiles(), installation.inventory);
    return installation.concerned(named).stream()
        .flatMap(agent -> hooks.untold(agent, installation.places.hookProgram()).stream())
        .map(Trust::explanation)
        .toList();
  }

  private List<Agent<?>> concerned(List<Agent<?>> named) {
    return named.isEmpty()
        ? world.agents().stream()
            .filter(agent -> agent.installer().detect(world.machine()).present())
            .<Agent<?>>map(agent -> agent)
            .toList()
        : named;
  }

  private List<Step> hooks(Wishes wishes) {
    var hooks = new AgentHooks(world.machine(), userFiles(), inventory);
    var steps = new ArrayList<Step>();
    for (Agent<?> agent : concerned(wishes.agents())) {
      steps.add(hooks.register(agent, places.hookProgram()));
      hooks.trust(agent, places.hookProgram(), wishes.trust()).ifPresent(steps::add);
    }
    if (steps.isEmpty()) {
      steps.add(
          Step.note(
              "No agent was found. Once one is there, run this again, or name it: turnpike install "
                  + String.join(
                      " ", world.agents().stream().map(agent -> agent.id().value()).toList())));
    }
    return steps;
  }

  private UserFiles userFiles() {
    return new UserFiles(places.backups(), inventory, world.clock());
  }

  private List<Step> daemon(Path source, boolean replaces, Wishes wishes)
      throws IOException, InterruptedException {
    Supervisor services = world.services(source);
    Optional<String> unusable = noService(services, wishes);
    boolean described = unusable.isEmpty() && services.written() && marked();
    Optional<HealthReport> running = world.daemon().health();
    boolean current =
        running.isPresent()
            && !replaces
            && running.get().version().equals(version)
            && fromInstalledImage(running.get().pid());

    if (unusable.isEmpty()) {
      return List.of(
          Step.of(
              "install the %s".formatted(services.name()),
              !described,
              () -> {
                services.write(inventory);
                mark();
              }),
          started(
              wishes,
              !(current && described),
              running.isPresent(),
              () -> {
                services.activate();
                return world.daemon().await();
              }));
    }
    var steps = new ArrayList<Step>();
    steps.add(Step.note(unusable.get() + ": hooks start the daemon when it does not run"));
    if (Files.exists(places.serviceMarker())) {
      steps.addAll(services.remove());
      steps.add(
          Step.of(
              "leave starting the daemon to the hooks",
              true,
              () -> Files.deleteIfExists(places.serviceMarker())));
    }
    steps.add(
        started(
            wishes,
            !current,
            running.isPresent(),
            () -> world.daemon().start(places.daemonProgram())));
    return steps;
  }

  private Optional<String> noService(Supervisor services, Wishes wishes)
      throws InterruptedException {
    if (!wishes.service()) {
      return Optional.of("No service, as asked");
    }
    return places.own()
        ? Optional.of("No service below TURNPIKE_HOME")
        : services.unusable().map(why -> "No service: " + why);
  }

  private interface Start {
    Optional<String> run() throws IOException, InterruptedException;
  }

  private Step started(Wishes wishes, boolean needed, boolean running, Start start) {
    String text = running ? "restart the daemon" : "start the daemon";
    if (!wishes.start()) {
      return Step.note(
          running && needed
              ? "The old daemon still runs, as asked: turnpike restart"
              : "The daemon is left as it is, as asked");
    }
    return Step.telling(
        needed ? text : "the daemon runs",
        needed,
        () -> {
          Optional<String> failure = world.daemon().stop();
          if (failure.isEmpty()) {
            failure = start.run();
          }
          return List.of(
              failure
                  .map(why -> new Done(State.FAILED, text + ": " + why))
                  .orElseGet(() -> new Done(State.DONE, text)));
        });
  }

  /** Not one somebody started out of a build. Where the system does not tell, it is believed. */
  private boolean fromInstalledImage(long pid) throws IOException {
    Optional<Path> folder = image.folder();
    Optional<String[]> arguments =
        ProcessHandle.of(pid).flatMap(process -> process.info().arguments());
    return folder.isPresent()
        && arguments
            .map(all -> List.of(all).contains(DaemonProcess.IMAGE + folder.get()))
            .orElse(true);
  }

  private boolean marked() {
    return Files.exists(places.serviceMarker());
  }

  private void mark() throws IOException {
    PrivateFiles.createDirectory(places.state());
    PrivateFiles.writeAtomically(
        places.serviceMarker(),
        "A service manager starts the daemon; the hook client does not.\n"
            .getBytes(StandardCharsets.UTF_8));
  }

  private boolean hasOld() throws IOException {
    return !image.old().isEmpty();
  }

  private List<Done> tidy() throws IOException {
    var done = new ArrayList<Done>();
    for (Path old : image.old()) {
      Trees.remove(old);
      done.add(new Done(State.DONE, "remove the old image " + old));
    }
    return done;
  }
}
