package dev.turnpike.gateway;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Hands on one message for each {@code read()}. A single read from the socket may decode into many
 * messages, a whole pipeline of requests even; they wait here. The socket is read again only when
 * nothing waits, so what waits is never more than one read from the socket made, and the end of a
 * caller's side is not seen while its last request is answered.
 *
 * <p>Netty's own {@code FlowControlHandler} forgets a {@code read()} that is called while a message
 * is being handled (4.2.20).
 */
final class OneAtATime extends ChannelDuplexHandler {
  private final Deque<Object> waiting = new ArrayDeque<>();
  private boolean wanted;
  private boolean handing;
  private boolean moreToCome;

  @Override
  public void read(ChannelHandlerContext ctx) {
    wanted = true;
    hand(ctx);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    moreToCome = true;
    waiting.add(message);
    hand(ctx);
  }

  /** The end of what one read from the socket brought. */
  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    moreToCome = false;
    hand(ctx);
    ctx.fireChannelReadComplete();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    waiting.forEach(ReferenceCountUtil::release);
    waiting.clear();
    ctx.fireChannelInactive();
  }

  private void hand(ChannelHandlerContext ctx) {
    if (handing) {
      return;
    }
    handing = true;
    try {
      while (wanted && !waiting.isEmpty()) {
        wanted = false;
        ctx.fireChannelRead(waiting.remove());
      }
    } finally {
      handing = false;
    }
    if (wanted && !moreToCome) {
      ctx.read();
    }
  }
}
