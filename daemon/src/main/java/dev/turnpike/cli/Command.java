package dev.turnpike.cli;

import java.io.IOException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * One command of the command line. Adding one: a class, and its line in {@link Cli} or in what the
 * root hands over.
 */
public interface Command {
  /** Name, options and help, with this command as user object ({@link Specs#command}). */
  CommandSpec spec();

  /**
   * Does it.
   *
   * @return an exit code of {@link Exit}
   */
  int run(ParseResult parsed) throws IOException, InterruptedException;
}
