package dev.turnpike.export;

import java.util.Optional;

/** By which door of a backend bytes go in. The letters stand in pinned files and are frozen. */
public enum WirePath {
  OTLP('o'),
  CLASSIC('c');

  private final char mark;

  WirePath(char mark) {
    this.mark = mark;
  }

  char mark() {
    return mark;
  }

  static Optional<WirePath> of(char mark) {
    for (WirePath path : values()) {
      if (path.mark == mark) {
        return Optional.of(path);
      }
    }
    return Optional.empty();
  }
}
