package dev.turnpike.daemon;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.spi.FilterReply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.LoggerFactory;

/**
 * The daemon's log: {@code turnpike.log} and three older ones of at most 5 MiB each, and a line.
 * Warnings go to standard error too, the first thousand of a life, where a service manager or a
 * person in a terminal sees them. Set up in code, since a configuration file costs an XML parser at
 * every start.
 */
final class LogSetup {
  private static final String PATTERN =
      "%d{yyyy-MM-dd'T'HH:mm:ss.SSSX,UTC} %-5level [%thread] %logger{0}: %msg%n%ex{6}";
  private static final String FILE = "turnpike.log";
  private static final String NAME = "file";

  /** Standard error, where launchd or {@code turnpike start} keep it. */
  private static final String OUTPUT = "daemon.out";

  private static final long LIMIT_FILE_BYTES = 5L * 1024 * 1024;
  private static final int OLDER_FILES = 3;
  private static final int LIMIT_WARNINGS = 1000;

  private LogSetup() {}

  static Path file(Path directory) {
    return directory.resolve(FILE);
  }

  /** A directory that takes no log is no reason not to start: {@link #problem} says so. */
  static void apply(Path directory, String level) {
    cutOutput(directory.resolve(OUTPUT));
    var context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.INFO);
    level(level);
    root.addAppender(toFile(context, directory));
    root.addAppender(toConsole(context));
  }

  /** launchd only ever appends to it. */
  private static void cutOutput(Path output) {
    try {
      if (Files.isRegularFile(output) && Files.size(output) > LIMIT_FILE_BYTES) {
        Files.write(output, new byte[0]);
      }
    } catch (IOException e) {
      LoggerFactory.getLogger(LogSetup.class).debug("{} stays as it is", output, e);
    }
  }

  /**
   * Begins the file again where somebody removed it, or where it could not be written. Returns why
   * it still cannot; nothing if the log was never set up.
   */
  static Optional<String> look() {
    Optional<LogAppender> log = toFile();
    log.ifPresent(LogAppender::look);
    return log.flatMap(LogAppender::problem);
  }

  /** Why no line can be written now. */
  static Optional<String> problem() {
    return toFile().flatMap(LogAppender::problem);
  }

  /** Lines that were not written since the log was set up. */
  static long dropped() {
    return toFile().map(LogAppender::dropped).orElse(0L);
  }

  private static Optional<LogAppender> toFile() {
    var context = (LoggerContext) LoggerFactory.getILoggerFactory();
    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    return root.getAppender(NAME) instanceof LogAppender log ? Optional.of(log) : Optional.empty();
  }

  /** Of our own loggers, from now on. */
  static void level(String level) {
    var context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.getLogger("dev.turnpike").setLevel(Level.toLevel(level, Level.INFO));
  }

  private static LogAppender toFile(LoggerContext context, Path directory) {
    var appender =
        new LogAppender(directory, FILE, encoder(context), LIMIT_FILE_BYTES, OLDER_FILES);
    appender.setContext(context);
    appender.setName(NAME);
    appender.start();
    return appender;
  }

  /**
   * What a life says to standard error, which often is a file that nobody rotates. The log has all
   * of it.
   */
  private static final class FirstWarnings extends Filter<ILoggingEvent> {
    private final AtomicInteger said = new AtomicInteger();

    @Override
    public FilterReply decide(ILoggingEvent event) {
      return event.getLevel().isGreaterOrEqual(Level.WARN)
              && said.incrementAndGet() <= LIMIT_WARNINGS
          ? FilterReply.NEUTRAL
          : FilterReply.DENY;
    }
  }

  private static ConsoleAppender<ILoggingEvent> toConsole(LoggerContext context) {
    var appender = new ConsoleAppender<ILoggingEvent>();
    appender.setContext(context);
    appender.setName("stderr");
    appender.setTarget("System.err");
    appender.setEncoder(encoder(context));
    var warnings = new FirstWarnings();
    warnings.setContext(context);
    warnings.start();
    appender.addFilter(warnings);
    appender.start();
    return appender;
  }

  private static PatternLayoutEncoder encoder(LoggerContext context) {
    var encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setCharset(StandardCharsets.UTF_8);
    encoder.setPattern(PATTERN);
    encoder.start();
    return encoder;
  }
}
