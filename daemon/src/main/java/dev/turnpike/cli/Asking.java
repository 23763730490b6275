package dev.turnpike.cli;

import dev.turnpike.cli.SocketClient.Response;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Puts a question to the daemon and prints what it says. */
final class Asking {
  static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Context context;

  Asking(Context context) {
    this.context = context;
  }

  int get(String target, boolean json) throws IOException {
    return print("GET", target, json, PATIENCE);
  }

  int post(String target, boolean json) throws IOException {
    return print("POST", target, json, PATIENCE);
  }

  int print(String method, String target, boolean json, Duration patience) throws IOException {
    return print(context.client().ask(method, target, json, patience), json);
  }

  /**
   * Errors go where errors go, except as JSON: then the program that reads it wants the answer in
   * one place.
   */
  int print(Response response, boolean json) {
    boolean good = response.status() < 400;
    if (good || json) {
      context.say(response.text());
    } else {
      context.complain(response.text().stripTrailing());
    }
    return good ? Exit.OK : Exit.FAILED;
  }

  /** As one segment of a path or one value of a query. */
  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
