package dev.turnpike.cli.setup;

import dev.turnpike.agent.Installer.FileChange;
import dev.turnpike.platform.PrivateFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Changes files that belong to the user: a copy of what was there goes to the backups, the new text
 * replaces the old at once, and permissions stay. Of the backups of one file the newest three are
 * kept; they are 0600, since settings may hold keys.
 */
final class UserFiles {
  private static final int BACKUPS_KEPT = 3;

  private final Path backups;
  private final Inventory inventory;
  private final InstantSource clock;

  UserFiles(Path backups, Inventory inventory, InstantSource clock) {
    this.backups = backups;
    this.inventory = inventory;
    this.clock = clock;
  }

  /**
   * @return where the backup lies, if there was something to keep
   */
  Optional<Path> apply(String owner, FileChange change) throws IOException {
    Path file = change.file();
    Optional<Path> backup = Files.exists(file) ? Optional.of(keep(owner, file)) : Optional.empty();
    if (change.content().isPresent()) {
      write(target(file), change.content().get().getBytes(StandardCharsets.UTF_8));
    } else {
      Files.deleteIfExists(file);
    }
    return backup;
  }

  /** Whatever an adapter names: a link to somebody's dotfiles stays a link. */
  private static Path target(Path file) throws IOException {
    return Files.exists(file) ? file.toRealPath() : file;
  }

  private Path keep(String owner, Path file) throws IOException {
    Path folder = backups.resolve(owner);
    PrivateFiles.createDirectory(folder);
    Path named = folder.resolve(file.getFileName().toString());
    Path backup = Stamp.beside(named, clock.instant());
    PrivateFiles.writeAtomically(backup, Files.readAllBytes(file));
    List<Path> all =
        Trees.named(folder, named.getFileName().toString()).stream()
            .filter(candidate -> Stamp.of(named, candidate))
            .toList();
    for (Path old : all.subList(0, Math.max(0, all.size() - BACKUPS_KEPT))) {
      Files.delete(old);
    }
    return backup;
  }

  private void write(Path file, byte[] content) throws IOException {
    boolean isNew = Files.notExists(file);
    Path folder = Trees.above(file);
    inventory.directories(folder);
    Set<PosixFilePermission> mode =
        isNew ? PosixFilePermissions.fromString("rw-------") : Files.getPosixFilePermissions(file);
    Path unfinished = Files.createTempFile(folder, ".turnpike-", ".tmp", PrivateFiles.fileMode());
    try {
      try (var channel = FileChannel.open(unfinished, StandardOpenOption.WRITE)) {
        var bytes = ByteBuffer.wrap(content);
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(true);
      }
      Files.setPosixFilePermissions(unfinished, mode);
      Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      Files.deleteIfExists(unfinished);
      throw e;
    }
    if (isNew) {
      inventory.add(file);
    }
  }
}
