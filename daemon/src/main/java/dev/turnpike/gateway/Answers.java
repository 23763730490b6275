package dev.turnpike.gateway;

import dev.turnpike.gateway.HookUpload.Result;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundInvoker;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes answers and puts them on the wire. */
final class Answers {
  private static final Logger LOG = LoggerFactory.getLogger(Answers.class);
  private static final String VERSION_HEADER = "Turnpike-Version";

  private final Gateway.Parts parts;
  private final OtlpAnswers otlp;

  Answers(Gateway.Parts parts) {
    this.parts = parts;
    this.otlp = new OtlpAnswers(parts.counters());
  }

  OtlpAnswers otlp() {
    return otlp;
  }

  /** Runs a handler on the worker that calls this; whatever goes wrong in it becomes an answer. */
  Answer call(Router.Handler handler, Request request, Map<String, String> names) {
    try {
      return handler.handle(request, names);
    } catch (IOException e) {
      LOG.warn("{} {} failed", request.method(), request.path(), e);
      return Answer.error(
          request, 500, "failed", "The daemon could not do this: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Answer.error(request, 503, "stopping", "The daemon is stopping.");
    } catch (RuntimeException e) {
      LOG.error("{} {} failed", request.method(), request.path(), e);
      return bug(request);
    }
  }

  Answer.Whole hook(
      Request request, String printed, @Nullable Result result, @Nullable Throwable failure) {
    if (result == null) {
      LOG.error("a hook call could not be handled", failure);
      parts.counters().refused("failed");
      return bug(request);
    }
    return switch (result) {
      case Result.Kept(var id) -> {
        parts.counters().hookClient(request.header("Turnpike-Client").orElse("other"));
        var kept = Answer.text(202, printed);
        yield new Answer.Whole(
            202, kept.contentType(), kept.body(), Map.of("Turnpike-Event-Id", id.value()));
      }
      case Result.Off() -> Answer.empty(204);
      case Result.Received(_) -> throw new IllegalStateException("a hook call brings no spans");
      case Result.Malformed(var problem) -> {
        parts.counters().refused("malformed_hook_call");
        yield Answer.error(request, 400, "malformed_hook_call", problem);
      }
      case Result.Unavailable(var reason) -> {
        parts.counters().refused("unavailable");
        yield Answer.error(request, 503, "unavailable", reason);
      }
    };
  }

  ChannelFuture send(ChannelHandlerContext ctx, Answer.Whole answer, boolean last) {
    return ctx.writeAndFlush(whole(parts.version(), answer, last));
  }

  /**
   * The same bytes as {@link #send} makes of it, where there is no HTTP library: for the answer to
   * a POST with which the connection ends.
   */
  ChannelFuture sendLast(ChannelHandlerContext ctx, Answer.Whole answer) {
    var bytes = Unpooled.wrappedBuffer(bytes(parts.version(), answer));
    return ctx.writeAndFlush(bytes);
  }

  static byte[] bytes(String version, Answer.Whole answer) {
    var head = new StringBuilder(256).append("HTTP/1.1 ");
    head.append(HttpResponseStatus.valueOf(answer.status()));
    line(head, VERSION_HEADER, version);
    line(head, "connection", "close");
    if (answer.status() != HttpResponseStatus.NO_CONTENT.code()) {
      line(head, "content-type", answer.contentType());
      line(head, "content-length", Integer.toString(answer.body().length));
    }
    answer.headers().forEach((name, value) -> line(head, name, value));
    head.append("\r\n\r\n");
    byte[] start = head.toString().getBytes(StandardCharsets.US_ASCII);
    if (answer.body().length == 0) {
      return start;
    }
    byte[] all = Arrays.copyOf(start, start.length + answer.body().length);
    System.arraycopy(answer.body(), 0, all, start.length, answer.body().length);
    return all;
  }

  private static void line(StringBuilder head, String name, String value) {
    head.append("\r\n").append(name).append(": ").append(value);
  }

  static FullHttpResponse whole(String version, Answer.Whole answer, boolean last) {
    var status = HttpResponseStatus.valueOf(answer.status());
    var response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, status, Unpooled.wrappedBuffer(answer.body()));
    describe(version, response, last);
    if (status.code() != HttpResponseStatus.NO_CONTENT.code()) {
      response.headers().set(HttpHeaderNames.CONTENT_TYPE, answer.contentType());
      response.headers().set(HttpHeaderNames.CONTENT_LENGTH, answer.body().length);
    }
    answer.headers().forEach((name, value) -> response.headers().set(name, value));
    return response;
  }

  void sendContinue(ChannelHandlerContext ctx) {
    var goOn =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER);
    ctx.writeAndFlush(goOn).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
  }

  /**
   * Sends the head now and the rest from a worker, one piece on the wire at a time; closes the
   * connection at the end.
   */
  void stream(ChannelHandlerContext ctx, Answer.Streamed answer) {
    var response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
    describe(parts.version(), response, true);
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, answer.contentType());
    response.headers().set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
    ctx.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
    parts.workers().execute(() -> pump(ctx, answer));
  }

  private void pump(ChannelHandlerContext ctx, Answer.Streamed answer) {
    try {
      // The source is closed before the end is told, so that a caller who has seen the end finds
      // its place free.
      sendPieces(ctx, answer.source());
      ctx.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT)
          .addListener(ChannelFutureListener.CLOSE);
    } catch (IOException e) {
      LOG.debug("a streamed answer ended early: {}", e.getMessage());
      close(ctx);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      close(ctx);
    } catch (RuntimeException e) {
      LOG.error("a streamed answer failed", e);
      close(ctx);
    }
  }

  private void sendPieces(ChannelHandlerContext ctx, Answer.Source pieces)
      throws IOException, InterruptedException {
    try (var source = pieces) {
      var piece = source.next();
      while (piece.isPresent() && ctx.channel().isActive()) {
        if (piece.get().length > 0) {
          var sent = ctx.writeAndFlush(new DefaultHttpContent(Unpooled.wrappedBuffer(piece.get())));
          if (!sent.await(parts.limits().idle().toMillis()) || !sent.isSuccess()) {
            throw new IOException("the caller does not read");
          }
        }
        piece = source.next();
      }
    }
  }

  /** A close that fails leaves nothing to be done: the descriptor is gone either way. */
  static void close(ChannelOutboundInvoker invoker) {
    invoker.close().addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
  }

  private static Answer.Whole bug(Request request) {
    return Answer.error(
        request, 500, "internal_error", "This is a bug in the daemon; its log has the details.");
  }

  private static void describe(String version, HttpResponse response, boolean last) {
    response.headers().set(VERSION_HEADER, version);
    if (last) {
      response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    }
  }
}
