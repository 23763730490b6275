package dev.turnpike.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class CallersChannelTest {
  @TempDir Path directory;

  /** As Netty does where there are no descriptors: the loop must not spin meanwhile. */
  @Test
  void whileItPausesNobodyIsAccepted() throws Exception {
    var loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    var accepted = new CountDownLatch(1);
    // the owner is nobody who could call: each is turned away as soon as he is accepted
    var callers = new Callers(() -> "somebody else", directory.resolve("turnpike.sock"));
    try (var socket = ListeningSocket.bind(directory.resolve("turnpike.sock"))) {
      var server = new CallersChannel(socket.channel(), callers, null, accepted::countDown);
      new ServerBootstrap()
          .group(loop)
          .channelFactory(() -> server)
          .childHandler(
              new ChannelInitializer<Channel>() {
                @Override
                protected void initChannel(Channel channel) {
                  throw new IllegalStateException("nobody is to be let in");
                }
              })
          .register()
          .syncUninterruptibly();
      server.config().setAutoRead(false);
      turn(loop); // it is the loop that pauses
      try (var caller = new RawCaller(socket.file())) {
        turn(loop);
        assertEquals(1, accepted.getCount());
        server.config().setAutoRead(true);
        assertTrue(caller.hearsNothingMore());
        accepted.await();
      }
      server.deregister().syncUninterruptibly();
      assertTrue(Files.exists(socket.file()), "it is not the channel's to remove");
    } finally {
      loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
  }

  /** The loop looks for callers before each of these. */
  private static void turn(MultiThreadIoEventLoopGroup loop) throws Exception {
    for (int i = 0; i < 10; i++) {
      loop.next().submit(() -> {}).get();
    }
  }
}
