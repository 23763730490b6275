package dev.turnpike.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.turnpike.cli.setup.Step;
import dev.turnpike.cli.setup.Step.Done;
import dev.turnpike.cli.setup.Step.State;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Takes steps one after the other and says what became of each; or, in a dry run, only what they
 * would be. One that fails does not keep the others from being tried.
 *
 * <p>As JSON: {@code {"dryRun": false, "ok": true, "steps": [{"state": "done", "text": "..."}]}}
 */
final class StepPrinter {
  private final Context context;
  private final boolean json;
  private final List<Done> all = new ArrayList<>();

  StepPrinter(Context context, boolean json) {
    this.context = context;
    this.json = json;
  }

  void plan(List<Step> steps) {
    for (Step step : steps) {
      tell(new Done(step.before(), step.text()));
    }
  }

  /**
   * @return whether nothing failed
   */
  boolean take(List<Step> steps) throws InterruptedException {
    for (Step step : steps) {
      if (step.planned()) {
        take(step);
      } else {
        tell(new Done(step.before(), step.text()));
      }
    }
    return well();
  }

  private void take(Step step) throws InterruptedException {
    try {
      step.work().run().forEach(this::tell);
    } catch (IOException e) {
      tell(new Done(State.FAILED, "%s: %s".formatted(step.text(), reason(e))));
    }
  }

  /** Exceptions of the file system often hold nothing but a path. */
  private static String reason(IOException e) {
    String message = String.valueOf(e.getMessage());
    return message.contains(" ")
        ? message
        : "%s (%s)".formatted(message, e.getClass().getSimpleName());
  }

  boolean silent() {
    return all.isEmpty();
  }

  boolean well() {
    return all.stream().noneMatch(done -> done.state() == State.FAILED);
  }

  void tell(Done done) {
    all.add(done);
    if (!json) {
      context.say("%-9s %s%n".formatted(word(done.state()), done.text()));
    }
  }

  private static String word(State state) {
    return switch (state) {
      case DONE -> "done";
      case UNCHANGED -> "ok";
      case PLANNED -> "would";
      case NOTE -> "note";
      case FAILED -> "FAILED";
    };
  }

  /** To be called once, at the end. */
  void finish(boolean dryRun) throws IOException {
    if (json) {
      var mapper = new ObjectMapper();
      var report = mapper.createObjectNode();
      report.put("dryRun", dryRun);
      report.put("ok", well());
      var steps = report.putArray("steps");
      for (Done done : all) {
        steps
            .addObject()
            .put("state", word(done.state()).toLowerCase(Locale.ROOT))
            .put("text", done.text());
      }
      context.say(mapper.writeValueAsString(report) + "\n");
    }
  }
}
