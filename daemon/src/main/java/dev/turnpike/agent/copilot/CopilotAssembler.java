package dev.turnpike.agent.copilot;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.turnpike.agent.AgentJson;
import dev.turnpike.agent.Circumstances;
import dev.turnpike.agent.Finished;
import dev.turnpike.agent.FollowedFile;
import dev.turnpike.agent.Line;
import dev.turnpike.agent.Memory;
import dev.turnpike.agent.SessionRef;
import dev.turnpike.agent.TurnAssembler;
import dev.turnpike.agent.TurnFacts;
import dev.turnpike.genai.SpanTurns;
import dev.turnpike.genai.SpanTurns.Ready;
import dev.turnpike.model.Event;
import dev.turnpike.otlp.Source;
import dev.turnpike.otlp.Span;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes turns of spans, and of the session file those that had none. A turn's key is the CLI's own
 * id of it in both, so that it goes out once.
 */
final class CopilotAssembler implements TurnAssembler<CopilotSignal> {
  private final SessionRef ref;
  private final SessionFolder folder;
  private final SpanTurns spans;
  private final FileTurns files;
  private final Heard heard = new Heard();
  private int turns;

  CopilotAssembler(SessionRef ref, SessionFolder folder) {
    this.ref = ref;
    this.folder = folder;
    this.spans =
        new SpanTurns(
            new CopilotSpans(), ref.key().agent(), ref.exported()::contains, ref.counters()::count);
    this.files = new FileTurns(ref);
    ref.memory().ifPresent(this::recall);
  }

  private void recall(Memory memory) {
    try {
      JsonNode carry = AgentJson.MAPPER.readTree(memory.carry());
      turns = carry.path("turns").asInt(0);
      heard.read(carry);
      files.read(carry);
      spans.read(carry);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the session's memory is not JSON", e);
    }
    memory.positions().forEach((path, position) -> files.from(path, position.offset()));
  }

  @Override
  public void accept(Event event, CopilotSignal signal) {
    CopilotSignal.Hook hook = signal.hook();
    if (hook != null) {
      heard.accept(hook, folder);
      return;
    }
    spans.accept(event);
  }

  @Override
  public List<FollowedFile> files() {
    return heard
        .file()
        .map(path -> List.of(new FollowedFile(path, files.position(path), false)))
        .orElse(List.of());
  }

  @Override
  public void accept(Path file, Line line) {
    files.accept(file, line);
  }

  @Override
  public void restarted(Path file) {
    files.restarted(file);
  }

  @Override
  public Optional<Finished> poll(Circumstances now) {
    boolean left = now.agentGone() || now.idle() || (heard.ended() && now.patient());
    Optional<Ready> ready = spans.poll(now.patient(), left);
    if (ready.isPresent()) {
      return Optional.of(
          switch (ready.get()) {
            case Ready.Turn turn -> closed(turn);
            case Ready.Late(var trace, var observations, var last) ->
                new Finished.LaterPart(trace, observations, last, memory());
            case Ready.Nothing(var reason) -> new Finished.Skipped(reason, memory());
          });
    }
    return files.poll(now, heard).map(this::told);
  }

  private Finished told(FileTurns.Ready ready) {
    return switch (ready) {
      case FileTurns.Ready.Past(var reason) -> new Finished.Skipped(reason, memory());
      case FileTurns.Ready.History() -> Finished.Skipped.history(memory());
      case FileTurns.Ready.Ended(var turn) -> {
        turns++;
        var made = new FileSpans(ref.seeds().seed(turn.key(), turns, turn.promptId()), turn);
        yield new Finished.ClosedTurn(
            turn.key(),
            made.trace(),
            made.all(),
            facts(turn.promptId(), files.version(), files.cwd(), Optional.empty(), Map.of()),
            false,
            memory());
      }
    };
  }

  private Finished closed(Ready.Turn turn) {
    turns++;
    Source source = turn.source();
    @Nullable Span root = turn.root();
    var metadata = new LinkedHashMap<String, String>();
    Optional<String> branch = Optional.empty();
    if (root != null) {
      branch = root.text("github.copilot.git.branch", "copilot_chat.repo.head_branch_name");
      root.text("github.copilot.git.repository", "copilot_chat.repo.remote_url")
          .map(CopilotAssembler::repository)
          .ifPresent(name -> metadata.put("repo", name));
      root.text("github.copilot.git.commit_sha")
          .ifPresent(commit -> metadata.put("commit", commit));
    }
    return new Finished.ClosedTurn(
        turn.key(),
        turn.trace(),
        turn.observations(),
        facts(
            Optional.of(turn.trace().hex()),
            source.text("service.version"),
            Optional.empty(),
            branch,
            metadata),
        true,
        memory());
  }

  private TurnFacts facts(
      Optional<String> prompt,
      Optional<String> version,
      Optional<String> cwd,
      Optional<String> branch,
      Map<String, String> metadata) {
    var tags = new ArrayList<String>();
    version.ifPresent(some -> tags.add("copilot-version:" + some));
    Optional<String> where = cwd.or(heard::cwd).or(folder::cwd);
    if (where.isEmpty() && metadata.containsKey("repo")) {
      tags.add("repo:" + metadata.get("repo"));
    }
    return new TurnFacts(turns, prompt, version, where, branch, tags, metadata);
  }

  /** https://git.example.com/dev/shop.git: shop. */
  private static String repository(String url) {
    String path = url.replaceAll("(\\.git)?/*$", "");
    return path.substring(Math.max(path.lastIndexOf('/'), path.lastIndexOf(':')) + 1);
  }

  @Override
  public boolean awaitingRows() {
    return spans.waiting() || (heard.ended() && spans.open()) || files.awaited(heard);
  }

  @Override
  public boolean open() {
    return spans.open() || files.open();
  }

  @Override
  public Memory memory() {
    ObjectNode carry = AgentJson.MAPPER.createObjectNode().put("v", 1).put("turns", turns);
    heard.write(carry);
    files.write(carry);
    spans.write(carry);
    try {
      return new Memory(
          files.positions(), AgentJson.MAPPER.writeValueAsString(carry), spans.needed());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of ours cannot be written", e);
    }
  }
}
