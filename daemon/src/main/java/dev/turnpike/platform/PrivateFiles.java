package dev.turnpike.platform;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/** Files and directories that are ours alone: 0600 in 0700, from the moment they exist. */
public final class PrivateFiles {
  private static final Set<PosixFilePermission> DIRECTORY =
      PosixFilePermissions.fromString("rwx------");
  private static final Set<PosixFilePermission> FILE = PosixFilePermissions.fromString("rw-------");
  private static final int OTHERS = 0077;
  private static final int OTHERS_WRITE = 0022;
  private static final int STICKY = 01000;

  private PrivateFiles() {}

  /** To create a file with, so that it is never readable by others, not even for a moment. */
  public static FileAttribute<Set<PosixFilePermission>> fileMode() {
    return PosixFilePermissions.asFileAttribute(FILE);
  }

  /**
   * Creates {@code directory} and what is missing above it, each 0700. One that is there must be
   * ours and closed to others.
   *
   * @throws IOException if it cannot be made, or {@link #problem} has something to say
   */
  public static void createDirectory(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      Path above = directory.toAbsolutePath().getParent();
      if (above != null && !Files.isDirectory(above)) {
        createMissing(above);
      }
      makeOne(directory);
    }
    check(directory);
  }

  /**
   * Creates the directory of a socket, 0700, with what is missing above it. One that is there may
   * be readable by others, but they must not be able to put something else in the socket's place:
   * it is ours or the system's, and others may not write there, or only their own as in {@code
   * /tmp}.
   *
   * @throws IOException if it cannot be made or used, in words that say what to do
   */
  public static void createSocketDirectory(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      createDirectory(directory);
      return;
    }
    long owner = number(directory, "unix:uid");
    long mode = number(directory, "unix:mode");
    if (owner != HostFacts.ownUid() && owner != 0) {
      throw new IOException(
          "%s belongs to user %d: set TURNPIKE_SOCKET to a place of your own"
              .formatted(directory, owner));
    }
    if ((mode & OTHERS_WRITE) != 0 && (mode & STICKY) == 0) {
      throw new IOException(
          "%1$s is open to other users: run chmod 700 '%1$s'".formatted(directory));
    }
  }

  private static void createMissing(Path directory) throws IOException {
    Path above = directory.getParent();
    if (above != null && !Files.isDirectory(above)) {
      createMissing(above);
    }
    makeOne(directory);
  }

  private static void makeOne(Path directory) throws IOException {
    try {
      Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(DIRECTORY));
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(directory)) {
        throw new IOException(directory + " is in the way: it is not a directory", e);
      }
    }
  }

  /**
   * Replaces {@code file} by {@code content}, or leaves it as it was: temporary file beside it,
   * fsync, rename, fsync of the directory.
   */
  public static void writeAtomically(Path file, byte[] content) throws IOException {
    Path directory = file.toAbsolutePath().getParent();
    if (directory == null) {
      throw new IOException(file + " is no file's path");
    }
    Path temporary = Files.createTempFile(directory, file.getFileName() + ".", ".tmp", fileMode());
    try {
      try (var channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
        var bytes = ByteBuffer.wrap(content);
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(true);
      }
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      Files.deleteIfExists(temporary);
      throw e;
    }
    syncDirectory(directory);
  }

  /** Makes renames and removals in {@code directory} survive a power cut. */
  public static void syncDirectory(Path directory) throws IOException {
    try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /**
   * @throws IOException if {@link #problem} has something to say, with that as message
   */
  public static void check(Path path) throws IOException {
    Optional<String> problem = problem(path);
    if (problem.isPresent()) {
      throw new IOException(problem.get());
    }
  }

  /**
   * Why {@code path} is not ours alone, and what to do about it; empty if it is. Symbolic links are
   * followed: what counts is what they lead to.
   */
  public static Optional<String> problem(Path path) throws IOException {
    long owner = number(path, "unix:uid");
    long self = HostFacts.ownUid();
    if (owner != self) {
      return Optional.of("%s belongs to user %d, not to us (%d)".formatted(path, owner, self));
    }
    if ((number(path, "unix:mode") & OTHERS) != 0) {
      String wanted = Files.isDirectory(path) ? "700" : "600";
      return Optional.of(
          "%s is open to other users: run chmod %s '%s'".formatted(path, wanted, path));
    }
    return Optional.empty();
  }

  private static long number(Path path, String attribute) throws IOException {
    return ((Number) Files.getAttribute(path, attribute)).longValue();
  }
}
