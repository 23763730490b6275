package dev.turnpike.agent.claudecode;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.turnpike.agent.AgentJson;
import dev.turnpike.agent.claudecode.AgentStream.Run;
import dev.turnpike.agent.claudecode.ClaudeLine.Chain;
import dev.turnpike.agent.claudecode.SessionFolder.AgentFile;
import dev.turnpike.agent.claudecode.SessionFolder.Meta;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The sub-agents of a session: their rows, and which tool call set them to work. An agent is linked
 * by {@code meta.toolUseId}, else by the agent id in the call's result, else by its prompt; never
 * by prompt id, which changes in the middle of a background agent's file (2.1.329, fixture
 * parallel-background).
 */
final class Agents {
  private static final int SENT_TO_LIMIT_CHARS = 64 * 1024;
  private static final int RECIPIENTS_LIMIT = 200;

  private final Map<String, AgentStream> streams = new TreeMap<>();
  private final Map<String, AgentFile> files = new TreeMap<>();
  private final Map<Path, String> ids = new HashMap<>();
  private final Map<String, String> sidechains = new HashMap<>();
  private final Map<String, String> notified = new LinkedHashMap<>();

  /** By tool call: asked for every file at every look, and a message may be long. */
  private final Map<String, Set<String>> recipients = new LinkedHashMap<>();

  /** An agent's file was found or looked at again. */
  void found(AgentFile file) {
    files.put(file.id(), file);
    ids.put(file.path(), file.id());
  }

  Optional<AgentFile> file(String id) {
    return Optional.ofNullable(files.get(id));
  }

  Optional<Meta> meta(String id) {
    return file(id).flatMap(AgentFile::meta);
  }

  /** Whether a file says that the call launched it. */
  boolean hasFile(String toolUseId) {
    return files.values().stream()
        .anyMatch(file -> file.meta().map(Meta::toolUseId).map(toolUseId::equals).orElse(false));
  }

  /** Ids of the agents in a workflow's folder. */
  List<String> inWorkflow(String workflow) {
    return files.values().stream()
        .filter(file -> inFolder(file, workflow))
        .map(AgentFile::id)
        .toList();
  }

  @Nullable AgentStream stream(String id) {
    return streams.get(id);
  }

  Map<String, AgentStream> streams() {
    return streams;
  }

  Optional<AgentStream> of(Path path, long position) {
    String id = ids.get(path);
    return id == null
        ? Optional.empty()
        : Optional.of(streams.computeIfAbsent(id, name -> new AgentStream(name, position)));
  }

  /** The file is read anew. */
  void restart(Path path) {
    String id = ids.get(path);
    if (id != null) {
      streams.remove(id);
    }
  }

  /** Rows of the main file are read anew, with the sub-agents' rows among them. */
  void restartSidechains() {
    sidechains.values().forEach(streams::remove);
    sidechains.clear();
  }

  void forget(String id) {
    streams.remove(id);
  }

  /**
   * A row of a sub-agent in the main file: versions before about 2.0. Without an agent id its chain
   * tells which.
   */
  void sidechain(long start, long rowEnd, ClaudeLine line) {
    Chain chain = line.chain();
    String id = chain.agentId();
    if (id == null && chain.parent() != null) {
      id = sidechains.get(chain.parent());
    }
    if (id == null) {
      id = chain.uuid();
    }
    if (id == null) {
      return;
    }
    if (chain.uuid() != null) {
      sidechains.put(chain.uuid(), id);
    }
    streams.computeIfAbsent(id, name -> new AgentStream(name, 0)).accept(start, rowEnd, line);
  }

  /** By the id of the agent, and by that of the tool call that launched it. */
  void notified(String id, String status) {
    notified.put(id, status);
    if (notified.size() > HookFacts.AGENT_LIMIT) {
      notified.remove(notified.keySet().iterator().next());
    }
  }

  @Nullable String notification(String agentId) {
    return notified.get(agentId);
  }

  Map<String, String> notifications() {
    return notified;
  }

  /** The runs a tool call set off, in the order they began. Depends on rows and names only. */
  List<Linked> runsOf(ToolRun tool) {
    var linked = new ArrayList<Linked>();
    if (!tool.concernsAgent()) {
      return linked;
    }
    for (AgentStream stream : streams.values()) {
      if (tool.launchesAgent() ? launched(tool, stream) : sentTo(tool, stream.id)) {
        for (Run run : stream.runs()) {
          if (tool.launchesAgent() ? run.launch : continues(tool, stream, run)) {
            linked.add(new Linked(stream, run));
          }
        }
      }
    }
    linked.sort((a, b) -> a.run().work.start.compareTo(b.run().work.start));
    return linked;
  }

  record Linked(AgentStream stream, Run run) {}

  private boolean launched(ToolRun tool, AgentStream stream) {
    String toolUse = meta(stream.id).map(Meta::toolUseId).orElse(null);
    if (toolUse != null) {
      return toolUse.equals(tool.id);
    }
    var result = tool.result();
    String workflow = result == null ? null : result.workflow();
    if (workflow != null) {
      return file(stream.id).map(f -> inFolder(f, workflow)).orElse(false);
    }
    if (result != null && result.agentId() != null) {
      return result.agentId().equals(stream.id);
    }
    String prompt = stream.prompt();
    return tool.agentTool()
        && prompt != null
        && !prompt.isEmpty()
        && prompt.equals(input(tool, "prompt"));
  }

  /** Agents of a workflow lie in a folder with the run's name (2.1.329, fixture workflow). */
  static boolean inFolder(AgentFile file, String workflow) {
    Path folder = file.path().getParent();
    return folder != null && workflow.equals(String.valueOf(folder.getFileName()));
  }

  /** What kind of agent it is: by its own file's word, else by the call that launched it. */
  String type(String agentId, ToolRun tool) {
    String told = meta(agentId).map(Meta::type).orElse(null);
    String asked = told == null ? input(tool, "subagent_type") : told;
    return asked == null ? "sub-agent" : asked;
  }

  /** The first run that began after the call and is no launch. */
  private boolean continues(ToolRun tool, AgentStream stream, Run run) {
    if (run.launch || run.work.start.isBefore(tool.start)) {
      return false;
    }
    for (Run other : stream.runs()) {
      if (!other.launch && !other.work.start.isBefore(tool.start)) {
        return other == run;
      }
    }
    return false;
  }

  /** Whom a message woke: as its result says, else by the id it was sent to. */
  boolean sentTo(ToolRun tool, String agentId) {
    var result = tool.result();
    if (result != null && result.agentId() != null) {
      return agentId.equals(result.agentId());
    }
    if (!tool.writesToAgent()) {
      return false;
    }
    Set<String> known = recipients.get(tool.id);
    if (known == null) {
      known = recipients(tool);
      recipients.put(tool.id, known);
      if (recipients.size() > RECIPIENTS_LIMIT) {
        recipients.remove(recipients.keySet().iterator().next());
      }
    }
    return known.contains(agentId);
  }

  private Set<String> recipients(ToolRun tool) {
    return Stream.of("to", "agentId", "agent_id", "recipient")
        .flatMap(field -> Stream.ofNullable(input(tool, field)))
        .collect(Collectors.toUnmodifiableSet());
  }

  private @Nullable String input(ToolRun tool, String field) {
    if (tool.inputJson.length() > SENT_TO_LIMIT_CHARS) {
      return null;
    }
    try {
      JsonNode input = AgentJson.MAPPER.readTree(tool.inputJson);
      return LineParser.text(input, field);
    } catch (JacksonException e) {
      // Written by a JSON node of ours, so it cannot be anything else.
      throw new IllegalStateException("tool input of " + tool.name + " is not JSON", e);
    }
  }
}
