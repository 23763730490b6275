package dev.turnpike.gateway;

import dev.turnpike.model.AgentId;
import dev.turnpike.platform.PrivateFiles;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannelRecvByteBufAllocator;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP server on the Unix socket.
 *
 * <p>One event loop accepts, reads and writes, and takes small hook calls over from end to end: a
 * change of threads costs a hook more than the append to the journal does. Every question and every
 * body that goes to a file is a virtual thread's. Only processes of our own user get an answer
 * ({@link Callers}). Telemetry may come over loopback too ({@link Loopback}).
 */
public final class Gateway implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);
  private static final int READ_BYTES_MAX = 64 << 10;

  /** Others on the machine can connect to loopback: they must not take our own callers' places. */
  private static final int SENDERS_MAX = 32;

  private static final int LINE_BYTES_MAX = 16 << 10;

  /**
   * What every connection works with.
   *
   * @param agents the known ones, each with what its hook client prints
   */
  record Parts(
      String version,
      Map<AgentId, String> agents,
      Routes router,
      Intake intake,
      Optional<OtlpReceiver> otlp,
      GatewayLimits limits,
      GatewayCounters counters,
      ExecutorService workers,
      UploadRoom room) {
    OtlpReceiver receiver() {
      return otlp.orElseThrow(() -> new IllegalStateException("no receiver of telemetry"));
    }

    Parts with(Routes others) {
      return new Parts(version, agents, others, intake, otlp, limits, counters, workers, room);
    }
  }

  private final UserPrincipal owner;
  private final Parts parts;
  private final HookDesk desk;
  private final MultiThreadIoEventLoopGroup loop;
  private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private final ChannelGroup senders = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private volatile Listening listening;
  private volatile @Nullable Loopback loopback;
  private final AtomicBoolean closed = new AtomicBoolean();

  /** A socket, and what accepts its callers. */
  private record Listening(ListeningSocket socket, CallersChannel server) {}

  private Gateway(
      ListeningSocket socket, Parts parts, MultiThreadIoEventLoopGroup loop, UserPrincipal owner) {
    this.owner = owner;
    this.parts = parts;
    this.desk = new HookDesk(parts);
    this.loop = loop;
    this.listening = listen(socket);
  }

  private Listening listen(ListeningSocket socket) {
    var server =
        new CallersChannel(
            socket.channel(),
            new Callers(owner, socket.file()),
            desk,
            () -> parts.counters().refused("peer"));
    new ServerBootstrap()
        .group(loop)
        .channelFactory(() -> server)
        // one caller at a time: to ask for the next at once would keep this one waiting
        .option(ChannelOption.RECVBUF_ALLOCATOR, new ServerChannelRecvByteBufAllocator())
        .childOption(ChannelOption.AUTO_READ, false)
        .childOption(ChannelOption.ALLOCATOR, new HeapBuffers())
        .childOption(
            ChannelOption.RECVBUF_ALLOCATOR,
            new AdaptiveRecvByteBufAllocator(1024, HookDesk.FIRST_READ_BYTES, READ_BYTES_MAX))
        .childHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                welcome(channel);
              }
            })
        .register()
        .syncUninterruptibly();
    return new Listening(socket, server);
  }

  /**
   * Listens anew where somebody removed the socket's file, since nobody finds us without it. Only
   * while the instance lock is ours.
   *
   * @throws IOException if callers do not find us: the socket cannot be bound, or is an inherited
   *     one, which is the service manager's to mend
   */
  public synchronized void renewSocket() throws IOException {
    Listening old = listening;
    if (closed.get() || old.socket().isNamed()) {
      return;
    }
    if (old.socket().isInherited()) {
      throw new IOException(
          "a service manager holds it, and somebody removed %s: run turnpike install, or have the manager make its socket anew"
              .formatted(old.socket().file()));
    }
    Path directory = old.socket().file().toAbsolutePath().getParent();
    if (directory != null) {
      PrivateFiles.createSocketDirectory(directory);
    }
    listening = listen(ListeningSocket.bind(old.socket().file()));
    LOG.warn("the socket's file was removed; listening anew on {}", old.socket().file());
    end(old);
  }

  /** Begins to listen. Fails if the socket cannot be bound; then nothing is left behind. */
  public static Gateway open(
      GatewaySetup setup, Intake intake, Controls controls, GatewayCounters counters)
      throws IOException {
    var given = ListeningSocket.inherited(setup.inherited());
    var socket = given.isPresent() ? given.get() : ListeningSocket.bind(setup.file());
    var receiver = setup.otlp().map(OtlpSetup::receiver);
    var otlp = receiver.map(some -> new OtlpRoutes(some.owners().emitters(), counters));
    var router =
        new Router(
            setup.agents(), new ControlRoutes(controls, setup.limits()).entries(), otlp, counters);
    var workers =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("gateway-worker-", 0).factory());
    var parts =
        new Parts(
            setup.version(),
            setup.agents(),
            router,
            intake,
            receiver,
            setup.limits(),
            counters,
            workers,
            new UploadRoom(setup.limits()));
    var loop =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("gateway", true), NioIoHandler.newFactory());
    // A loop that has nothing on its schedule wakes once a second to tidy it up (Netty 4.2.20).
    var _ = loop.scheduleAtFixedRate(() -> {}, 1, 1, TimeUnit.HOURS);
    var gateway = new Gateway(socket, parts, loop, setup.owner());
    if (setup.otlp().isPresent() && otlp.isPresent()) {
      gateway.listenOnLoopback(setup.otlp().get(), otlp.get());
    }
    LOG.info("listening on {}{}", socket.file(), given.isPresent() ? " (inherited)" : "");
    return gateway;
  }

  private void listenOnLoopback(OtlpSetup setup, OtlpRoutes otlp) {
    var tokens = new OtlpTokens(setup.tokens());
    var guarded = parts.with(new LoopbackRoutes(otlp, tokens::known, parts.counters()));
    var welcome =
        new ChannelInitializer<Channel>() {
          @Override
          protected void initChannel(Channel channel) {
            if (admits(channel, senders, SENDERS_MAX)) {
              converse(channel.pipeline(), guarded);
            }
          }
        };
    var opened = new Loopback(loop, welcome, tokens, setup.port(), parts.counters());
    loopback = opened;
    opened.look();
  }

  /** Opens or closes the port for telemetry, as tokens and settings want it now. May block. */
  public void lookAtPort() {
    var opened = loopback;
    if (opened != null) {
      opened.look();
    }
  }

  /** The port on which telemetry is received. */
  public OptionalInt telemetryPort() {
    var opened = loopback;
    return opened == null ? OptionalInt.empty() : opened.listening();
  }

  /**
   * Runs what a call's answer need not wait for: behind the answer if the call is being answered on
   * this thread, at once otherwise. A question that comes after that answer is handled after it.
   */
  public void behindTheAnswer(Runnable task) {
    var only = loop.next();
    if (only.inEventLoop()) {
      only.execute(task);
    } else {
      task.run();
    }
  }

  /** Where callers find us. */
  public Path socket() {
    return listening.socket().file();
  }

  /**
   * Stops listening, lets requests under way end within the limit, then cuts them off. Safe to call
   * twice.
   */
  @Override
  public void close() throws IOException {
    close(false);
  }

  /** As {@link #close}, but leaves an inherited socket open for whoever listens next. */
  public void leave() throws IOException {
    close(listening.socket().isInherited());
  }

  private synchronized void close(boolean keepSocket) throws IOException {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    var opened = loopback;
    if (opened != null) {
      opened.close();
    }
    try {
      if (keepSocket) {
        listening.server().deregister().syncUninterruptibly();
      } else {
        end(listening);
      }
    } finally {
      connections.forEach(this::stop);
      senders.forEach(this::stop);
      connections.newCloseFuture().awaitUninterruptibly(parts.limits().shutdown().toMillis());
      connections.close().awaitUninterruptibly(1000);
      senders.close().awaitUninterruptibly(1000);
      loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2000);
      parts.workers().shutdownNow();
    }
  }

  /** The loop only lets go of it: the socket takes its name away before it closes. */
  private static void end(Listening old) throws IOException {
    old.server().deregister().syncUninterruptibly();
    old.socket().close();
  }

  private void stop(Channel channel) {
    channel
        .eventLoop()
        .execute(
            () -> {
              var ctx = channel.pipeline().lastContext();
              if (ctx != null && ctx.handler() instanceof Conversation conversation) {
                conversation.stop(ctx);
              }
            });
  }

  private void welcome(Channel channel) {
    var heard = channel.attr(CallersChannel.HEARD).getAndSet(null);
    // a call that was taken gets its answer, however many there are
    int limit =
        heard instanceof HookDesk.Heard.Taken ? Integer.MAX_VALUE : parts.limits().connections();
    if (admits(channel, connections, limit)) {
      channel
          .pipeline()
          .addLast(new HookConnection(parts, desk, heard, ctx -> converse(ctx.pipeline(), parts)));
    }
  }

  private boolean admits(Channel channel, ChannelGroup group, int limit) {
    if (group.size() >= limit) {
      parts.counters().refused("connections");
      var busy = Answer.error(503, "busy", "Too many connections.");
      channel.pipeline().addLast(codec());
      channel
          .writeAndFlush(Answers.whole(parts.version(), busy, true))
          .addListener(ChannelFutureListener.CLOSE);
      return false;
    }
    group.add(channel);
    return true;
  }

  private void converse(ChannelPipeline pipeline, Parts with) {
    pipeline.addLast(codec(), new OneAtATime(), new Connection(with));
  }

  private HttpServerCodec codec() {
    return new HttpServerCodec(
        new HttpDecoderConfig()
            .setMaxInitialLineLength(LINE_BYTES_MAX)
            .setMaxHeaderSize(parts.limits().headBytes())
            .setMaxChunkSize(READ_BYTES_MAX));
  }
}
