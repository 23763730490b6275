package dev.turnpike.agent.claudecode;

import dev.turnpike.model.SpanId;
import dev.turnpike.model.TraceSeed;
import java.util.Set;
import java.util.TreeSet;

/**
 * A workflow that went on when its turn went out: it launches sub-agents of its own accord until a
 * notification for the call that launched it.
 *
 * @param run name of the folder with its agents
 * @param agents those that are accounted for or pending by themselves
 */
record PendingWorkflow(
    String run, String toolUseId, TraceSeed seed, SpanId call, Set<String> agents) {
  PendingWorkflow {
    agents = new TreeSet<>(agents);
  }

  PendingWorkflow with(String agent) {
    var more = new TreeSet<>(agents);
    more.add(agent);
    return new PendingWorkflow(run, toolUseId, seed, call, more);
  }
}
