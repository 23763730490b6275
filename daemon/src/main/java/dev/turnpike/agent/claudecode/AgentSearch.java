package dev.turnpike.agent.claudecode;

import dev.turnpike.agent.claudecode.AgentStream.Run;
import dev.turnpike.agent.claudecode.SessionFolder.AgentFile;
import dev.turnpike.agent.claudecode.SessionFolder.Meta;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Finds the files of the sub-agents that open turns have set to work. */
final class AgentSearch {
  private final Agents agents;
  private final SessionFolder folder;
  private final Collection<OpenTurn> turns;
  private final List<PendingAgent> pending;
  private final List<PendingWorkflow> workflows;

  AgentSearch(
      Agents agents,
      SessionFolder folder,
      Collection<OpenTurn> turns,
      List<PendingAgent> pending,
      List<PendingWorkflow> workflows) {
    this.agents = agents;
    this.folder = folder;
    this.turns = turns;
    this.pending = pending;
    this.workflows = workflows;
  }

  Set<Path> wanted() throws IOException {
    List<ToolRun> tools = tools();
    var wanted = new TreeSet<Path>();
    if (tools.isEmpty() && pending.isEmpty() && workflows.isEmpty()) {
      return wanted;
    }
    var listed = new TreeSet<String>();
    for (AgentFile file : folder.agents()) {
      listed.add(file.id());
      if (pending.stream().anyMatch(agent -> agent.agent().equals(file.id()))
          || workflows.stream().anyMatch(workflow -> unseen(workflow, file))
          || tools.stream().anyMatch(tool -> concerns(tool, file))) {
        agents.found(folder.fresh(file));
        wanted.add(file.path());
      }
    }
    for (ToolRun tool : tools) {
      var result = tool.result();
      String id = result == null ? null : result.agentId();
      if (id != null && !listed.contains(id)) {
        folder
            .besides(id)
            .ifPresent(
                file -> {
                  agents.found(file);
                  wanted.add(file.path());
                });
      }
    }
    for (PendingAgent agent : pending) {
      if (agent.file() != null && !listed.contains(agent.agent())) {
        wanted.add(agent.file());
      }
    }
    return wanted;
  }

  private static boolean unseen(PendingWorkflow workflow, AgentFile file) {
    return !workflow.agents().contains(file.id()) && Agents.inFolder(file, workflow.run());
  }

  private List<ToolRun> tools() {
    var tools = new ArrayList<ToolRun>();
    for (OpenTurn turn : turns) {
      if (!turn.repeat) {
        turn.work.tools().stream().filter(ToolRun::concernsAgent).forEach(tools::add);
      }
    }
    for (AgentStream stream : agents.streams().values()) {
      for (Run run : stream.runs()) {
        run.work.tools().stream().filter(ToolRun::concernsAgent).forEach(tools::add);
      }
    }
    return tools;
  }

  private boolean concerns(ToolRun tool, AgentFile file) {
    String toolUse = file.meta().map(Meta::toolUseId).orElse(null);
    if (tool.launchesAgent() && toolUse != null) {
      return toolUse.equals(tool.id);
    }
    var result = tool.result();
    if (result != null && result.workflow() != null) {
      return Agents.inFolder(file, result.workflow());
    }
    // Without a word of who launched it only its prompt can tell, and that is in the file.
    return agents.sentTo(tool, file.id())
        || (tool.agentTool() && (result == null || result.agentId() == null));
  }
}
