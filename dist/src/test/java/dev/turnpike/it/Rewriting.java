package dev.turnpike.it;

import java.nio.file.Path;

/** Puts another home in the place of the captured one, in paths and in folder names made of it. */
record Rewriting(String home, String folder) {
  private static final String CAPTURED = "/home/dev";
  private static final String CAPTURED_FOLDER = "-home-dev-shop";

  static Rewriting to(Path home) {
    return new Rewriting(
        home.toString(), home.resolve("shop").toString().replaceAll("[^a-zA-Z0-9]", "-"));
  }

  String text(String captured) {
    return captured.replace(CAPTURED_FOLDER, folder).replace(CAPTURED, home);
  }
}
