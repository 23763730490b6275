package dev.turnpike.cli;

import java.io.IOException;
import java.util.Locale;

/** Asks the person at the terminal. */
final class Question {
  private Question() {}

  /** Return, or y for yes. The end of input is a no. */
  static boolean agreed(Context context, String question) throws IOException {
    context.say(question + " [Y/n] ");
    var answer = new StringBuilder();
    for (int c = System.in.read(); c != '\n'; c = System.in.read()) {
      if (c < 0) {
        return false;
      }
      answer.append((char) c);
    }
    String said = answer.toString().strip().toLowerCase(Locale.ROOT);
    return said.isEmpty() || said.equals("y") || said.equals("yes");
  }
}
