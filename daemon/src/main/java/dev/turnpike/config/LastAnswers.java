package dev.turnpike.config;

import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.function.Function;

/**
 * What was answered last: an agent's tool calls ask the same hundreds of times. Bounded; the oldest
 * answer goes first. Safe for all threads.
 */
final class LastAnswers<Q, A> {
  private static final int LIMIT = 64;

  private final LinkedHashMap<Q, A> answers = new LinkedHashMap<>();

  synchronized Optional<A> to(Q question) {
    return Optional.ofNullable(answers.get(question));
  }

  synchronized void remember(Q question, A answer) {
    if (answers.size() >= LIMIT) {
      answers.pollFirstEntry();
    }
    answers.put(question, answer);
  }

  synchronized void clear() {
    answers.clear();
  }

  /** What was answered, or what the function answers now. */
  A to(Q question, Function<Q, A> function) {
    return to(question)
        .orElseGet(
            () -> {
              A answer = function.apply(question);
              remember(question, answer);
              return answer;
            });
  }
}
