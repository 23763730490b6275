package dev.turnpike.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tokens, and the port that is open while there is one. */
@Timeout(60)
final class OtlpTokensTest {
  private static final String TOKEN = "0123456789abcdef0123456789abcdef";

  @TempDir Path directory;
  private Path token;

  @BeforeEach
  void write() throws IOException {
    token = directory.resolve("test.token");
    Files.writeString(token, TOKEN + "\n");
    Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-------"));
  }

  @Test
  void aTokenThatOthersCanReadIsNone() throws Exception {
    Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-r--r--"));
    var tokens = new OtlpTokens(token.getParent());
    tokens.look();
    assertEquals(Set.of(), tokens.known(), "others can read it");
    Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-------"));
    tokens.look();
    assertEquals(Set.of(TOKEN), tokens.known());
    Files.writeString(token, "short\n");
    tokens.look();
    assertEquals(Set.of(), tokens.known());
  }

  @Test
  void thePortIsClosedWhenTheLastTokenGoes() throws Exception {
    var tokens = new OtlpTokens(token.getParent());
    var loop =
        new io.netty.channel.MultiThreadIoEventLoopGroup(
            1, io.netty.channel.nio.NioIoHandler.newFactory());
    var taken = new Semaphore(0);
    var welcome =
        new io.netty.channel.ChannelInitializer<io.netty.channel.Channel>() {
          @Override
          protected void initChannel(io.netty.channel.Channel channel) {
            taken.release();
          }
        };
    var loopback =
        new Loopback(loop, welcome, tokens, () -> OptionalInt.of(0), new GatewayCounters());
    try {
      loopback.look();
      int port = loopback.listening().orElseThrow();
      new Socket(InetAddress.getLoopbackAddress(), port).close();
      assertTrue(taken.tryAcquire(30, TimeUnit.SECONDS));
      Files.delete(token);
      loopback.look();
      assertEquals(OptionalInt.empty(), loopback.listening());
      // the system may let one more connection in before it closes the port; nobody takes it
      try {
        new Socket(InetAddress.getLoopbackAddress(), port).close();
      } catch (ConnectException e) {
        assertTrue(e.getMessage().contains("refused"), e.getMessage());
      }
      assertEquals(0, taken.availablePermits());
    } finally {
      loopback.close();
      loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5000);
    }
  }
}
