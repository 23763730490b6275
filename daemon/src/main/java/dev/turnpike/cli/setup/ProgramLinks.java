package dev.turnpike.cli.setup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** {@code turnpike} and {@code turnpike-hook} where a shell finds them. */
final class ProgramLinks {
  private final Places places;
  private final Map<String, String> environment;

  ProgramLinks(Places places, Map<String, String> environment) {
    this.places = places;
    this.environment = environment;
  }

  List<Step> install(Inventory inventory) throws IOException {
    var steps = new ArrayList<Step>();
    for (String name : List.of(Places.DAEMON, Places.HOOK)) {
      steps.add(install(name, inventory));
    }
    if (Stream.of(environment.getOrDefault("PATH", "").split(":", -1))
        .noneMatch(folder -> folder.equals(places.bin().toString()))) {
      steps.add(
          Step.note(
              "%s is not on your PATH. To type just `turnpike`, add to your shell's profile: export PATH=\"%s:$PATH\""
                  .formatted(places.bin(), places.bin())));
    }
    return steps;
  }

  private Step install(String name, Inventory inventory) throws IOException {
    Path link = places.bin().resolve(name);
    Path target = places.app().resolve("bin").resolve(name);
    String text = "link %s -> %s".formatted(link, target);
    if (Files.isSymbolicLink(link) && Files.readSymbolicLink(link).equals(target)) {
      return Step.already(text);
    }
    if (Files.exists(link, LinkOption.NOFOLLOW_LINKS) && !ours(link, name)) {
      return Step.note(link + " is another program and is left alone");
    }
    return Step.of(
        text,
        true,
        () -> {
          inventory.directories(places.bin());
          Trees.link(link, target);
        });
  }

  List<Step> uninstall() throws IOException {
    var steps = new ArrayList<Step>();
    for (String name : List.of(Places.DAEMON, Places.HOOK)) {
      Path link = places.bin().resolve(name);
      if (Files.isSymbolicLink(link) && ours(link, name)) {
        steps.add(Step.of("remove the link " + link, true, () -> Files.deleteIfExists(link)));
      }
    }
    return steps;
  }

  /** A link into our place, or into any image of Turnpike. */
  private boolean ours(Path link, String name) throws IOException {
    if (!Files.isSymbolicLink(link)) {
      return false;
    }
    Path target = link.resolveSibling(Files.readSymbolicLink(link)).normalize();
    return target.equals(places.app().resolve("bin").resolve(name))
        || (target.endsWith(Path.of("bin", name))
            && target.getNameCount() > 2
            && InstalledImage.complete(target.resolve("../..").normalize()).isEmpty());
  }
}
