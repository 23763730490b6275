package dev.turnpike.journal;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * A disk in memory that remembers everything done to it in order, so that it can be shown as a
 * power cut after any operation would have left it.
 *
 * <p>The model: content is safe up to a file's last force; of what was written since, each page of
 * 4 KiB is there, or zeros are, or the file ends before it. Names made, moved and deleted are safe
 * from the directory's last force; each later one may have reached the disk or not, in any
 * combination.
 */
final class PowerLossFiles implements DurableFiles {
  private static final int PAGE_BYTES = 4096;

  private sealed interface Operation {
    record Make(int file, Path name) implements Operation {}

    record Append(int file, byte[] bytes) implements Operation {}

    record Cut(int file, long length) implements Operation {}

    record Force(int file) implements Operation {}

    record Move(Path from, Path to) implements Operation {}

    record Remove(Path name) implements Operation {}

    record ForceNames(Path directory) implements Operation {}
  }

  private final List<Operation> operations = new ArrayList<>();
  private final Map<Path, Integer> names = new TreeMap<>();
  private final Map<Integer, byte[]> contents = new HashMap<>();
  private int files;
  private boolean holed;

  /** How many operations there have been: a moment. */
  synchronized int moment() {
    return operations.size();
  }

  /** The disk as it may be after a power cut right behind that operation. */
  synchronized PowerLossFiles afterPowerCutAt(int moment, RandomGenerator random) {
    double kept =
        switch (random.nextInt(4)) {
          case 0 -> 0;
          case 1 -> 1;
          default -> random.nextDouble();
        };
    var safe = new TreeMap<Path, Integer>();
    var unsafeNames = new ArrayList<Operation>();
    var safeContents = new HashMap<Integer, byte[]>();
    var unsafeContents = new HashMap<Integer, List<Operation>>();
    for (Operation operation : operations.subList(0, moment)) {
      switch (operation) {
        case Operation.Append(int file, _) -> remember(unsafeContents, file, operation);
        case Operation.Cut(int file, _) -> remember(unsafeContents, file, operation);
        case Operation.Force(int file) -> {
          byte[] content = safeContents.getOrDefault(file, new byte[0]);
          for (Operation change : unsafeContents.getOrDefault(file, List.of())) {
            content = changed(content, change);
          }
          safeContents.put(file, content);
          unsafeContents.remove(file);
        }
        case Operation.Make _, Operation.Move _, Operation.Remove _ -> unsafeNames.add(operation);
        case Operation.ForceNames(Path directory) -> {
          unsafeNames.stream()
              .filter(o -> directoryOf(o).equals(directory))
              .forEach(o -> name(safe, o));
          unsafeNames.removeIf(o -> directoryOf(o).equals(directory));
        }
      }
    }
    unsafeNames.stream().filter(o -> random.nextDouble() < kept).forEach(o -> name(safe, o));
    var after = new PowerLossFiles();
    unsafeContents.forEach(
        (file, changes) ->
            safeContents.compute(file, (f, old) -> after.torn(old, changes, kept, random)));
    after.names.putAll(safe);
    safe.values().forEach(f -> after.contents.put(f, safeContents.getOrDefault(f, new byte[0])));
    after.files = files;
    return after;
  }

  private static void remember(Map<Integer, List<Operation>> changes, int file, Operation change) {
    changes.computeIfAbsent(file, f -> new ArrayList<>()).add(change);
  }

  /**
   * Whether of what was never forced something is there behind a page that is not: no reader can
   * tell that from damage.
   */
  boolean isHoled() {
    return holed;
  }

  private byte[] torn(byte[] safe, List<Operation> changes, double kept, RandomGenerator random) {
    byte[] content = safe == null ? new byte[0] : safe;
    int begin = content.length;
    for (Operation change : changes) {
      if (change instanceof Operation.Append || random.nextDouble() < kept) {
        content = changed(content, change);
      }
    }
    begin = Math.min(begin, content.length);
    // the size may be ahead of the content, or behind it
    int length =
        begin
            + (int)
                Math.round(
                    (content.length - begin) * Math.min(1, kept * (0.5 + random.nextDouble())));
    byte[] result = Arrays.copyOf(content, length);
    boolean missing = false;
    for (int page = begin; page < length; page = (page / PAGE_BYTES + 1) * PAGE_BYTES) {
      if (random.nextDouble() >= kept) {
        Arrays.fill(result, page, Math.min(length, (page / PAGE_BYTES + 1) * PAGE_BYTES), (byte) 0);
        missing = true;
      } else {
        holed |= missing;
      }
    }
    return result;
  }

  private static byte[] changed(byte[] content, Operation change) {
    return switch (change) {
      case Operation.Append(_, byte[] bytes) -> {
        byte[] longer = Arrays.copyOf(content, content.length + bytes.length);
        System.arraycopy(bytes, 0, longer, content.length, bytes.length);
        yield longer;
      }
      case Operation.Cut(_, long length) ->
          Arrays.copyOf(content, Math.toIntExact(Math.min(length, content.length)));
      case Operation.Make _,
          Operation.Force _,
          Operation.Move _,
          Operation.Remove _,
          Operation.ForceNames _ ->
          throw new IllegalStateException("changes no content: " + change);
    };
  }

  private static Path directoryOf(Operation operation) {
    return switch (operation) {
      case Operation.Make(_, Path name) -> name.getParent();
      case Operation.Move(_, Path to) -> to.getParent();
      case Operation.Remove(Path name) -> name.getParent();
      case Operation.Append _, Operation.Cut _, Operation.Force _, Operation.ForceNames _ ->
          throw new IllegalStateException("changes no name: " + operation);
    };
  }

  private static void name(Map<Path, Integer> names, Operation operation) {
    switch (operation) {
      case Operation.Make(int file, Path name) -> names.put(name, file);
      case Operation.Move(Path from, Path to) -> {
        Integer file = names.remove(from);
        if (file != null) {
          names.put(to, file);
        }
      }
      case Operation.Remove(Path name) -> names.remove(name);
      case Operation.Append _, Operation.Cut _, Operation.Force _, Operation.ForceNames _ ->
          throw new IllegalStateException("changes no name: " + operation);
    }
  }

  private synchronized void happened(Operation operation) {
    operations.add(operation);
    switch (operation) {
      case Operation.Append(int file, _) ->
          contents.computeIfPresent(file, (f, old) -> changed(old, operation));
      case Operation.Cut(int file, _) ->
          contents.computeIfPresent(file, (f, old) -> changed(old, operation));
      case Operation.Make(int file, _) -> {
        contents.put(file, new byte[0]);
        name(names, operation);
      }
      case Operation.Move _, Operation.Remove _ -> name(names, operation);
      case Operation.Force _, Operation.ForceNames _ -> {
        // changes what is safe, not what is seen
      }
    }
  }

  private int file(Path name) throws FileNotFoundException {
    Integer file = names.get(name);
    if (file == null) {
      throw new FileNotFoundException(name.toString());
    }
    return file;
  }

  @Override
  public void createDirectory(Path directory) {
    // directories are always there
  }

  @Override
  public synchronized List<Path> list(Path directory) {
    return names.keySet().stream().filter(name -> directory.equals(name.getParent())).toList();
  }

  @Override
  public synchronized byte[] read(Path file, long limitBytes) throws IOException {
    byte[] content = contents.getOrDefault(file(file), new byte[0]);
    if (content.length > limitBytes) {
      throw new IOException(file + " is longer than " + limitBytes);
    }
    return content.clone();
  }

  @Override
  public synchronized Appender create(Path file) {
    int made = ++files;
    happened(new Operation.Make(made, file));
    return new Open(made);
  }

  @Override
  public synchronized Appender reopen(Path file, long length) throws IOException {
    int known = file(file);
    happened(new Operation.Cut(known, length));
    return new Open(known);
  }

  @Override
  public synchronized void rename(Path from, Path to) throws IOException {
    file(from);
    happened(new Operation.Move(from, to));
  }

  @Override
  public synchronized boolean delete(Path file) {
    boolean there = names.containsKey(file);
    if (there) {
      happened(new Operation.Remove(file));
    }
    return there;
  }

  @Override
  public synchronized void forceDirectory(Path directory) {
    happened(new Operation.ForceNames(directory));
  }

  private final class Open implements Appender {
    private final int file;

    Open(int file) {
      this.file = file;
    }

    @Override
    public void write(ByteBuffer[] buffers) {
      int total = 0;
      for (ByteBuffer buffer : buffers) {
        total += buffer.remaining();
      }
      var bytes = ByteBuffer.allocate(total);
      for (ByteBuffer buffer : buffers) {
        bytes.put(buffer);
      }
      happened(new Operation.Append(file, bytes.array()));
    }

    @Override
    public void force() {
      happened(new Operation.Force(file));
    }

    @Override
    public void truncate(long length) {
      happened(new Operation.Cut(file, length));
    }

    @Override
    public boolean isNamed(Path name) {
      return true; // nobody removes a name here
    }

    @Override
    public void close() {
      // nothing is held
    }
  }
}
