package dev.turnpike.gateway;

import dev.turnpike.model.AgentId;
import dev.turnpike.model.EventBody;
import dev.turnpike.model.EventId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An inbox that keeps what it gets in a list, and does as the caller's {@code Fake} header says, or
 * {@code Turnpike-Fake}.
 */
final class FakeIntake implements Intake {
  record Kept(AgentId agent, List<Map.Entry<String, String>> headers, EventBody body) {}

  final ConcurrentLinkedQueue<Kept> kept = new ConcurrentLinkedQueue<>();

  /** What a kept call leaves to be done. */
  volatile Runnable after = () -> {};

  private static final Executor LATER =
      CompletableFuture.delayedExecutor(20, TimeUnit.MILLISECONDS);

  private final AtomicInteger spills = new AtomicInteger();
  private final Path spillDirectory;

  FakeIntake(Path spillDirectory) {
    this.spillDirectory = spillDirectory;
  }

  @Override
  public Admission admit(AgentId agent, List<Map.Entry<String, String>> headers) {
    return switch (wish(headers)) {
      case "off" -> new Admission.Off();
      case "malformed" -> new Admission.Malformed("no event id");
      case "full" -> new Admission.Full("the inbox is full");
      case "bug" -> throw new IllegalStateException("planted");
      default -> new Admission.Open(new Call(agent, headers));
    };
  }

  private static String wish(List<Map.Entry<String, String>> headers) {
    return value(headers, "Fake") + value(headers, "Turnpike-Fake");
  }

  private static String value(List<Map.Entry<String, String>> headers, String name) {
    return headers.stream()
        .filter(h -> h.getKey().equalsIgnoreCase(name))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse("");
  }

  private final class Call implements Ticket {
    private final AgentId agent;
    private final List<Map.Entry<String, String>> headers;

    Call(AgentId agent, List<Map.Entry<String, String>> headers) {
      this.agent = agent;
      this.headers = headers;
    }

    @Override
    public EventId id() {
      return new EventId(value(headers, "Turnpike-Event-Id"));
    }

    @Override
    public Path spillFile() throws IOException {
      if (wish(headers).equals("no-space")) {
        throw new IOException("No space left on device");
      }
      return Files.createFile(spillDirectory.resolve("spill-" + spills.incrementAndGet()));
    }

    @Override
    public CompletionStage<Outcome> keep(EventBody body) {
      if (wish(headers).equals("failing")) {
        return CompletableFuture.completedFuture(
            new Outcome.Unavailable("the journal cannot write"));
      }
      kept.add(new Kept(agent, headers, body));
      after.run();
      return wish(headers).equals("later")
          ? CompletableFuture.supplyAsync(Outcome.Stored::new, LATER)
          : CompletableFuture.completedFuture(new Outcome.Stored());
    }
  }
}
