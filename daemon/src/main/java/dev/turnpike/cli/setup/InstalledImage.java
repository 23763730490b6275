package dev.turnpike.cli.setup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The copy of the image that hooks, service and links lead to. See {@link Places#app}. */
final class InstalledImage {
  static final String AOT = "turnpike.aot";
  private static final String RUNTIME = LinkedRuntime.LINK;

  /** Made on this machine, so no difference between two images. */
  private static final Set<String> LOCAL =
      Set.of(
          AOT,
          AOT + ".new",
          RUNTIME,
          LinkedRuntime.FOLDERS.getFirst(),
          LinkedRuntime.FOLDERS.getLast());

  private final Path app;
  private final InstantSource clock;

  InstalledImage(Path app, InstantSource clock) {
    this.app = app;
    this.clock = clock;
  }

  /** Where the image really lies, if one is installed. */
  Optional<Path> folder() throws IOException {
    return complete(app).isEmpty() ? Optional.of(app.toRealPath()) : Optional.empty();
  }

  /** Whether what is installed is {@code source} or the same. */
  boolean holds(Path source) throws IOException {
    Optional<Path> installed = folder();
    return installed.isPresent()
        && (installed.get().equals(source.toRealPath())
            || Trees.same(source, installed.get(), LOCAL));
  }

  /** What {@code image} lacks to be one; empty if nothing. */
  static List<String> complete(Path image) {
    return Stream.of("bin/turnpike", "bin/turnpike-hook", "lib")
        .filter(part -> !Files.exists(image.resolve(part)))
        .toList();
  }

  /**
   * Copies {@code source} and makes {@link Places#app} lead to the copy.
   *
   * @param runtime a Java that the launcher would not find by itself; empty if it would
   */
  void replaceBy(Path source, Optional<Path> runtime) throws IOException {
    Files.createDirectories(Trees.above(app));
    Path copy = Stamp.beside(app, clock.instant());
    try {
      Trees.copy(source.toRealPath(), copy, LOCAL);
      if (runtime.isPresent()) {
        Files.createSymbolicLink(copy.resolve(RUNTIME), runtime.get());
      }
    } catch (IOException e) {
      Trees.remove(copy);
      throw e;
    }
    setAsideAFolder();
    Trees.link(app, copy.getFileName());
  }

  /** An image that somebody copied there by hand makes room; anything else is not ours to move. */
  private void setAsideAFolder() throws IOException {
    if (Files.isDirectory(app, LinkOption.NOFOLLOW_LINKS)) {
      if (!complete(app).isEmpty()) {
        throw new IOException(
            app + " is in the way: it is no installation of Turnpike; move it and try again");
      }
      Files.move(app, Stamp.beside(app, clock.instant()));
    }
  }

  /** The images that are no longer in use. */
  List<Path> old() throws IOException {
    Optional<Path> current = folder();
    var old = new ArrayList<Path>();
    for (Path candidate : copies()) {
      if (current.isEmpty() || !current.get().equals(candidate.toRealPath())) {
        old.add(candidate);
      }
    }
    return old;
  }

  private List<Path> copies() throws IOException {
    return Trees.named(Trees.above(app), app.getFileName().toString()).stream()
        .filter(entry -> Stamp.of(app, entry))
        .toList();
  }

  /** Everything there is of it, half installed or whole. */
  List<Path> all() throws IOException {
    var all = new ArrayList<Path>();
    if (Files.isSymbolicLink(app) || complete(app).isEmpty()) {
      all.add(app);
    }
    all.addAll(copies());
    return all;
  }
}
