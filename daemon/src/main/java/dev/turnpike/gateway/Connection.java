package dev.turnpike.gateway;

import dev.turnpike.gateway.Router.Route;
import dev.turnpike.model.AgentId;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection: a request at a time, each answered before the next is read. Netty's automatic
 * reading is off and a {@link OneAtATime} in front hands over one message for each {@code read()},
 * so what a caller sends faster than we work stays in its own socket. Lives on the event loop;
 * everything that may block is done by workers.
 */
final class Connection extends SimpleChannelInboundHandler<HttpObject> implements Conversation {
  private static final Logger LOG = LoggerFactory.getLogger(Connection.class);
  private static final long CONTROL_BODY_BYTES = 64 << 10;
  private static final Duration DRAIN = Duration.ofSeconds(2);

  private enum State {
    /** For the head of a request. */
    WAITING,
    /** The body. */
    RECEIVING,
    /** Somebody works on it, or the answer is being written. */
    ANSWERING,
    /** An answer without a known end; whatever the caller says meanwhile is dropped. */
    STREAMING,
    /**
     * Answered before the body was read: the rest is read and dropped, so that the caller gets to
     * see the answer.
     */
    DRAINING
  }

  private final Gateway.Parts parts;
  private final Answers answers;
  private State state = State.WAITING;
  private boolean keepAlive = true;
  private boolean stopping;
  private long received;
  private long limit;
  private @Nullable Request request;
  private @Nullable Route route;
  private @Nullable HookUpload upload;

  private final Alarm alarm = new Alarm(this::late);
  private long uploadEndNanos;

  Connection(Gateway.Parts parts) {
    this.parts = parts;
    this.answers = new Answers(parts);
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    awaitHead(ctx);
  }

  @Override
  public void stop(ChannelHandlerContext ctx) {
    stopping = true;
    if (state == State.WAITING || state == State.STREAMING) {
      Answers.close(ctx);
    }
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, HttpObject message) {
    switch (state) {
      case STREAMING -> ctx.read();
      case DRAINING -> drain(ctx, message);
      case ANSWERING -> throw new IllegalStateException("a message nobody asked for");
      case WAITING, RECEIVING -> receive(ctx, message);
    }
  }

  private void receive(ChannelHandlerContext ctx, HttpObject message) {
    if (message.decoderResult().isFailure()) {
      refuseUnreadable(ctx, message.decoderResult().cause());
    } else if (message instanceof HttpRequest head) {
      onHead(ctx, head);
    } else if (message instanceof HttpContent content) {
      onContent(ctx, content);
    }
  }

  private void awaitHead(ChannelHandlerContext ctx) {
    state = State.WAITING;
    request = null;
    route = null;
    upload = null;
    received = 0;
    alarm.expectWithin(ctx, parts.limits().idle());
    ctx.read();
  }

  private void onHead(ChannelHandlerContext ctx, HttpRequest head) {
    keepAlive = HttpUtil.isKeepAlive(head);
    var parsed = Request.of(head);
    if (parsed.isEmpty()) {
      parts.counters().refused("bad_request");
      answerEarly(
          ctx, Answer.error(400, "bad_request", "The request's target or length is not valid."));
      return;
    }
    var asked = parsed.get();
    request = asked;
    route = parts.router().route(asked);
    if (asked.header("Origin").isPresent() || asked.header("Referer").isPresent()) {
      parts.counters().refused("browser");
      route =
          new Route.Rejected(
              Answer.error(asked, 403, "browser_refused", "Requests from web pages are refused."));
    }
    if (route instanceof Route.Rejected(var answer)) {
      answerEarly(ctx, answer);
      return;
    }
    state = State.RECEIVING;
    limit =
        route instanceof Route.Hook || route instanceof Route.Otlp
            ? parts.limits().bodyBytes()
            : CONTROL_BODY_BYTES;
    uploadEndNanos = System.nanoTime() + parts.limits().upload().toNanos();
    if (asked.declaredBytes() > limit) {
      refuseTooLarge(ctx, asked);
      return;
    }
    if (HttpUtil.is100ContinueExpected(head)) {
      if (route instanceof Route.Refused(var answer)) {
        answerEarly(ctx, answer);
        return;
      }
      answers.sendContinue(ctx);
    }
    switch (route) {
      case Route.Hook(var agent, var _) -> upload = upload(parts.intake(), agent, asked);
      case Route.Otlp otlp -> {
        if (otlp.kind() == OtlpRoutes.Kind.TRACES) {
          var intake = parts.receiver().intake(otlp, parts.workers());
          upload = upload(intake, otlp.agent().orElse(OtlpReceiver.ANY), asked);
        }
      }
      case Route.Call _, Route.Refused _, Route.Rejected _ -> {}
    }
    readOn(ctx);
  }

  private HookUpload upload(Intake intake, AgentId agent, Request asked) {
    return new HookUpload(
        intake,
        agent,
        asked.headers(),
        parts.workers(),
        parts.limits().inlineBytes(),
        parts.room());
  }

  private void onContent(ChannelHandlerContext ctx, HttpContent content) {
    received += content.content().readableBytes();
    if (received > limit) {
      refuseTooLarge(ctx, currentRequest());
      return;
    }
    var pause =
        upload == null ? Optional.<CompletionStage<Void>>empty() : upload.add(content.content());
    if (content instanceof LastHttpContent) {
      complete(ctx);
    } else if (pause.isPresent()) {
      alarm.expectNothing();
      pause.get().whenComplete((_, failure) -> ctx.executor().execute(() -> resume(ctx)));
    } else {
      readOn(ctx);
    }
  }

  /** A failed write shows when the upload is finished; until then the body is read and dropped. */
  private void resume(ChannelHandlerContext ctx) {
    if (state == State.RECEIVING && ctx.channel().isActive()) {
      readOn(ctx);
    }
  }

  private void readOn(ChannelHandlerContext ctx) {
    long idleEndNanos = System.nanoTime() + parts.limits().idle().toNanos();
    alarm.expectBy(ctx, idleEndNanos - uploadEndNanos < 0 ? idleEndNanos : uploadEndNanos);
    ctx.read();
  }

  private void complete(ChannelHandlerContext ctx) {
    state = State.ANSWERING;
    alarm.expectNothing();
    var asked = currentRequest();
    switch (currentRoute()) {
      case Route.Refused(var answer) -> send(ctx, answer);
      case Route.Call(var handler, var names) ->
          // behind what the calls before left to be done (Gateway.behindTheAnswer)
          ctx.executor()
              .execute(() -> parts.workers().execute(() -> call(ctx, handler, asked, names)));
      case Route.Hook(var _, var printed) ->
          finish(ctx, (result, failure) -> answers.hook(asked, printed, result, failure));
      case Route.Otlp(var kind, var _, var form) -> {
        if (kind == OtlpRoutes.Kind.TRACES) {
          finish(ctx, (result, failure) -> answers.otlp().of(asked, form, result, failure));
        } else {
          parts.receiver().dropped(kind);
          send(ctx, OtlpAnswers.taken(form, 0));
        }
      }
      case Route.Rejected(var answer) -> send(ctx, answer);
    }
  }

  /** On a worker. */
  private void call(
      ChannelHandlerContext ctx, Router.Handler handler, Request asked, Map<String, String> names) {
    var answer = answers.call(handler, asked, names);
    ctx.executor().execute(() -> send(ctx, answer));
  }

  private interface Ending {
    Answer answer(HookUpload.@Nullable Result result, @Nullable Throwable failure);
  }

  private void finish(ChannelHandlerContext ctx, Ending ending) {
    var finishing = upload;
    if (finishing == null) {
      throw new IllegalStateException("a call without its upload");
    }
    finishing
        .finish()
        .whenComplete(
            (result, failure) -> onLoop(ctx, () -> send(ctx, ending.answer(result, failure))));
  }

  static void onLoop(ChannelHandlerContext ctx, Runnable task) {
    if (ctx.executor().inEventLoop()) {
      task.run();
    } else {
      ctx.executor().execute(task);
    }
  }

  private void send(ChannelHandlerContext ctx, Answer answer) {
    uploadOver();
    boolean last = !keepAlive || stopping;
    switch (answer) {
      case Answer.Whole whole -> {
        alarm.expectWithin(ctx, parts.limits().idle());
        answers
            .send(ctx, whole, last)
            .addListener(
                written -> {
                  if (!written.isSuccess() || last || stopping) {
                    Answers.close(ctx);
                  } else {
                    awaitHead(ctx);
                  }
                });
      }
      case Answer.Streamed streamed -> {
        state = State.STREAMING;
        alarm.expectNothing();
        answers.stream(ctx, streamed);
        // Reading goes on only to learn that the caller has gone.
        ctx.read();
      }
    }
  }

  private void refuseUnreadable(ChannelHandlerContext ctx, Throwable cause) {
    parts.counters().refused("bad_request");
    if (cause instanceof TooLongHttpHeaderException) {
      answerEarly(ctx, Answer.error(431, "head_too_large", "The headers are too long."));
    } else if (cause instanceof TooLongHttpLineException) {
      answerEarly(ctx, Answer.error(414, "target_too_long", "The request line is too long."));
    } else {
      answerEarly(ctx, Answer.error(400, "bad_request", "This is not HTTP/1.1."));
    }
  }

  private void refuseTooLarge(ChannelHandlerContext ctx, Request asked) {
    parts.counters().refused("too_large");
    var message = "The body is longer than " + limit + " bytes.";
    answerEarly(ctx, Answer.error(asked, 413, "too_large", message));
  }

  private void answerEarly(ChannelHandlerContext ctx, Answer.Whole answer) {
    abandonUpload();
    state = State.DRAINING;
    received = 0;
    alarm.expectWithin(ctx, DRAIN);
    answers
        .send(ctx, answer, true)
        .addListener(
            written -> {
              if (written.isSuccess()) {
                ctx.read();
              } else {
                Answers.close(ctx);
              }
            });
  }

  private void drain(ChannelHandlerContext ctx, HttpObject message) {
    if (message instanceof HttpContent content) {
      received += content.content().readableBytes();
    }
    boolean over = message instanceof LastHttpContent || message.decoderResult().isFailure();
    if (over || received > parts.limits().bodyBytes()) {
      Answers.close(ctx);
    } else {
      ctx.read();
    }
  }

  private void abandonUpload() {
    if (upload != null) {
      upload.abort();
      uploadOver();
    }
  }

  private void uploadOver() {
    if (upload != null && route instanceof Route.Otlp) {
      parts.receiver().over();
    }
    upload = null;
  }

  /** A deadline has passed. */
  private void late(ChannelHandlerContext ctx) {
    switch (state) {
      case RECEIVING -> {
        parts.counters().refused("timed_out");
        answerEarly(
            ctx,
            Answer.error(408, "timed_out", "The body did not arrive within the time allowed."));
      }
      case WAITING, ANSWERING, STREAMING, DRAINING -> Answers.close(ctx);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    alarm.silence();
    if (upload != null && state == State.RECEIVING) {
      parts.counters().refused("aborted_upload");
      abandonUpload();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    failed(ctx, cause);
  }

  static void failed(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof IOException) {
      LOG.debug("a caller went away: {}", cause.getMessage());
    } else {
      LOG.warn("a connection failed", cause);
    }
    Answers.close(ctx);
  }

  private Request currentRequest() {
    if (request == null) {
      throw new IllegalStateException("no request under way");
    }
    return request;
  }

  private Route currentRoute() {
    if (route == null) {
      throw new IllegalStateException("no request under way");
    }
    return route;
  }
}
