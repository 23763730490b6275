package dev.turnpike.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrivateFilesTest {
  @TempDir Path directory;

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  @Test
  void everyDirectoryMadeIsClosedToOthers() throws IOException {
    Path deep = directory.resolve("a/b/c");
    PrivateFiles.createDirectory(deep);
    PrivateFiles.createDirectory(deep);
    for (Path at = deep; !at.equals(directory); at = at.getParent()) {
      assertEquals("rwx------", mode(at));
    }
  }

  @Test
  void directoryOpenToOthersIsRefusedWithTheRemedy() throws IOException {
    Path open = Files.createDirectory(directory.resolve("open"));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-x---"));
    var refused = assertThrows(IOException.class, () -> PrivateFiles.createDirectory(open));
    assertTrue(String.valueOf(refused.getMessage()).contains("chmod 700"));
  }

  @Test
  void aSocketsDirectoryMayBeReadableButNothingInItReplaceable() throws IOException {
    Path missing = directory.resolve("run/turnpike");
    PrivateFiles.createSocketDirectory(missing);
    assertEquals("rwx------", mode(missing));
    Path place = Files.createDirectory(directory.resolve("place"));
    Files.setAttribute(place, "unix:mode", 0755);
    PrivateFiles.createSocketDirectory(place);
    Files.setAttribute(place, "unix:mode", 01777);
    PrivateFiles.createSocketDirectory(place);
    for (int mode : new int[] {0777, 0770, 0702}) {
      Files.setAttribute(place, "unix:mode", mode);
      var refused =
          assertThrows(IOException.class, () -> PrivateFiles.createSocketDirectory(place));
      assertTrue(String.valueOf(refused.getMessage()).contains("chmod 700"));
    }
  }

  @Test
  void fileInTheWayIsNamed() throws IOException {
    Path file = Files.createFile(directory.resolve("f"));
    assertThrows(IOException.class, () -> PrivateFiles.createDirectory(file));
  }

  @Test
  void fileIsReplacedAsAWholeAndLeavesNothingBeside() throws IOException {
    Path file = directory.resolve("file");
    PrivateFiles.writeAtomically(file, "one".getBytes(StandardCharsets.UTF_8));
    PrivateFiles.writeAtomically(file, "two".getBytes(StandardCharsets.UTF_8));
    assertEquals("two", Files.readString(file));
    assertEquals("rw-------", mode(file));
    try (var files = Files.list(directory)) {
      assertEquals(1, files.count());
    }
  }

  @Test
  void failedWriteLeavesWhatWasThere() throws IOException {
    Path file = Files.createDirectories(directory.resolve("taken/by-a-directory"));
    assertThrows(
        IOException.class, () -> PrivateFiles.writeAtomically(file.getParent(), new byte[3]));
    assertTrue(Files.isDirectory(file));
    try (var files = Files.list(directory)) {
      assertEquals(1, files.count());
    }
  }
}
