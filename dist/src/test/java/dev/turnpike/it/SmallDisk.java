package dev.turnpike.it;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A file system of a few megabytes of its own, where this machine lets us mount one. */
final class SmallDisk implements AutoCloseable {
  private static final int BLOCK_BYTES = 4096;

  private final Path at;

  private SmallDisk(Path at) {
    this.at = at;
  }

  /** Empty where mounting is not allowed. */
  static Optional<SmallDisk> at(Path directory, int megabytes)
      throws IOException, InterruptedException {
    Files.createDirectories(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    String options = "size=" + megabytes + "m,mode=700";
    boolean mounted =
        run("mount", "-t", "tmpfs", "-o", options, "turnpike-test", directory.toString());
    return mounted ? Optional.of(new SmallDisk(directory)) : Optional.empty();
  }

  Path at() {
    return at;
  }

  /** Until nothing goes in any more. */
  void fill() throws IOException {
    try (OutputStream out = Files.newOutputStream(filler(), StandardOpenOption.CREATE)) {
      while (true) {
        out.write(new byte[BLOCK_BYTES]);
      }
    } catch (IOException e) {
      if (!String.valueOf(e.getMessage()).contains("No space left")) {
        throw e;
      }
    }
  }

  void empty() throws IOException {
    Files.deleteIfExists(filler());
  }

  private Path filler() {
    return at.resolve("filler");
  }

  void readOnly(boolean only) throws IOException, InterruptedException {
    if (!run("mount", "-o", only ? "remount,ro" : "remount,rw", at.toString())) {
      throw new IOException("cannot remount " + at);
    }
  }

  private static boolean run(String... command) throws IOException, InterruptedException {
    Process process;
    try {
      process = new ProcessBuilder(List.of(command)).redirectErrorStream(true).start();
    } catch (IOException e) {
      return false; // no such program
    }
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      throw new IOException("does not end: " + String.join(" ", command) + ": " + said);
    }
    return process.exitValue() == 0;
  }

  @Override
  public void close() throws IOException {
    try {
      if (!run("umount", at.toString())) {
        run("umount", "-l", at.toString());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
