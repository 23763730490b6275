package dev.turnpike.platform;

import java.util.Locale;

/** The systems we run on, as far as places and limits differ. */
public enum Os {
  LINUX("linux", 108),
  MACOS("macos", 104);

  private final String word;
  private final int socketPathLimitBytes;

  Os(String word, int socketPathLimitBytes) {
    this.word = word;
    this.socketPathLimitBytes = socketPathLimitBytes;
  }

  /** Whatever is not macOS is treated as Linux: the places are those of XDG there too. */
  public static Os current() {
    String name = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    return name.startsWith("mac") ? MACOS : LINUX;
  }

  /** As it stands in tags: {@code linux}, {@code macos}. */
  public String word() {
    return word;
  }

  /** Size of {@code sun_path}, the closing zero byte included. */
  int socketPathLimitBytes() {
    return socketPathLimitBytes;
  }
}
