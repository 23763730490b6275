package dev.turnpike.gateway;

import dev.turnpike.gateway.HookDesk.Heard;
import dev.turnpike.gateway.HookDesk.Pending;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.function.Consumer;

/**
 * A connection that may yet be a hook's: one call, one answer, the end. It said nothing when it was
 * accepted, or its call is still being kept. At the first words that are no call the {@link
 * HookDesk} takes an ordinary {@link Connection} comes into the place of this one and hears them
 * again. Lives on the event loop.
 */
final class HookConnection extends ChannelInboundHandlerAdapter implements Conversation {
  private enum State {
    /** For the first words. */
    WAITING,
    /** The call is being kept, or the answer written. */
    ANSWERING
  }

  private final Gateway.Parts parts;
  private final HookDesk desk;
  private final Heard heard;
  private final Consumer<ChannelHandlerContext> ordinary;
  private final Answers answers;
  private final Alarm alarm = new Alarm(Answers::close);
  private State state = State.WAITING;

  /**
   * @param heard at the door
   * @param ordinary adds what serves any request, behind this
   */
  HookConnection(
      Gateway.Parts parts, HookDesk desk, Heard heard, Consumer<ChannelHandlerContext> ordinary) {
    this.parts = parts;
    this.desk = desk;
    this.heard = heard;
    this.ordinary = ordinary;
    this.answers = new Answers(parts);
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    switch (heard) {
      case Heard.Served() -> throw new IllegalStateException("a caller that is gone");
      case Heard.Taken(var pending) -> answer(ctx, pending);
      case Heard.Words(var bytes) when bytes.length > 0 -> {
        handOn(ctx, Unpooled.wrappedBuffer(bytes));
        ctx.pipeline().fireChannelReadComplete();
      }
      case Heard.Words _ -> {
        alarm.expectWithin(ctx, parts.limits().idle());
        ctx.read();
      }
    }
  }

  @Override
  public void stop(ChannelHandlerContext ctx) {
    if (state == State.WAITING) {
      Answers.close(ctx);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    var words = (ByteBuf) message;
    int from = words.arrayOffset() + words.readerIndex();
    desk.take(words.array(), from, from + words.readableBytes())
        .ifPresentOrElse(
            pending -> {
              words.release();
              answer(ctx, pending);
            },
            () -> handOn(ctx, words));
  }

  private void answer(ChannelHandlerContext ctx, Pending pending) {
    state = State.ANSWERING;
    alarm.expectNothing();
    var _ =
        pending
            .result()
            .whenComplete((_, _) -> Connection.onLoop(ctx, () -> say(ctx, desk.answer(pending))));
  }

  private void say(ChannelHandlerContext ctx, Answer.Whole answer) {
    alarm.expectWithin(ctx, parts.limits().idle());
    answers.sendLast(ctx, answer).addListener(_ -> Answers.close(ctx));
  }

  /** The words before the beginning: so nothing more is read while they wait. */
  private void handOn(ChannelHandlerContext ctx, ByteBuf words) {
    alarm.silence();
    ordinary.accept(ctx);
    ctx.fireChannelRead(words);
    ctx.fireChannelActive();
    ctx.pipeline().remove(this);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    alarm.silence();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    Connection.failed(ctx, cause);
  }
}
