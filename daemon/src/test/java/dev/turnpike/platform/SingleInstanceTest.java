package dev.turnpike.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.platform.SingleInstance.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SingleInstanceTest {
  @TempDir Path directory;

  @Test
  void theSecondIsToldWhoHoldsIt() throws Exception {
    var file = directory.resolve("daemon.lock");
    var first = assertInstanceOf(Outcome.Acquired.class, SingleInstance.acquire(file, 4711));
    assertEquals(new Outcome.HeldBy(4711), SingleInstance.acquire(file, 4712));
    assertEquals("4711\n", Files.readString(file));
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    first.instance().close();
  }

  @Test
  void aLockGivenBackIsFreeAndItsFileStays() throws Exception {
    var file = Files.writeString(directory.resolve("daemon.lock"), "99999999999999 of old\n");
    assertInstanceOf(Outcome.Acquired.class, SingleInstance.acquire(file, 1)).instance().close();
    var again = assertInstanceOf(Outcome.Acquired.class, SingleInstance.acquire(file, 22));
    assertEquals("22\n", Files.readString(file));
    again.instance().close();
  }

  @Test
  void aHolderThatHasNotSaidWhoItIsIsNobody() throws Exception {
    var file = directory.resolve("daemon.lock");
    var first = assertInstanceOf(Outcome.Acquired.class, SingleInstance.acquire(file, 1));
    Files.writeString(file, "not a number");
    assertEquals(new Outcome.HeldBy(0), SingleInstance.acquire(file, 2));
    first.instance().close();
  }

  @Test
  void theStateDirectoryIsMadeIfMissing() throws Exception {
    var paths = Paths.of(Map.of("TURNPIKE_HOME", directory + "/home"), directory, Os.current(), 0);
    var acquired = assertInstanceOf(Outcome.Acquired.class, SingleInstance.acquire(paths));
    assertEquals(ProcessHandle.current().pid() + "\n", Files.readString(paths.lock()));
    acquired.instance().close();
  }

  @Test
  void aLockWhoseFileWasRemovedIsTakenAnew() throws Exception {
    Path own = directory.resolve("own");
    PrivateFiles.createDirectory(own);
    Path file = own.resolve("daemon.lock");
    try (var instance = acquired(file)) {
      assertTrue(instance.renew());
      Files.delete(file);
      Files.delete(own);
      assertTrue(instance.renew());
      assertTrue(Files.exists(file));
      assertTrue(instance.renew());
      Files.delete(file);
      try (var other = acquired(file)) {
        assertFalse(instance.renew());
        assertTrue(other.renew());
      }
    }
  }

  private static SingleInstance acquired(Path file) throws Exception {
    return assertInstanceOf(Outcome.Acquired.class, SingleInstance.acquire(file, 1)).instance();
  }
}
