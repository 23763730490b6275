package dev.turnpike.agent.gemini;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.turnpike.agent.AgentJson;
import dev.turnpike.agent.gemini.Row.Call;
import dev.turnpike.agent.gemini.Row.Said;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The file of a sub-agent, {@code chats/<session id>/<agent id>.jsonl}: the same rows as a
 * session's, one prompt. It is whole when the call that launched it stands in the session's file.
 */
final class SubAgent {
  private final String id;
  private @Nullable Work work;
  private @Nullable Said task;

  SubAgent(String id) {
    this.id = id;
  }

  String id() {
    return id;
  }

  /** Absent until the file was seen. */
  @Nullable Work work() {
    return work;
  }

  /** Whether it began at {@code from} or later, and before {@code until}. */
  boolean began(Instant from, Instant until) {
    Work known = work;
    return known != null && !known.start().isBefore(from) && known.start().isBefore(until);
  }

  /** What it was told to do, as it was given it. */
  String task() {
    Said said = task;
    return said == null ? "" : said.text();
  }

  List<String> launched() {
    return work == null ? List.of() : work.launched();
  }

  /** Whether the files of all these are there, and of those they launched. */
  static boolean read(List<String> ids, Map<String, SubAgent> agents) {
    return ids.stream()
        .allMatch(
            id -> {
              SubAgent agent = agents.get(id);
              return agent != null && agent.work() != null && read(agent.launched(), agents);
            });
  }

  void restart() {
    work = null;
    task = null;
  }

  void accept(Row row) {
    Work at = work;
    switch (row) {
      case Row.Header header -> {
        if (at == null) {
          work = new Work(header.at());
        }
      }
      case Said said -> {
        if (at != null && task == null) {
          task = said;
          at.prompt(said);
          at.returned(said.at());
        } else if (at != null) {
          at.interject(said);
        }
      }
      case Row.Answer answer -> {
        if (at != null) {
          at.answer(answer);
        }
      }
      case Row.Returned returned -> {
        if (at != null) {
          at.returned(returned.at());
        }
      }
      case Row.Resumed _,
          Row.Remark _,
          Row.History _,
          Row.Rewound _,
          Row.Passed _,
          Row.Unknown _,
          Row.Unreadable _ -> {}
    }
  }

  /** {@code {"agent_name":"codebase_investigator","prompt":"Find out where prices are kept."}} */
  String type(Call call) {
    String name = RowParser.text(arguments(call), "agent_name");
    return name == null ? call.name() : name;
  }

  String task(Call call) {
    String prompt = RowParser.text(arguments(call), "prompt");
    return prompt != null ? prompt : task();
  }

  private static JsonNode arguments(Call call) {
    try {
      return AgentJson.MAPPER.readTree(call.arguments());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree's own text is no JSON", e);
    }
  }
}
