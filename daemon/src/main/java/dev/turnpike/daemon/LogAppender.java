package dev.turnpike.daemon;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.encoder.Encoder;
import dev.turnpike.platform.PrivateFiles;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Writes lines to {@code turnpike.log} and begins a new file before one becomes too long. A disk
 * that refuses costs the lines that come meanwhile, which are counted, and nothing else: nobody
 * waits, nothing is kept in memory, and only {@link #look} tries again. Logback's own file appender
 * says nothing of what it leaves out, may need minutes and a new line to find out that there is
 * room again, and lets a file that cannot be renamed grow for ever.
 */
final class LogAppender extends AppenderBase<ILoggingEvent> {
  private final Path directory;
  private final Path file;
  private final Encoder<ILoggingEvent> encoder;
  private final long limitBytes;
  private final int older;

  // All of it under this object's lock, as append is.
  private @Nullable OutputStream out;
  private @Nullable Object key;
  private long bytes;
  private @Nullable String problem;
  private boolean torn;
  private long dropped;
  private long untold;

  /**
   * @param limitBytes after which a new file is begun
   * @param older how many earlier files stay
   */
  LogAppender(
      Path directory, String name, Encoder<ILoggingEvent> encoder, long limitBytes, int older) {
    this.directory = directory;
    this.file = directory.resolve(name);
    this.encoder = encoder;
    this.limitBytes = limitBytes;
    this.older = older;
  }

  @Override
  public synchronized void start() {
    look();
    super.start();
  }

  @Override
  public synchronized void stop() {
    super.stop();
    close();
  }

  @Override
  protected void append(ILoggingEvent event) {
    if (problem == null) {
      try {
        rotateIfFull();
        write(encoder.encode(event));
        return;
      } catch (IOException e) {
        troubled(e);
      }
    }
    dropped++;
    untold++;
  }

  /**
   * Begins the file anew where somebody removed it, and tries again what failed. Writes down how
   * many lines are missing.
   */
  synchronized void look() {
    try {
      if (problem == null && out != null && Objects.equals(key, keyOfFile())) {
        return;
      }
      close();
      open();
      rotateIfFull();
      if (untold > 0) {
        String missing =
            "%d lines are missing here: the log could not be written%n".formatted(untold);
        write(missing.getBytes(StandardCharsets.UTF_8));
        untold = 0;
      }
      problem = null;
    } catch (IOException e) {
      troubled(e);
    }
  }

  /** Why no line can be written now; the next look tries again. */
  synchronized Optional<String> problem() {
    return Optional.ofNullable(problem);
  }

  /** Lines that were not written since the start. */
  synchronized long dropped() {
    return dropped;
  }

  private void troubled(IOException e) {
    problem =
        e instanceof AccessDeniedException
            ? "this user may not write " + e.getMessage()
            : Objects.requireNonNullElse(e.getMessage(), e.toString());
    close();
  }

  private void open() throws IOException {
    PrivateFiles.createDirectory(directory);
    try {
      Files.createFile(file, PrivateFiles.fileMode());
      torn = false;
    } catch (FileAlreadyExistsException e) {
      // it is continued
    }
    // no channel: it would be closed under a thread that was interrupted and has something to say
    out = new FileOutputStream(file.toFile(), true);
    bytes = Files.size(file);
    key = keyOfFile();
  }

  private @Nullable Object keyOfFile() throws IOException {
    try {
      return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    } catch (NoSuchFileException e) {
      return file; // no file's key
    }
  }

  private void close() {
    try {
      if (out != null) {
        out.close();
      }
    } catch (IOException e) {
      addInfo("closing " + file, e); // what was to be written has been
    }
    out = null;
  }

  /** Half a line may have gone in before the disk was full: the next one begins a line. */
  private void write(byte[] line) throws IOException {
    OutputStream open = out;
    if (open == null) {
      throw new IOException(file + " is not open");
    }
    if (torn) {
      open.write('\n');
    }
    torn = true;
    open.write(line);
    torn = false;
    bytes += line.length;
  }

  /** Names that were moved already are not there the next time. */
  private void rotateIfFull() throws IOException {
    if (bytes < limitBytes) {
      return;
    }
    for (int number = older; number > 1; number--) {
      move(older(number - 1), older(number));
    }
    move(file, older(1));
    close();
    open();
  }

  private Path older(int number) {
    String name = file.getFileName().toString();
    int dot = name.lastIndexOf('.');
    return directory.resolve(name.substring(0, dot) + "." + number + name.substring(dot));
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    } catch (NoSuchFileException e) {
      // there were never as many, or somebody removed it
    }
  }
}
