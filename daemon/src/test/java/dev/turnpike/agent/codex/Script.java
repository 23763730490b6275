package dev.turnpike.agent.codex;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Writes the file of a thread row by row, as Codex 0.169.0 does (or, without ordinals, 0.142.3).
 */
final class Script {
  static final String THREAD = "01a1f8f5-0000-7000-8000-00000000000%d";

  final Path file;
  final String thread;
  private final boolean ordinals;
  private int ordinal;

  Script(Path home, int number, boolean ordinals) {
    this.thread = THREAD.formatted(number);
    this.ordinals = ordinals;
    Path day = home.resolve(".codex/sessions/2026/11/20");
    this.file = day.resolve("rollout-2026-11-20T12-00-00-" + thread + ".jsonl");
    try {
      Files.createDirectories(day);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String at(double second) {
    return "2026-11-20T12:00:%06.3fZ".formatted(second);
  }

  /** Single quotes stand for double ones. */
  Script row(double second, String type, String payload) {
    String ordinal = ordinals ? "\"ordinal\":" + this.ordinal++ + "," : "";
    return raw(
        "{\"timestamp\":\"%s\",%s\"type\":\"%s\",\"payload\":%s}"
            .formatted(at(second), ordinal, type, payload.replace('\'', '"')));
  }

  Script raw(String line) {
    try {
      Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  Script event(double second, String payload) {
    return row(second, "event_msg", payload);
  }

  Script response(double second, String payload) {
    return row(second, "response_item", payload);
  }

  Script meta(String more) {
    return row(
        0,
        "session_meta",
        "{'id':'%s','cli_version':'0.169.0','source':'exec'%s}".formatted(thread, more));
  }

  Script begin(double second, String turn, String more) {
    event(second, "{'type':'task_started','turn_id':'%s'%s}".formatted(turn, more));
    return row(second, "turn_context", "{'turn_id':'%s','model':'gpt-5.5'}".formatted(turn));
  }

  Script prompt(double second, String turn, String text) {
    return item(
        second,
        turn,
        "{'type':'UserMessage','id':'um-%s-%s','content':[{'type':'text','text':'%s'}]}"
            .formatted(turn, second, text));
  }

  Script item(double second, String turn, String item) {
    return event(
        second, "{'type':'item_completed','turn_id':'%s','item':%s}".formatted(turn, item));
  }

  Script command(double second, String turn, String call, String output, int exit) {
    return item(
        second,
        turn,
        "{'type':'CommandExecution','id':'%s','command':['/bin/bash','-lc','make'],'status':'%s','aggregated_output':'%s','exit_code':%d}"
            .formatted(call, exit == 0 ? "completed" : "failed", output, exit));
  }

  Script says(double second, String text) {
    return response(
        second,
        "{'type':'message','role':'assistant','content':[{'type':'output_text','text':'%s'}]}"
            .formatted(text));
  }

  Script calls(double second, String call, String name, String arguments) {
    return response(
        second,
        "{'type':'function_call','name':'%s','arguments':'%s','call_id':'%s'}"
            .formatted(name, arguments, call));
  }

  Script answers(double second, String call, String output) {
    return response(
        second,
        "{'type':'function_call_output','call_id':'%s','output':'%s'}".formatted(call, output));
  }

  Script tokens(double second, String turn, String response, int input, int output) {
    return row(
        second,
        "token_usage_record",
        "{'turn_id':'%s','response_id':'%s','usage':{'input_tokens':%d,'output_tokens':%d}}"
            .formatted(turn, response, input, output));
  }

  Script count(double second, int total, int last) {
    return event(
        second,
        "{'type':'token_count','info':{'total_token_usage':{'total_tokens':%d},'last_token_usage':{'input_tokens':%d,'total_tokens':%d}}}"
            .formatted(total, last, last));
  }

  Script complete(double second, String turn, String answer) {
    return event(
        second,
        "{'type':'task_complete','turn_id':'%s','last_agent_message':'%s'}"
            .formatted(turn, answer));
  }

  /** A whole turn of one model call. */
  Script turn(double second, String turn, String prompt, String answer) {
    return begin(second, turn, "")
        .prompt(second + 0.1, turn, prompt)
        .says(second + 0.5, answer)
        .tokens(second + 0.6, turn, "resp-" + turn, 10, 2)
        .complete(second + 0.9, turn, answer);
  }
}
