package dev.turnpike.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class ListeningSocketTest {
  @TempDir Path directory;

  @Test
  void theSocketIsItsOwnersAloneAndNothingElseIsLeft() throws Exception {
    try (var fixture = new GatewayFixture(directory)) {
      var mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(fixture.socket));
      assertEquals("rw-------", mode);
      try (Stream<Path> files = Files.list(directory)) {
        assertEquals(
            Stream.of("spills", "turnpike.sock").toList(),
            files.map(f -> f.getFileName().toString()).sorted().toList());
      }
    }
    assertFalse(Files.exists(directory.resolve("turnpike.sock")));
  }

  @Test
  void aStaleSocketIsReplaced() throws Exception {
    var file = directory.resolve("turnpike.sock");
    try (var dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      dead.bind(UnixDomainSocketAddress.of(file));
    }
    assertTrue(Files.exists(file));
    try (var fixture = new GatewayFixture(directory)) {
      assertEquals(200, fixture.get("/v1/health").status());
    }
  }

  @Test
  void aSocketOnWhichSomebodyListensIsLeftAlone() throws Exception {
    var file = directory.resolve("turnpike.sock");
    try (var manager = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      manager.bind(UnixDomainSocketAddress.of(file), 1);
      for (int caller = 0; caller < 4; caller++) {
        // the later ones find the queue full: nobody accepts
        var refused = assertThrows(IOException.class, () -> ListeningSocket.bind(file));
        assertTrue(refused.getMessage().contains("listens on"), refused.getMessage());
      }
    }
    ListeningSocket.bind(file).close();
  }

  @Test
  void aSocketWhoseFileIsNoLongerItsOwnHasNoName() throws Exception {
    var file = directory.resolve("turnpike.sock");
    try (var socket = ListeningSocket.bind(file)) {
      assertTrue(socket.isNamed());
      Files.delete(file);
      assertFalse(socket.isNamed());
      Files.writeString(file, "another's");
      assertFalse(socket.isNamed());
    }
    assertEquals("another's", Files.readString(file));
  }

  @Test
  void whatIsNoSocketIsLeftAlone() throws Exception {
    var file = Files.writeString(directory.resolve("turnpike.sock"), "precious");
    assertThrows(IOException.class, () -> ListeningSocket.bind(file));
    assertEquals("precious", Files.readString(file));
  }

  @Test
  void aDaemonThatStopsLateLeavesItsSuccessorsSocket() throws Exception {
    var late = new GatewayFixture(directory);
    Files.delete(late.socket);
    try (var successor = new GatewayFixture(directory)) {
      late.close();
      assertEquals(200, successor.get("/v1/health").status());
    }
  }

  @Test
  void aPathThatNoSystemTakesIsRefusedWithAWayOut() {
    var file = directory.resolve("x".repeat(100));
    var refused = assertThrows(IOException.class, () -> ListeningSocket.bind(file));
    assertTrue(refused.getMessage().contains("TURNPIKE_SOCKET"), refused.getMessage());
  }

  @Test
  void anInheritedSocketIsServedAndItsFileNeverTouched() throws Exception {
    var file = directory.resolve("turnpike.sock");
    try (var manager = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      manager.bind(UnixDomainSocketAddress.of(file));
      var owner = Files.getOwner(directory);
      try (var fixture = new GatewayFixture(directory, GatewayFixture.LIMITS, owner, manager)) {
        assertEquals(200, fixture.get("/v1/health").status());
        assertEquals(file, fixture.gateway.socket());
      }
      assertTrue(Files.exists(file));
    }
  }

  @Test
  void whatIsNoListeningUnixSocketIsNotInherited() throws Exception {
    assertTrue(ListeningSocket.inherited(null).isEmpty());
    try (var tcp = ServerSocketChannel.open()) {
      assertTrue(ListeningSocket.inherited(tcp).isEmpty());
    }
  }

  @Test
  void closingWaitsForARequestUnderWay() throws Exception {
    var fixture = new GatewayFixture(directory);
    try (var caller = fixture.caller()) {
      // Heard once, it is known to be served; only then is it raced.
      assertEquals(200, caller.say("GET /v1/health HTTP/1.1\n\n").hear().status());
      caller.say(GatewayFixture.hook("claude-code", "e1", "Content-Length: 2") + "{");
      caller.say("}");
      fixture.close();
      // Either it was still heard and is kept, or it was cut off and is not; never kept without a
      // word.
      int kept = fixture.intake.kept.size();
      if (kept == 1) {
        assertEquals(202, caller.hear().status());
      } else {
        assertTrue(caller.hearsNothingMore());
      }
    }
    fixture.close();
  }
}
