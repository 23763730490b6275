package dev.turnpike.agent.codex;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One tool call while its rows come in: the model's request, the item that says how the tool went,
 * and what went back to the model.
 */
final class ToolRun {
  private static final Pattern STILL_RUNNING =
      Pattern.compile("^Process running with session ID \\d+", Pattern.MULTILINE);

  private static final Pattern EXITED =
      Pattern.compile("^(?:Process exited with code|Exit code:) (-?\\d{1,10})$", Pattern.MULTILINE);

  final String id;
  final Instant asked;
  String name = "tool";
  String input = "";

  /** {@link #input} is JSON text. */
  boolean json;

  /** Key of the model call that asked for it; absent for what code mode and the user start. */
  @Nullable ModelStep requestedBy;

  /** The call of code mode that runs this one. */
  @Nullable String inside;

  /** Run by the provider: nothing goes back to it. */
  boolean serverSide;

  /** Its end stands in an item of its own (from 0.148). */
  boolean itemised;

  private @Nullable JsonNode item;
  private Instant itemEnded = Instant.EPOCH;
  private @Nullable String answer;
  private Instant answered = Instant.EPOCH;
  private boolean failedWhenAnswered;

  ToolRun(String id, Instant asked) {
    this.id = id;
    this.asked = asked;
  }

  // ---- what is read

  void item(JsonNode said, Instant ended) {
    if (item == null) {
      item = said;
      itemEnded = ended;
    }
  }

  void answer(String text, Instant at) {
    if (answer == null) {
      answer = text;
      answered = at;
      failedWhenAnswered = !aborted() && failure() != null;
    }
  }

  // ---- how it went

  boolean isAnswered() {
    return answer != null;
  }

  boolean finished() {
    return item != null || answer != null;
  }

  /** The model went on while the command ran: its end comes later, maybe after the turn. */
  boolean inBackground() {
    String said = answer;
    return itemised && item == null && said != null && STILL_RUNNING.matcher(head(said)).find();
  }

  boolean failedWhenAnswered() {
    return failedWhenAnswered;
  }

  /** What the agent says last; a user who interrupts leaves nothing else that is certain. */
  boolean aborted() {
    String said = answer;
    return said != null && said.strip().endsWith("aborted by user");
  }

  Instant ended(Instant turnEnd) {
    if (item != null && !aborted()) {
      return itemEnded;
    }
    return answer != null ? answered : serverSide ? asked : turnEnd;
  }

  /** The tool's own output where an item has it, else what the model was told. */
  String output() {
    String own = item == null || aborted() ? "" : itemOutput(item);
    String said = answer;
    return !own.isBlank() || said == null ? own : said;
  }

  @Nullable String exitCode() {
    JsonNode said = item;
    if (said != null && said.path("exit_code").isNumber()) {
      return said.path("exit_code").asText();
    }
    String text = answer;
    if (text == null) {
      return null;
    }
    Matcher code = EXITED.matcher(head(text));
    if (code.find()) {
      return code.group(1);
    }
    JsonNode of = text.startsWith("{") ? Row.parsed(text).path("metadata").path("exit_code") : null;
    return of != null && of.isNumber() ? of.asText() : null;
  }

  @Nullable String durationMillis() {
    JsonNode duration = item == null ? null : item.path("duration");
    return duration == null || !duration.isObject()
        ? null
        : Long.toString(
            duration.path("secs").asLong() * 1000 + duration.path("nanos").asLong() / 1_000_000);
  }

  /** What went wrong; absent if nothing did. */
  @Nullable String failure() {
    JsonNode said = item;
    String code = exitCode();
    if (code != null && !code.equals("0") && !name.equals("write_stdin")) {
      return "exit code " + code;
    }
    if (said == null) {
      return answer == null ? null : failureInText(answer);
    }
    JsonNode result = said.path("result");
    String error =
        result.has("Err") ? result.path("Err").asText() : Row.readable(said.path("error"));
    if (error.isEmpty()) {
      error = Row.text(said.path("error"), "message", "");
    }
    boolean refused =
        result.path("isError").asBoolean() || result.path("Ok").path("isError").asBoolean();
    String status = Row.text(said, "status", "");
    boolean failed =
        refused
            || status.equals("failed")
            || status.equals("declined")
            || (said.has("success") && !said.path("success").asBoolean());
    if (error.isEmpty() && !failed) {
      return null;
    }
    String text = error.isEmpty() ? Row.text(said, "stderr", "") : error;
    if (text.isBlank()) {
      text = status.equals("declined") ? "declined" : itemOutput(said);
    }
    return text.isBlank() ? "failed" : text;
  }

  private static @Nullable String failureInText(String text) {
    for (String start :
        new String[] {
          "apply_patch verification failed",
          "unsupported call:",
          "write_stdin failed",
          "Script failed",
          "exec_command failed"
        }) {
      if (text.startsWith(start)) {
        return text;
      }
    }
    return null;
  }

  /** Of a shell's answer what Codex says itself, before what the command wrote. */
  private static String head(String text) {
    int output = text.indexOf("\nOutput:");
    return output < 0 ? text : text.substring(0, output);
  }

  private static String itemOutput(JsonNode item) {
    JsonNode result = item.path("result");
    JsonNode content =
        result.has("Ok") ? result.path("Ok").path("content") : result.path("content");
    String text = Row.readable(content);
    if (text.isBlank()) {
      text = Row.text(item, "aggregated_output", "");
    }
    if (text.isBlank()) {
      text = Row.text(item, "stdout", "");
    }
    return text;
  }
}
