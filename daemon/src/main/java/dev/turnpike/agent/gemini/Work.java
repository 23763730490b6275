package dev.turnpike.agent.gemini;

import dev.turnpike.agent.gemini.Row.Answer;
import dev.turnpike.agent.gemini.Row.Call;
import dev.turnpike.agent.gemini.Row.Said;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What one prompt set off, in the order of its rows: a turn's work, or a sub-agent's. */
final class Work {
  /** What an answer answers: everything that was said or given back since the one before. */
  static final class Step {
    final List<Said> said;

    /** When the request went out, as far as rows tell: the row before. */
    final Instant began;

    Answer answer;

    Step(List<Said> said, Instant began, Answer answer) {
      this.said = List.copyOf(said);
      this.began = began;
      this.answer = answer;
    }
  }

  private final Instant start;
  private Instant end;
  private Instant last;
  private final List<Step> steps = new ArrayList<>();
  private final List<Said> unanswered = new ArrayList<>();
  private final List<Said> interjected = new ArrayList<>();

  Work(Instant start) {
    this.start = start;
    this.end = start;
    this.last = start;
  }

  Instant start() {
    return start;
  }

  Instant end() {
    return end;
  }

  List<Step> steps() {
    return steps;
  }

  /** What was said after the prompt without opening a turn. */
  List<Said> interjected() {
    return interjected;
  }

  Optional<Answer> lastAnswer() {
    return steps.isEmpty() ? Optional.empty() : Optional.of(steps.getLast().answer);
  }

  /** Something went back to the model after its last answer. */
  boolean asked() {
    return steps.isEmpty() || last.isAfter(steps.getLast().answer.at());
  }

  String lastText() {
    return steps.reversed().stream()
        .map(step -> step.answer.text())
        .filter(text -> !text.isBlank())
        .findFirst()
        .orElse("");
  }

  void reach(@Nullable Instant at) {
    if (at != null && at.isAfter(end)) {
      end = at;
    }
  }

  void prompt(Said said) {
    unanswered.add(said);
  }

  void interject(Said said) {
    unanswered.add(said);
    interjected.add(said);
    moved(said.at());
  }

  void returned(Instant at) {
    moved(at);
  }

  private void moved(Instant at) {
    last = at.isAfter(last) ? at : last;
    reach(at);
  }

  boolean knows(String answerId) {
    return steps.stream().anyMatch(step -> step.answer.id().equals(answerId));
  }

  void answer(Answer answer) {
    for (Step step : steps) {
      if (step.answer.id().equals(answer.id())) {
        step.answer = step.answer.merged(answer);
        reachCalls(answer);
        return;
      }
    }
    if (answer.onlyCalls() && !steps.isEmpty()) {
      Step asking = steps.getLast();
      asking.answer = asking.answer.alsoCalling(answer.calls());
      reachCalls(answer);
      return;
    }
    if (answer.synthetic()) {
      return;
    }
    steps.add(new Step(unanswered, last.isAfter(answer.at()) ? answer.at() : last, answer));
    unanswered.clear();
    moved(answer.at());
    reachCalls(answer);
  }

  private void reachCalls(Answer answer) {
    answer.calls().forEach(call -> reach(call.at()));
  }

  /** The sub-agents its calls launched, by the names of their files. */
  List<String> launched() {
    return steps.stream()
        .flatMap(step -> step.answer.calls().stream())
        .map(Call::agentId)
        .flatMap(id -> id == null ? Stream.empty() : Stream.of(id))
        .toList();
  }
}
