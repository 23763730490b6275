package dev.turnpike.cli;

/** Exit codes, as in {@code turnpike --help}. The numbers from 64 up are those of sysexits.h. */
final class Exit {
  static final int OK = 0;

  /** The daemon, or a file, said no. */
  static final int FAILED = 1;

  /** The command line was wrong. */
  static final int USAGE = 2;

  /** No daemon answers. */
  static final int UNREACHABLE = 69;

  /** Not finished within the time allowed; trying again may help. */
  static final int TIMED_OUT = 75;

  private Exit() {}
}
