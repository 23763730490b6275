package dev.turnpike.agent.claudecode;

import dev.turnpike.agent.claudecode.ClaudeLine.ApiFailure;
import dev.turnpike.agent.claudecode.ClaudeLine.ApiRequest;
import dev.turnpike.agent.claudecode.ClaudeLine.ApiRetry;
import dev.turnpike.agent.claudecode.ClaudeLine.AssistantRow;
import dev.turnpike.agent.claudecode.ClaudeLine.Block;
import dev.turnpike.agent.claudecode.ClaudeLine.CompactBoundary;
import dev.turnpike.agent.claudecode.ClaudeLine.Opener;
import dev.turnpike.agent.claudecode.ClaudeLine.Steering;
import dev.turnpike.agent.claudecode.ClaudeLine.ToolResult;
import dev.turnpike.agent.claudecode.ClaudeLine.ToolResults;
import dev.turnpike.model.ContentKind;
import dev.turnpike.model.Part;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the rows of one turn, or of one run of a sub-agent, add up to. A function of its rows alone:
 * rows come in file order, a row that comes again (same uuid) changes nothing.
 */
final class Work {
  /** A failed attempt, with the start of its request. */
  record Retry(ApiRetry row, Instant start, Instant end) {}

  /** A compaction; {@code summary} is what the model goes on with. */
  record Compaction(CompactBoundary row, Instant at, @Nullable String summary) {
    Compaction withSummary(String text) {
      return summary == null ? new Compaction(row, at, text) : this;
    }
  }

  record SteeringNote(String id, String text, Instant at) {}

  final Opener opener;
  final Instant start;

  private final Map<String, ModelCall> calls = new LinkedHashMap<>();
  private final Map<String, ToolRun> tools = new LinkedHashMap<>();
  private final Map<String, Instant> requests = new HashMap<>();
  private final List<Retry> retries = new ArrayList<>();
  private final List<Compaction> compactions = new ArrayList<>();
  private final List<SteeringNote> steering = new ArrayList<>();
  private final Set<String> seen = new HashSet<>();
  private final List<Part> fresh = new ArrayList<>();
  private final Set<String> origins = new LinkedHashSet<>();
  private Instant latest;
  private Instant waitedFor;
  private @Nullable Instant lastRequest;
  private int freshRetries;
  private @Nullable ModelCall lastCall;
  private @Nullable ApiFailure failure;
  private @Nullable Instant interrupted;
  private boolean mended;

  Work(Opener opener, Instant start) {
    this.opener = opener;
    this.start = start;
    this.latest = start;
    this.waitedFor = start;
    if (opener.chain().uuid() != null) {
      seen.add(opener.chain().uuid());
    }
    if (!opener.readable().isEmpty()) {
      fresh.add(new Part.Text(ContentKind.PROMPT, opener.readable()));
    }
    fresh.addAll(opener.media());
    note(opener.chain());
  }

  /** Whether the row is new to this work. Rows without a uuid always are. */
  boolean first(ClaudeLine.Chain chain) {
    return chain.uuid() == null || seen.add(chain.uuid());
  }

  private void note(ClaudeLine.Chain chain) {
    if (chain.origin() != null) {
      origins.add(chain.origin());
    }
  }

  void assistant(AssistantRow row, Instant at) {
    note(row.chain());
    if (row.failure() != null) {
      failure = row.failure();
      reach(at);
      return;
    }
    if (row.synthetic()) {
      mended = true;
      return;
    }
    failure = null;
    var call = calls.get(row.messageId());
    if (call == null) {
      call = new ModelCall(row.messageId(), fresh, waitedFor, freshRetries, at);
      calls.put(row.messageId(), call);
      fresh.clear();
      freshRetries = 0;
    }
    call.add(row, at);
    lastCall = call;
    for (Block block : row.blocks()) {
      if (block instanceof Block.ToolUse(var id, var name, var input, var server)) {
        tools.putIfAbsent(id, new ToolRun(id, name, input, server, at));
      } else if (block instanceof Block.ServerResult(var of, var text, var error)) {
        var tool = tools.get(of);
        if (tool != null) {
          tool.settle(
              new ToolResult(
                  of, text, null, List.of(), error, null, null, false, null, null, null, null),
              at);
        }
      }
    }
    reach(at);
  }

  /** Whether a result in that row is of a call of its own. */
  boolean ownsAny(ToolResults row) {
    for (ToolResult result : row.results()) {
      if (tools.containsKey(result.callId())) {
        return true;
      }
    }
    return false;
  }

  void results(ToolResults row, Instant at) {
    note(row.chain());
    for (ToolResult result : row.results()) {
      var tool = tools.get(result.callId());
      if (tool != null && !tool.settled()) {
        tool.settle(result, at);
        fresh.add(new Part.ToolResult(result.callId(), result.text(), result.error()));
        fresh.addAll(result.media());
        waitedFor = later(waitedFor, at);
        reach(at);
      }
    }
  }

  void request(ApiRequest row, Instant at) {
    requests.put(row.id(), at);
    lastRequest = at;
  }

  void retry(ApiRetry row, Instant at) {
    Instant begun = lastRequest == null || lastRequest.isAfter(at) ? at : lastRequest;
    retries.add(new Retry(row, begun, at));
    freshRetries++;
    waitedFor = later(waitedFor, at.plus(Duration.ofMillis(Math.max(0, row.retryInMillis()))));
    reach(at);
  }

  void compacted(Compaction compaction) {
    compactions.add(compaction);
    reach(compaction.at());
  }

  boolean summarised(String text) {
    if (compactions.isEmpty()) {
      return false;
    }
    compactions.set(compactions.size() - 1, compactions.getLast().withSummary(text));
    return true;
  }

  void steered(Steering row, Instant at) {
    String id = row.chain().uuid();
    steering.add(new SteeringNote(id == null ? "at " + at : id, row.text(), at));
    fresh.add(new Part.Text(ContentKind.PROMPT, row.text()));
    fresh.addAll(row.media());
    reach(at);
  }

  /** Text of the CLI's own making that the next call got to see. */
  void injected(String text, @Nullable String toolUseId) {
    var tool = toolUseId == null ? null : tools.get(toolUseId);
    if (tool != null) {
      tool.inject(text);
    }
    if (!text.isEmpty()) {
      fresh.add(new Part.Text(ContentKind.PROMPT, text));
    }
  }

  void interrupt(Instant at) {
    interrupted = at;
    reach(at);
  }

  private void reach(Instant at) {
    latest = later(latest, at);
  }

  private static Instant later(Instant a, Instant b) {
    return a.isBefore(b) ? b : a;
  }

  /** The latest moment any row of it tells of. */
  Instant latest() {
    return latest;
  }

  Collection<ModelCall> calls() {
    return calls.values();
  }

  Collection<ToolRun> tools() {
    return tools.values();
  }

  @Nullable ToolRun tool(String id) {
    return tools.get(id);
  }

  List<Retry> retries() {
    return retries;
  }

  List<Compaction> compactions() {
    return compactions;
  }

  List<SteeringNote> steering() {
    return steering;
  }

  /** Start of the request that a row names; also of requests without an answer. */
  @Nullable Instant request(@Nullable String id) {
    return id == null ? null : requests.get(id);
  }

  @Nullable Instant lastRequest() {
    return lastRequest;
  }

  @Nullable ModelCall lastCall() {
    return lastCall;
  }

  /** The request that ended it; null if the model went on after it. */
  @Nullable ApiFailure failure() {
    return failure;
  }

  /**
   * The CLI wrote an answer of its own ("No response requested."), as it does when a session that
   * was killed is taken up again.
   */
  boolean mended() {
    return mended;
  }

  boolean interrupted() {
    return interrupted != null;
  }

  /** Sessions its rows name as their own. */
  Set<String> origins() {
    return origins;
  }

  /** The model has spoken and is waiting for nothing. */
  boolean answered() {
    return lastCall != null && lastCall.terminal() && allSettled();
  }

  boolean allSettled() {
    return tools.values().stream().allMatch(ToolRun::settled);
  }

  /** Nothing more will come of it by its own rows' word. */
  boolean over() {
    return answered() || failure != null || interrupted != null;
  }

  /** Text of the last message. */
  String finalText() {
    return lastCall == null ? "" : lastCall.text();
  }

  /** The last thing the model said at all. */
  String lastText() {
    String text = "";
    for (ModelCall call : calls.values()) {
      String said = call.text();
      text = said.isEmpty() ? text : said;
    }
    return text;
  }
}
