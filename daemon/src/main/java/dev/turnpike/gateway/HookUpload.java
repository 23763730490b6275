package dev.turnpike.gateway;

import dev.turnpike.gateway.Intake.Admission;
import dev.turnpike.gateway.Intake.Outcome;
import dev.turnpike.model.AgentId;
import dev.turnpike.model.EventBody;
import dev.turnpike.model.EventId;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The body of one hook call on its way to the inbox. It gathers up to the inline limit in the heap,
 * to a few times that while there is room; a longer body goes to a spill file, one buffer at a
 * time, and the connection is not read while a buffer is being written: a storm of large bodies
 * costs one buffer each.
 *
 * <p>Called by the event loop only. A body that stays in the heap is handed over there. What goes
 * to a file runs on workers, one step after the other; the fields below {@code steps} belong to
 * that chain.
 */
final class HookUpload {
  /** How it ended. */
  sealed interface Result {
    record Kept(EventId id) implements Result {}

    record Off() implements Result {}

    record Malformed(String problem) implements Result {}

    /** Spans, see {@link Outcome.Received}. */
    record Received(int rejected) implements Result {}

    record Unavailable(String reason) implements Result {}
  }

  private final Intake intake;
  private final AgentId agent;
  private final List<Map.Entry<String, String>> headers;
  private final Executor workers;
  private final int inlineLimit;
  private final UploadRoom room;

  private int gatherLimit;
  private boolean inRoom;
  private byte[] buffer = new byte[1024];
  private int buffered;
  private boolean spilling;

  private CompletableFuture<Void> steps = CompletableFuture.completedFuture(null);
  private Intake.@Nullable Ticket ticket;
  private @Nullable Result refusal;
  private @Nullable Path spill;
  private @Nullable FileChannel spillChannel;
  private long spilled;
  private boolean handedOver;

  HookUpload(
      Intake intake,
      AgentId agent,
      List<Map.Entry<String, String>> headers,
      Executor workers,
      int inlineLimit,
      UploadRoom room) {
    this.intake = intake;
    this.agent = agent;
    this.headers = headers;
    this.workers = workers;
    this.inlineLimit = inlineLimit;
    this.room = room;
    this.gatherLimit = inlineLimit;
  }

  /** The same for a body that is whole and small enough for the heap. */
  static CompletionStage<Result> whole(
      Intake intake, AgentId agent, List<Map.Entry<String, String>> headers, byte[] body) {
    try {
      return switch (intake.admit(agent, headers)) {
        case Admission.Open(var ticket) -> keep(ticket, new EventBody.Inline(body));
        case Admission.Refused refused -> CompletableFuture.completedFuture(result(refused));
      };
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** Takes the next piece. A stage means: read no further until it completes. */
  Optional<CompletionStage<Void>> add(ByteBuf piece) {
    Optional<CompletionStage<Void>> wait = Optional.empty();
    while (piece.isReadable()) {
      if (buffered == gatherLimit && !gathersMore()) {
        wait = Optional.of(writeBuffer());
      }
      int taken = Math.min(piece.readableBytes(), gatherLimit - buffered);
      if (buffered + taken > buffer.length) {
        int larger = Math.max(buffered + taken, 2 * buffer.length);
        buffer = Arrays.copyOf(buffer, Math.min(gatherLimit, larger));
      }
      piece.readBytes(buffer, buffered, taken);
      buffered += taken;
    }
    return wait;
  }

  private boolean gathersMore() {
    if (spilling || inRoom || !room.take()) {
      return false;
    }
    inRoom = true;
    gatherLimit = room.bodyBytes();
    return true;
  }

  private void leaveRoom() {
    if (inRoom) {
      inRoom = false;
      room.release();
    }
  }

  /**
   * The body is complete. The stage completes when the inbox has it, or will not have it; of a body
   * that was never on its way to a file mostly at once.
   */
  CompletionStage<Result> finish() {
    var rest = takeBuffer();
    // The first steps of a body that stays in the heap are no steps for the disk.
    CompletionStage<Result> kept =
        spilling
            ? steps.thenComposeAsync(_ -> admitted(() -> keepFile(rest)), workers)
            : steps.thenCompose(_ -> admitted(() -> keep(new EventBody.Inline(rest))));
    return inRoom ? kept.whenComplete((_, failure) -> leaveRoom()) : kept;
  }

  private CompletionStage<Result> admitted(Supplier<CompletionStage<Result>> keeping) {
    return admitOnce()
        .<CompletionStage<Result>>map(CompletableFuture::completedFuture)
        .orElseGet(keeping);
  }

  /** The body will not be completed: leaves nothing behind. */
  void abort() {
    steps =
        steps.whenCompleteAsync(
            (_, failure) -> {
              leaveRoom();
              discard();
            },
            workers);
  }

  private CompletionStage<Void> writeBuffer() {
    spilling = true;
    gatherLimit = inlineLimit;
    var full = takeBuffer();
    steps =
        steps.thenRunAsync(
            () -> {
              if (admitOnce().isEmpty()) {
                spill(full);
              }
            },
            workers);
    return steps;
  }

  private byte[] takeBuffer() {
    var taken = buffered == buffer.length ? buffer : Arrays.copyOf(buffer, buffered);
    buffer = new byte[spilling ? inlineLimit : 0];
    buffered = 0;
    return taken;
  }

  private Optional<Result> admitOnce() {
    if (refusal == null && ticket == null) {
      switch (intake.admit(agent, headers)) {
        case Admission.Open(var open) -> ticket = open;
        case Admission.Refused refused -> refusal = result(refused);
      }
    }
    return Optional.ofNullable(refusal);
  }

  private static Result result(Admission.Refused refused) {
    return switch (refused) {
      case Admission.Off() -> new Result.Off();
      case Admission.Malformed(var problem) -> new Result.Malformed(problem);
      case Admission.Full(var reason) -> new Result.Unavailable(reason);
    };
  }

  private Intake.Ticket ticket() {
    if (ticket == null) {
      throw new IllegalStateException("a body is kept before it was admitted");
    }
    return ticket;
  }

  private void spill(byte[] bytes) {
    try {
      var channel = spillChannel;
      if (channel == null) {
        var file = ticket().spillFile();
        spill = file;
        channel = FileChannel.open(file, StandardOpenOption.WRITE);
        spillChannel = channel;
      }
      var source = ByteBuffer.wrap(bytes);
      while (source.hasRemaining()) {
        spilled += channel.write(source);
      }
    } catch (IOException e) {
      discard();
      refusal = new Result.Unavailable("could not write the body to a file: " + e.getMessage());
    }
  }

  private CompletionStage<Result> keepFile(byte[] rest) {
    spill(rest);
    if (refusal != null) {
      return CompletableFuture.completedFuture(refusal);
    }
    var file = spill;
    if (file == null) {
      throw new IllegalStateException("a spilled body without a file");
    }
    try {
      closeSpill();
    } catch (IOException e) {
      discard();
      return CompletableFuture.completedFuture(
          new Result.Unavailable("could not write the body to a file: " + e.getMessage()));
    }
    return keep(new EventBody.Spilled(file, spilled));
  }

  private CompletionStage<Result> keep(EventBody body) {
    handedOver = true;
    return keep(ticket(), body);
  }

  private static CompletionStage<Result> keep(Intake.Ticket ticket, EventBody body) {
    var id = ticket.id();
    return ticket
        .keep(body)
        .thenApply(
            outcome ->
                switch (outcome) {
                  case Outcome.Stored() -> new Result.Kept(id);
                  case Outcome.Off() -> new Result.Off();
                  case Outcome.Received(var rejected) -> new Result.Received(rejected);
                  case Outcome.Undecodable(var problem) -> new Result.Malformed(problem);
                  case Outcome.Unavailable(var reason) -> new Result.Unavailable(reason);
                });
  }

  private void closeSpill() throws IOException {
    var channel = spillChannel;
    spillChannel = null;
    if (channel != null) {
      channel.close();
    }
  }

  private void discard() {
    if (handedOver) {
      return;
    }
    try {
      closeSpill();
      if (spill != null) {
        Files.deleteIfExists(spill);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("could not remove an unfinished body", e);
    }
  }
}
