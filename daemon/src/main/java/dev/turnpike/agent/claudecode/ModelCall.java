package dev.turnpike.agent.claudecode;

import dev.turnpike.agent.claudecode.ClaudeLine.AssistantRow;
import dev.turnpike.agent.claudecode.ClaudeLine.Block;
import dev.turnpike.agent.claudecode.ClaudeLine.TokenCount;
import dev.turnpike.model.Part;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One model call: all assistant rows with one {@code message.id}, merged. Claude Code writes a row
 * per content block, each with the usage of the whole message (2.1.329) or with a partial one
 * (2.1.14), so usage is taken once, from the row with the most output.
 */
final class ModelCall {
  /**
   * A message with one of these is an answer; anything else means that the model goes on or was
   * cut.
   */
  private static final Set<String> CONTINUING = Set.of("tool_use");

  private static final Set<String> SHORTENED =
      Set.of("max_tokens", "refusal", "model_context_window_exceeded");

  private record Placed(int index, int arrival, Block block) {}

  final String id;

  /** What was new for this call. */
  final List<Part> input;

  /** Start of the call if no api-request row tells: the latest thing it waited for. */
  final Instant startFallback;

  /** Failed attempts before it. */
  final int retries;

  private final List<Placed> blocks = new ArrayList<>();
  private int arrivals;
  private Instant first;
  private Instant last;
  private @Nullable TokenCount usage;
  private @Nullable String model;
  private @Nullable String requestedModel;
  private @Nullable String stopReason;
  private @Nullable String requestId;
  private @Nullable String requestRef;
  private @Nullable String effort;
  private @Nullable String skill;
  private long thinkingMillis;
  private boolean modern;

  ModelCall(String id, List<Part> input, Instant startFallback, int retries, Instant at) {
    this.id = id;
    this.input = List.copyOf(input);
    this.startFallback = startFallback;
    this.retries = retries;
    this.first = at;
    this.last = at;
  }

  /** Rows that were seen before (by uuid) must not come here. */
  void add(AssistantRow row, Instant at) {
    for (Block block : row.blocks()) {
      if (!repeats(block, row)) {
        blocks.add(new Placed(row.blockIndex(), arrivals++, block));
      }
    }
    first = at.isBefore(first) ? at : first;
    last = at.isAfter(last) ? at : last;
    TokenCount count = row.usage();
    if (count != null && (usage == null || count.output() >= usage.output())) {
      usage = count;
    }
    model = row.model() == null ? model : row.model();
    requestedModel = row.requestedModel() == null ? requestedModel : row.requestedModel();
    stopReason = row.stopReason() == null ? stopReason : row.stopReason();
    requestId = row.requestId() == null ? requestId : row.requestId();
    requestRef = row.requestRef() == null ? requestRef : row.requestRef();
    effort = row.effort() == null ? effort : row.effort();
    skill = row.skill() == null ? skill : row.skill();
    thinkingMillis += Math.max(0, row.thinkingMillis());
    modern |= row.requestRef() != null || row.blockIndex() >= 0;
  }

  /**
   * A rewritten file may hold a row again under another uuid: a tool use once is once, a numbered
   * block too.
   */
  private boolean repeats(Block block, AssistantRow row) {
    for (Placed placed : blocks) {
      boolean sameCall =
          block instanceof Block.ToolUse(var id, var _, var _, var _)
              && placed.block() instanceof Block.ToolUse(var other, var _, var _, var _)
              && id.equals(other);
      boolean sameIndex =
          row.blocks().size() == 1
              && row.blockIndex() >= 0
              && placed.index() == row.blockIndex()
              && placed.block().equals(block);
      if (sameCall || sameIndex) {
        return true;
      }
    }
    return false;
  }

  List<Block> blocks() {
    var sorted = new ArrayList<>(blocks);
    sorted.sort(
        (a, b) ->
            a.index() >= 0 && b.index() >= 0 && a.index() != b.index()
                ? Integer.compare(a.index(), b.index())
                : Integer.compare(a.arrival(), b.arrival()));
    var placed = new ArrayList<Block>(sorted.size());
    for (Placed each : sorted) {
      placed.add(each.block());
    }
    return placed;
  }

  String text() {
    var text = new StringBuilder();
    for (Block block : blocks()) {
      if (block instanceof Block.Text(var part)) {
        text.append(text.isEmpty() ? "" : "\n").append(part);
      }
    }
    return text.toString();
  }

  boolean asksForTools() {
    return blocks.stream()
        .anyMatch(
            p -> p.block() instanceof Block.ToolUse(var _, var _, var _, var server) && !server);
  }

  /**
   * Whether the message itself says that the model is done. Versions before about 2.1.200 never
   * wrote a stop reason; since then its absence means that the message was cut.
   */
  boolean terminal() {
    return stopReason == null ? !modern && !asksForTools() : !CONTINUING.contains(stopReason);
  }

  boolean partial() {
    return stopReason == null && modern;
  }

  boolean shortened() {
    return stopReason != null && SHORTENED.contains(stopReason);
  }

  Instant firstAt() {
    return first;
  }

  Instant lastAt() {
    return last;
  }

  @Nullable TokenCount usage() {
    return usage;
  }

  @Nullable String model() {
    return model;
  }

  @Nullable String requestedModel() {
    return requestedModel;
  }

  @Nullable String stopReason() {
    return stopReason;
  }

  @Nullable String requestId() {
    return requestId;
  }

  @Nullable String requestRef() {
    return requestRef;
  }

  @Nullable String effort() {
    return effort;
  }

  @Nullable String skill() {
    return skill;
  }

  long thinkingMillis() {
    return thinkingMillis;
  }
}
