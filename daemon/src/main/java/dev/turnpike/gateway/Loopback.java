package dev.turnpike.gateway;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens for telemetry on 127.0.0.1 and ::1, while an agent needs it: there is a token, and the
 * settings name a port. Looked at again and again, so that an installation counts without a
 * restart.
 */
final class Loopback {
  private static final Logger LOG = LoggerFactory.getLogger(Loopback.class);
  private static final byte[] IPV4 = {127, 0, 0, 1};
  private static final byte[] IPV6 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

  private final EventLoopGroup loop;
  private final ChannelInitializer<Channel> welcome;
  private final OtlpTokens tokens;
  private final OtlpPort port;
  private final GatewayCounters counters;

  private List<Channel> listening = List.of();
  private OptionalInt bound = OptionalInt.empty();
  private boolean closed;

  Loopback(
      EventLoopGroup loop,
      ChannelInitializer<Channel> welcome,
      OtlpTokens tokens,
      OtlpPort port,
      GatewayCounters counters) {
    this.loop = loop;
    this.welcome = welcome;
    this.tokens = tokens;
    this.port = port;
    this.counters = counters;
  }

  /** Opens or closes the port, as tokens and settings want it now. May block; not on the loop. */
  synchronized void look() {
    if (closed) {
      return;
    }
    tokens.look();
    OptionalInt wanted = tokens.known().isEmpty() ? OptionalInt.empty() : port.port();
    if (!wanted.equals(bound)) {
      unbind();
      Optional<String> problem = wanted.isPresent() ? bind(wanted.getAsInt()) : Optional.empty();
      if (!counters.telemetryProblem(problem).equals(problem)) {
        problem.ifPresent(LOG::warn);
      }
    }
  }

  /** Why it cannot be listened on, if so; the next look tries again. */
  private Optional<String> bind(int wanted) {
    ChannelFuture first = bound(IPV4, wanted);
    if (!first.isSuccess()) {
      return Optional.of(
          "telemetry is not received: port %d of 127.0.0.1 cannot be bound (%s), what agents send there goes to whoever has it; choose another one by TURNPIKE_OTLP_PORT, then run turnpike install"
              .formatted(wanted, first.cause()));
    }
    var channels = new ArrayList<Channel>();
    channels.add(first.channel());
    // a machine may have no IPv6
    ChannelFuture second = bound(IPV6, portOf(first.channel()));
    if (second.isSuccess()) {
      channels.add(second.channel());
    }
    listening = List.copyOf(channels);
    bound = OptionalInt.of(wanted);
    LOG.info("receiving telemetry on 127.0.0.1:{}", portOf(first.channel()));
    return Optional.empty();
  }

  private ChannelFuture bound(byte[] address, int wanted) {
    return new ServerBootstrap()
        .group(loop)
        .channel(NioServerSocketChannel.class)
        .childOption(ChannelOption.AUTO_READ, false)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childOption(ChannelOption.ALLOCATOR, new HeapBuffers())
        .childHandler(welcome)
        .bind(new InetSocketAddress(address(address), wanted))
        .awaitUninterruptibly();
  }

  private static int portOf(Channel channel) {
    return channel.localAddress() instanceof InetSocketAddress address ? address.getPort() : 0;
  }

  /** The port that is listened on. */
  synchronized OptionalInt listening() {
    return listening.isEmpty() ? OptionalInt.empty() : OptionalInt.of(portOf(listening.getFirst()));
  }

  private static InetAddress address(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("the length of an address is right", e);
    }
  }

  synchronized void close() {
    closed = true;
    unbind();
  }

  private void unbind() {
    listening.forEach(channel -> channel.close().awaitUninterruptibly());
    if (!listening.isEmpty()) {
      LOG.info("telemetry is no longer received");
    }
    listening = List.of();
    bound = OptionalInt.empty();
  }
}
