package dev.turnpike.cli.setup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The image's own Java, {@code runtime}: the modules the program needs and no others, linked from a
 * JDK on this machine. Works with a JDK that has {@code jmods}, and with one that links from itself
 * (JDK 24 and newer, JEP 493). It starts faster than the JDK and does not vanish with it.
 *
 * <p>{@code runtime} is a link to {@code runtime.a} or {@code runtime.b}, the two taking turns, so
 * that a daemon that runs on one of them never loses it.
 */
public final class LinkedRuntime {
  static final String LINK = "runtime";
  static final List<String> FOLDERS = List.of("runtime.a", "runtime.b");

  /**
   * What the class path asks for (docs/dependencies.md); DNS, TLS and its curves are in java.base.
   */
  private static final String MODULES =
      "java.base,java.logging,java.management,java.naming,java.xml,jdk.net,jdk.unsupported";

  private static final long MINUTES = 3;

  private final Path image;
  private final Path jdk;

  /**
   * @param jdk the Java to link from; one that cannot link is no error
   */
  public LinkedRuntime(Path image, Path jdk) {
    this.image = image;
    this.jdk = jdk;
  }

  /** Whether the JDK can link, and the image has none of this version yet. */
  public boolean wanted() throws IOException {
    Path link = image.resolve(LINK);
    if (!Files.isExecutable(jdk.resolve("bin/jlink"))) {
      return false;
    }
    if (Files.isSymbolicLink(link)) {
      return !ours() || !version(link).equals(version(jdk));
    }
    // a Java that somebody has put there is left alone
    return Files.notExists(link, LinkOption.NOFOLLOW_LINKS);
  }

  /**
   * Links, tries the result, and only then has the launcher find it.
   *
   * @param said what jlink says goes to this file
   * @return whether there is a new one; if not, all is as it was
   */
  public boolean link(Path said) throws IOException, InterruptedException {
    Path folder =
        image.resolve(
            FOLDERS.stream()
                .filter(name -> !linked().equals(Optional.of(name)))
                .findFirst()
                .orElseThrow());
    Trees.remove(folder);
    boolean good =
        run(
                said,
                jdk.resolve("bin/jlink").toString(),
                "--add-modules",
                MODULES,
                "--strip-java-debug-attributes",
                "--no-header-files",
                "--no-man-pages",
                "--generate-cds-archive",
                "--output",
                folder.toString())
            && run(said, folder.resolve("bin/java").toString(), "-version");
    if (!good) {
      Trees.remove(folder);
      return false;
    }
    Trees.link(image.resolve(LINK), folder.getFileName());
    return true;
  }

  private boolean ours() {
    return linked().filter(FOLDERS::contains).isPresent();
  }

  private Optional<String> linked() {
    Path link = image.resolve(LINK);
    try {
      return Files.isSymbolicLink(link)
          ? Optional.of(Files.readSymbolicLink(link).toString())
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** The line of the release file; empty if there is none. */
  private static Optional<String> version(Path java) throws IOException {
    Path release = java.resolve("release");
    if (!Files.isReadable(release)) {
      return Optional.empty();
    }
    return Files.readAllLines(release).stream()
        .filter(line -> line.startsWith("JAVA_VERSION="))
        .findFirst();
  }

  private static boolean run(Path said, String... command)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectOutput(ProcessBuilder.Redirect.appendTo(said.toFile()))
            .start();
    try {
      return process.waitFor(MINUTES, TimeUnit.MINUTES) && process.exitValue() == 0;
    } finally {
      process.destroyForcibly();
    }
  }
}
