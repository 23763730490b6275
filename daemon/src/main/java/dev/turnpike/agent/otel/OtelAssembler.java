package dev.turnpike.agent.otel;

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
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes a turn of each trace in which a model was called. */
final class OtelAssembler implements TurnAssembler<OtelSignal> {

  private final SpanTurns spans;
  private int turns;

  OtelAssembler(SessionRef ref) {
    this.spans =
        new SpanTurns(
            new OtelSpans(), ref.key().agent(), ref.exported()::contains, ref.counters()::count);
    ref.memory().ifPresent(this::recall);
  }

  private void recall(Memory memory) {
    try {
      JsonNode carry = AgentJson.MAPPER.readTree(memory.carry());
      turns = carry.path("turns").asInt(0);
      spans.read(carry);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the session's memory is not JSON", e);
    }
  }

  @Override
  public void accept(Event event, OtelSignal signal) {
    spans.accept(event);
  }

  @Override
  public List<FollowedFile> files() {
    return List.of();
  }

  @Override
  public void accept(Path file, Line line) {
    throw new IllegalStateException("no file is followed");
  }

  @Override
  public void restarted(Path file) {
    throw new IllegalStateException("no file is followed");
  }

  @Override
  public Optional<Finished> poll(Circumstances now) {
    return spans
        .poll(now.patient(), now.agentGone() || now.idle())
        .map(
            ready ->
                switch (ready) {
                  case Ready.Turn turn -> closed(turn);
                  case Ready.Late(var trace, var observations, var last) ->
                      new Finished.LaterPart(trace, observations, last, memory());
                  case Ready.Nothing(var reason) -> new Finished.Skipped(reason, memory());
                });
  }

  private Finished closed(Ready.Turn turn) {
    turns++;
    Source source = turn.source();
    var tags = new ArrayList<String>();
    Map<String, String> metadata = new LinkedHashMap<>();
    if (!source.service().isEmpty()) {
      tags.add("service:" + source.service());
      metadata.put("service", source.service());
    }
    Optional<String> cwd =
        source.text("process.working_directory").filter(path -> path.startsWith("/"));
    source
        .text("vcs.repository.name")
        .ifPresent(
            repo -> {
              metadata.put("repo", repo);
              if (cwd.isEmpty()) {
                tags.add("repo:" + repo);
              }
            });
    var facts =
        new TurnFacts(
            turns,
            Optional.of(turn.trace().hex()),
            source.text("service.version"),
            cwd,
            source.text("vcs.ref.head.name"),
            tags,
            metadata);
    return new Finished.ClosedTurn(
        turn.key(), turn.trace(), turn.observations(), facts, true, memory());
  }

  @Override
  public boolean awaitingRows() {
    return spans.waiting();
  }

  @Override
  public boolean open() {
    return spans.open();
  }

  @Override
  public Memory memory() {
    ObjectNode carry = AgentJson.MAPPER.createObjectNode().put("v", 1).put("turns", turns);
    spans.write(carry);
    try {
      return new Memory(Map.of(), AgentJson.MAPPER.writeValueAsString(carry), spans.needed());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of ours cannot be written", e);
    }
  }
}
