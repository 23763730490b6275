package dev.turnpike.agent.claudecode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.turnpike.agent.Circumstances;
import dev.turnpike.agent.claudecode.Agents.Linked;
import dev.turnpike.agent.claudecode.SessionFolder.AgentFile;
import dev.turnpike.agent.claudecode.SessionFolder.Meta;
import dev.turnpike.model.Observation;
import dev.turnpike.model.TraceId;
import dev.turnpike.model.TraceSeed;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Sub-agents and workflows that go on when the turn that launched them has gone out. Each goes out
 * by itself, below the call that launched it, once it has come to its end.
 */
final class Background {
  /**
   * What has come to its end.
   *
   * @param last nothing more will come of this trace
   */
  record Part(TraceId trace, List<Observation> observations, boolean last) {}

  private final Agents agents;
  private final HookFacts hooks;
  private final Endings endings;
  private final Positions positions;
  private final Function<String, Optional<String>> wholeOutput;
  private final List<PendingAgent> pending = new ArrayList<>();
  private final List<PendingWorkflow> workflows = new ArrayList<>();

  Background(
      Agents agents,
      HookFacts hooks,
      Endings endings,
      Positions positions,
      Function<String, Optional<String>> wholeOutput) {
    this.agents = agents;
    this.hooks = hooks;
    this.endings = endings;
    this.positions = positions;
    this.wholeOutput = wholeOutput;
  }

  boolean open() {
    return !pending.isEmpty() || !workflows.isEmpty();
  }

  /** A hook has said of one of them that it stopped. */
  boolean agentStopped() {
    return pending.stream().anyMatch(agent -> hooks.agentHasStopped(agent.agent()));
  }

  AgentSearch search(SessionFolder folder, Collection<OpenTurn> turns) {
    return new AgentSearch(agents, folder, turns, pending, workflows);
  }

  Observations observations(TraceSeed seed, Circumstances now) {
    return new Observations(
        seed, agents, new ToolSpans(hooks, wholeOutput), linked -> endings.done(linked, now));
  }

  /** Takes note of what went out with a trace and what is to come. */
  void settle(Observations made) {
    pending.addAll(made.pending());
    workflows.addAll(made.workflows());
    for (Linked linked : made.told()) {
      linked.run().work.tools().forEach(tool -> hooks.forgetTool(tool.id));
      AgentStream stream = linked.stream();
      stream.runs().remove(linked.run());
      agents.file(stream.id).ifPresent(file -> positions.at(file.path(), stream.position()));
      if (stream.runs().isEmpty()) {
        agents.forget(stream.id);
      }
    }
  }

  /** The next that has come to its end. Takes it off. */
  Optional<Part> next(Circumstances now) {
    Optional<Part> over = lookAfterWorkflows(now);
    if (over.isPresent()) {
      return over;
    }
    for (PendingAgent agent : List.copyOf(pending)) {
      Optional<Linked> linked = linked(agent);
      if (linked.isPresent() && endings.done(linked.get(), now)) {
        pending.remove(agent);
        Observations made = observations(agent.seed(), now);
        made.run(linked.get(), agent.call(), agent.type(), true);
        settle(made);
        return Optional.of(new Part(agent.seed().traceId(), made.all(), !expected(agent.seed())));
      }
      if (linked.isEmpty() && endings.abandoned(now)) {
        pending.remove(agent);
        return Optional.of(new Part(agent.seed().traceId(), List.of(), !expected(agent.seed())));
      }
    }
    return Optional.empty();
  }

  private Optional<Linked> linked(PendingAgent agent) {
    AgentStream stream = agents.stream(agent.agent());
    return stream == null
        ? Optional.empty()
        : stream.runs().stream()
            .filter(agent::means)
            .map(run -> new Linked(stream, run))
            .findFirst();
  }

  private boolean expected(TraceSeed seed) {
    return pending.stream().anyMatch(other -> other.seed().equals(seed))
        || workflows.stream().anyMatch(other -> other.seed().equals(seed));
  }

  /** Agents that a workflow has launched since its turn went out; and workflows that are over. */
  private Optional<Part> lookAfterWorkflows(Circumstances now) {
    for (PendingWorkflow workflow : List.copyOf(workflows)) {
      PendingWorkflow known = workflow;
      for (String id : agents.inWorkflow(workflow.run())) {
        AgentStream stream = agents.stream(id);
        if (stream != null && !stream.runs().isEmpty() && !known.agents().contains(id)) {
          String type = agents.meta(id).map(Meta::type).orElse("sub-agent");
          Path path = agents.file(id).map(AgentFile::path).orElse(null);
          pending.add(new PendingAgent(id, path, 0, true, workflow.seed(), type, workflow.call()));
          known = known.with(id);
        }
      }
      workflows.remove(workflow);
      boolean notified = agents.notification(workflow.toolUseId()) != null && now.caughtUp();
      if (!notified && !endings.abandoned(now)) {
        workflows.add(known);
      } else if (!expected(workflow.seed())) {
        return Optional.of(new Part(workflow.seed().traceId(), List.of(), true));
      }
    }
    return Optional.empty();
  }

  void write(ObjectNode carry) {
    Carry.write(carry, pending, agents.notifications());
    Carry.writeWorkflows(carry, workflows);
  }

  void read(JsonNode carry) {
    pending.addAll(Carry.pending(carry));
    workflows.addAll(Carry.workflows(carry));
    for (PendingAgent agent : pending) {
      if (agent.file() != null) {
        agents.found(new AgentFile(agent.agent(), agent.file(), Optional.empty()));
      }
    }
  }
}
