package dev.turnpike.image;

import java.nio.file.Path;

/** Where the built image lies, and the project it was built from. */
public final class Image {
  private Image() {}

  public static Path folder() {
    return named("turnpike.image");
  }

  /** The root of the project's sources. */
  public static Path project() {
    return named("turnpike.root");
  }

  private static Path named(String property) {
    String value = System.getProperty(property);
    if (value == null) {
      throw new IllegalStateException(
          "run by failsafe, which sets %s (dist/pom.xml)".formatted(property));
    }
    return Path.of(value).toAbsolutePath().normalize();
  }
}
