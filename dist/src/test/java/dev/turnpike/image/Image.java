package dev.turnpike.image;

import java.nio.file.Path;

/** Where the built image lies. */
final class Image {
  private Image() {}

  static Path folder() {
    String named = System.getProperty("turnpike.image");
    if (named == null) {
      throw new IllegalStateException("run by failsafe, which sets turnpike.image (dist/pom.xml)");
    }
    return Path.of(named).toAbsolutePath().normalize();
  }
}
