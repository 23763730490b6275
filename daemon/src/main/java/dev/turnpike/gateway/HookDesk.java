package dev.turnpike.gateway;

import dev.turnpike.gateway.HookUpload.Result;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves hooks at the door. By the time a hook's connection is accepted it has mostly said all it
 * will: then the call goes from the socket to the inbox and the answer back, and neither a channel
 * of Netty's is made nor its HTTP library asked, which would be a tenth of the hook's time. On the
 * event loop.
 */
final class HookDesk {
  private static final Logger LOG = LoggerFactory.getLogger(HookDesk.class);

  /** Most hooks fit, with what they say of their environment. */
  static final int FIRST_READ_BYTES = 8 << 10;

  private final Gateway.Parts parts;
  private final Answers answers;
  private final ByteBuffer words = ByteBuffer.allocate(FIRST_READ_BYTES);

  HookDesk(Gateway.Parts parts) {
    this.parts = parts;
    this.answers = new Answers(parts);
  }

  /** What became of a caller at the door. */
  sealed interface Heard {
    /** Answered, and gone. */
    record Served() implements Heard {}

    /** A call that was taken, and has no answer yet. */
    record Taken(Pending pending) implements Heard {}

    /** Words that are no whole call, none perhaps: somebody else has to hear them. */
    record Words(byte[] bytes) implements Heard {}
  }

  /** A call on its way into the inbox. */
  record Pending(HookCall call, String printed, CompletableFuture<Result> result) {}

  /** The call that these bytes are, of an agent we know; it is taken. */
  Optional<Pending> take(byte[] bytes, int from, int end) {
    return HookCall.in(bytes, from, end)
        .filter(call -> call.body().length <= parts.limits().inlineBytes())
        .flatMap(
            call ->
                Optional.ofNullable(parts.agents().get(call.agent()))
                    .map(printed -> new Pending(call, printed, kept(call))));
  }

  private CompletableFuture<Result> kept(HookCall call) {
    return HookUpload.whole(parts.intake(), call.agent(), call.headers(), call.body())
        .toCompletableFuture();
  }

  /** To a call whose result is there. */
  Answer.Whole answer(Pending pending) {
    Result result = null;
    Throwable failure = null;
    try {
      result = pending.result().join();
    } catch (CompletionException e) {
      failure = e.getCause();
    }
    return answers.hook(pending.call().request(), pending.printed(), result, failure);
  }

  /**
   * Hears what a caller has said by now, and answers if that can be done at once.
   *
   * @param caller not blocking; closed if it is served
   */
  Heard hear(SocketChannel caller) throws IOException {
    words.clear();
    if (caller.read(words) <= 0) {
      return new Heard.Words(new byte[0]);
    }
    var taken = take(words.array(), 0, words.position());
    if (taken.isEmpty()) {
      return new Heard.Words(Arrays.copyOf(words.array(), words.position()));
    }
    if (!taken.get().result().isDone()) {
      return new Heard.Taken(taken.get());
    }
    say(caller, Answers.bytes(parts.version(), answer(taken.get())));
    return new Heard.Served();
  }

  /** So little always fits into a socket nothing was said on yet. */
  private static void say(SocketChannel caller, byte[] answer) throws IOException {
    try (caller) {
      if (caller.write(ByteBuffer.wrap(answer)) < answer.length) {
        LOG.warn("an answer did not fit into its socket");
      }
    }
  }
}
