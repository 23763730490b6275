package dev.turnpike.gateway;

import io.netty.channel.ChannelHandlerContext;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * By when a caller must have done something. One alarm for each connection: a deadline moves with
 * every piece of a body, mostly back, and then the alarm is set anew when it rings. On the event
 * loop.
 */
final class Alarm {
  private final Consumer<ChannelHandlerContext> missed;
  private boolean awaited;
  private long deadlineNanos;
  private long alarmNanos;
  private @Nullable ScheduledFuture<?> alarm;

  /**
   * @param missed what to do when the deadline has passed
   */
  Alarm(Consumer<ChannelHandlerContext> missed) {
    this.missed = missed;
  }

  void expectWithin(ChannelHandlerContext ctx, Duration patience) {
    expectBy(ctx, System.nanoTime() + patience.toNanos());
  }

  void expectBy(ChannelHandlerContext ctx, long deadline) {
    deadlineNanos = deadline;
    awaited = true;
    if (alarm != null && alarmNanos - deadline > 0) {
      silence();
    }
    if (alarm == null) {
      set(ctx);
    }
  }

  /** It is our turn. */
  void expectNothing() {
    awaited = false;
  }

  void silence() {
    if (alarm != null) {
      alarm.cancel(false);
      alarm = null;
    }
  }

  private void set(ChannelHandlerContext ctx) {
    alarmNanos = deadlineNanos;
    long wait = deadlineNanos - System.nanoTime();
    alarm = ctx.executor().schedule(() -> ring(ctx), wait, TimeUnit.NANOSECONDS);
  }

  private void ring(ChannelHandlerContext ctx) {
    alarm = null;
    if (!awaited) {
      return;
    }
    if (deadlineNanos - System.nanoTime() > 0) {
      set(ctx);
      return;
    }
    missed.accept(ctx);
  }
}
