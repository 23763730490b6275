package dev.turnpike.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The real files, with a plan of what goes wrong. Operations that change something are counted from
 * 1.
 */
public final class FaultyFiles implements DurableFiles {
  public enum Fate {
    WORKS,
    /** Nothing happens, then an IOException. */
    FAILS,
    /** A write writes half of it, anything else does all of it; then an IOException. */
    HALF
  }

  public interface Plan {
    Fate of(int operation, String what, Path file);
  }

  private final DurableFiles real = DurableFiles.real();
  private final boolean forced;
  private final AtomicInteger operations = new AtomicInteger();
  private volatile Plan plan;
  private volatile Optional<IOException> unreadable = Optional.empty();

  public FaultyFiles(Plan plan) {
    this(plan, true);
  }

  private FaultyFiles(Plan plan, boolean forced) {
    this.plan = plan;
    this.forced = forced;
  }

  /** Faultless, and nothing waits for the disk: for long tests in which nothing dies. */
  public static FaultyFiles unforced() {
    return new FaultyFiles((operation, what, file) -> Fate.WORKS, false);
  }

  /**
   * From operation {@code n} on nothing reaches the disk, and of {@code n} itself half: as if the
   * process had been killed there.
   */
  public static FaultyFiles killedAt(int n) {
    return new FaultyFiles(
        (operation, what, file) ->
            operation < n ? Fate.WORKS : operation == n ? Fate.HALF : Fate.FAILS);
  }

  public static FaultyFiles faultless() {
    return new FaultyFiles((operation, what, file) -> Fate.WORKS);
  }

  public void plan(Plan next) {
    plan = next;
  }

  /** Until told otherwise every read fails so; reads are not counted as operations. */
  public void unreadable(Optional<IOException> how) {
    unreadable = how;
  }

  public int operations() {
    return operations.get();
  }

  private interface Action {
    void run() throws IOException;
  }

  private void attempt(String what, Path file, Action whole, Action half) throws IOException {
    switch (plan.of(operations.incrementAndGet(), what, file)) {
      case WORKS -> whole.run();
      case FAILS -> throw new IOException("No space left on device (injected: " + what + ")");
      case HALF -> {
        half.run();
        throw new IOException("Input/output error (injected: " + what + ")");
      }
    }
  }

  @Override
  public void createDirectory(Path directory) throws IOException {
    real.createDirectory(directory);
  }

  @Override
  public List<Path> list(Path directory) throws IOException {
    return real.list(directory);
  }

  @Override
  public byte[] read(Path file, long limitBytes) throws IOException {
    Optional<IOException> failure = unreadable;
    if (failure.isPresent()) {
      throw failure.get();
    }
    return real.read(file, limitBytes);
  }

  @Override
  public Appender create(Path file) throws IOException {
    var made = new ArrayList<Appender>();
    Action action = () -> made.add(real.create(file));
    attempt("create", file, action, () -> real.create(file).close());
    return new Faulty(file, made.getFirst());
  }

  @Override
  public Appender reopen(Path file, long length) throws IOException {
    var made = new ArrayList<Appender>();
    attempt(
        "reopen",
        file,
        () -> made.add(real.reopen(file, length)),
        () -> real.reopen(file, length).close());
    return new Faulty(file, made.getFirst());
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    Action action = () -> real.rename(from, to);
    attempt("rename", from, action, action);
  }

  @Override
  public boolean delete(Path file) throws IOException {
    var deleted = new boolean[1];
    Action action = () -> deleted[0] = real.delete(file);
    attempt("delete", file, action, action);
    return deleted[0];
  }

  @Override
  public void forceDirectory(Path directory) throws IOException {
    Action action = forced ? () -> real.forceDirectory(directory) : () -> {};
    attempt("forceDirectory", directory, action, action);
  }

  private final class Faulty implements Appender {
    private final Path file;
    private final Appender to;

    Faulty(Path file, Appender to) {
      this.file = file;
      this.to = to;
    }

    @Override
    public void write(ByteBuffer[] buffers) throws IOException {
      attempt("write", file, () -> to.write(buffers), () -> to.write(half(buffers)));
    }

    @Override
    public void force() throws IOException {
      Action action = forced ? to::force : () -> {};
      attempt("force", file, action, action);
    }

    @Override
    public void truncate(long length) throws IOException {
      Action action = () -> to.truncate(length);
      attempt("truncate", file, action, action);
    }

    @Override
    public boolean isNamed(Path name) throws IOException {
      return to.isNamed(name);
    }

    @Override
    public void close() throws IOException {
      to.close();
    }
  }

  private static ByteBuffer[] half(ByteBuffer[] buffers) {
    int total = 0;
    for (ByteBuffer buffer : buffers) {
      total += buffer.remaining();
    }
    var half = ByteBuffer.allocate(total / 2);
    for (ByteBuffer buffer : buffers) {
      while (buffer.hasRemaining() && half.hasRemaining()) {
        half.put(buffer.get());
      }
    }
    return new ByteBuffer[] {half.flip()};
  }
}
