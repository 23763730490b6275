package dev.turnpike.gateway;

import dev.turnpike.gateway.HookDesk.Heard;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.ServerChannel;
import io.netty.channel.nio.AbstractNioMessageChannel;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.util.AttributeKey;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The socket callers connect to, bound already. Hooks are served as they are accepted ({@link
 * HookDesk}); for every other caller there is a channel, and what it said by then under {@link
 * #HEARD}. Unlike Netty's own of this kind (4.2.20) it leaves the socket's file to whoever made it.
 */
final class CallersChannel extends AbstractNioMessageChannel implements ServerChannel {
  private static final Logger LOG = LoggerFactory.getLogger(CallersChannel.class);

  /** What a channel's caller said before there was that channel. */
  static final AttributeKey<Heard> HEARD = AttributeKey.valueOf(CallersChannel.class, "heard");

  private static final ChannelMetadata METADATA = new ChannelMetadata(false);

  private final Callers callers;
  private final HookDesk desk;
  private final Runnable refused;
  private final ChannelConfig config =
      new DefaultChannelConfig(this) {
        // without descriptors Netty pauses for a second: nobody is to be accepted meanwhile
        @Override
        protected void autoReadCleared() {
          clearReadPending();
        }
      };

  /**
   * @param refused told of each caller that is another user
   */
  CallersChannel(ServerSocketChannel socket, Callers callers, HookDesk desk, Runnable refused) {
    super(null, socket, SelectionKey.OP_ACCEPT);
    this.callers = callers;
    this.desk = desk;
    this.refused = refused;
  }

  @Override
  protected ServerSocketChannel javaChannel() {
    return (ServerSocketChannel) super.javaChannel();
  }

  /** A caller with whom something goes wrong is no reason to hear the others no more. */
  @Override
  protected int doReadMessages(List<Object> accepted) throws IOException {
    SocketChannel caller = javaChannel().accept();
    if (caller == null) {
      return 0;
    }
    try {
      return welcome(caller, accepted);
    } catch (IOException e) {
      LOG.debug("a caller went away: {}", e.getMessage());
    } catch (RuntimeException e) {
      LOG.warn("a connection failed", e);
    }
    caller.close();
    return 0;
  }

  private int welcome(SocketChannel caller, List<Object> accepted) throws IOException {
    if (!callers.includes(caller)) {
      refused.run();
      caller.close();
      return 0;
    }
    caller.configureBlocking(false);
    Heard heard = desk.hear(caller);
    if (heard instanceof Heard.Served) {
      return 0;
    }
    var channel = new NioDomainSocketChannel(this, caller);
    channel.attr(HEARD).set(heard);
    accepted.add(channel);
    return 1;
  }

  @Override
  public ChannelConfig config() {
    return config;
  }

  @Override
  public ChannelMetadata metadata() {
    return METADATA;
  }

  @Override
  public boolean isActive() {
    return isOpen();
  }

  @Override
  protected void doClose() throws IOException {
    javaChannel().close();
  }

  @Override
  protected @Nullable SocketAddress localAddress0() {
    try {
      return javaChannel().getLocalAddress();
    } catch (IOException e) {
      return null; // closed
    }
  }

  @Override
  protected @Nullable SocketAddress remoteAddress0() {
    return null;
  }

  @Override
  protected void doBind(SocketAddress address) {
    throw new UnsupportedOperationException("bound already");
  }

  @Override
  protected void doDisconnect() {
    throw new UnsupportedOperationException("callers connect to it");
  }

  @Override
  protected boolean doConnect(SocketAddress remote, SocketAddress local) {
    throw new UnsupportedOperationException("callers connect to it");
  }

  @Override
  protected void doFinishConnect() {
    throw new UnsupportedOperationException("callers connect to it");
  }

  @Override
  protected boolean doWriteMessage(Object message, ChannelOutboundBuffer in) {
    throw new UnsupportedOperationException("callers connect to it");
  }
}
