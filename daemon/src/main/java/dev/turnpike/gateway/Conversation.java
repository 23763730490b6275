package dev.turnpike.gateway;

import io.netty.channel.ChannelHandlerContext;

/** A connection as the gateway sees it when it stops. On the event loop. */
interface Conversation {
  /** What is under way may end, nothing new begins. */
  void stop(ChannelHandlerContext ctx);
}
