package dev.turnpike.config;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What was resolved lately, since the answer is half of what accepting a hook costs. Forgotten as a
 * whole when the settings file is read again. Safe for all threads.
 */
final class Lately {
  /**
   * All that an answer hangs on, besides the file.
   *
   * @param said what the call's environment says that we judge
   */
  record Question(Optional<Path> directory, Map<String, String> said) {
    static Question of(Optional<Path> directory, Map<String, String> environment) {
      var said = new HashMap<String, String>();
      environment.forEach(
          (name, value) -> {
            if (Setting.isSetting(name) || Config.ownName(name)) {
              said.put(name, value);
            }
          });
      return new Question(directory, said);
    }
  }

  private final Object lock = new Object();
  private final LastAnswers<Question, Settings> answers = new LastAnswers<>();
  private Optional<KnownServers> knownServers = Optional.empty();
  private Optional<WatchedFile.State> file = Optional.empty();

  /**
   * @param now the file as it is; a file that was read again is another object
   */
  Optional<Settings> answer(WatchedFile.State now, Question question) {
    synchronized (lock) {
      return holds(now) ? answers.to(question) : Optional.empty();
    }
  }

  void remember(WatchedFile.State now, Question question, Settings answer) {
    synchronized (lock) {
      begin(now);
      answers.remember(question, answer);
    }
  }

  /** The servers the user named himself. */
  Optional<KnownServers> knownServers(WatchedFile.State now) {
    synchronized (lock) {
      return holds(now) ? knownServers : Optional.empty();
    }
  }

  void rememberServers(WatchedFile.State now, KnownServers servers) {
    synchronized (lock) {
      begin(now);
      knownServers = Optional.of(servers);
    }
  }

  private void begin(WatchedFile.State now) {
    if (!holds(now)) {
      answers.clear();
      knownServers = Optional.empty();
      file = Optional.of(now);
    }
  }

  @SuppressWarnings("ReferenceEquality") // to compare what two files say is what is to be spared
  private boolean holds(WatchedFile.State now) {
    return file.isPresent() && file.get() == now;
  }
}
