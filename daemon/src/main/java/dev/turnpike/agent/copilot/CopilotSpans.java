package dev.turnpike.agent.copilot;

import dev.turnpike.agent.Emitter;
import dev.turnpike.genai.Dialect;
import dev.turnpike.genai.Role;
import dev.turnpike.model.TurnKey;
import dev.turnpike.otlp.Source;
import dev.turnpike.otlp.Span;
import dev.turnpike.otlp.Value;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What Copilot's spans have of their own. Both of its programs name the conversation on every span;
 * {@code session.id} on VS Code's resource is the window.
 */
final class CopilotSpans implements Emitter, Dialect {
  private static final Set<String> SERVICES = Set.of("github-copilot", "copilot-chat");

  private static final Map<String, String> METADATA =
      Map.of(
          "github.copilot.initiator", "initiator",
          "github.copilot.interaction_id", "interaction_id",
          "github.copilot.agent.type", "agent_kind",
          "copilot_chat.hook_type", "hook_type",
          "gen_ai.conversation.compacted", "compacted");

  private static final String INTERACTION = "github.copilot.interaction_id";
  private static final String ABORT = "github.copilot.session.abort";
  private static final String USER_MESSAGE = "github.copilot.user.message";

  @Override
  public boolean owns(Source source) {
    return SERVICES.contains(source.service());
  }

  @Override
  public String session(Source source, Span span) {
    return span.text("gen_ai.conversation.id", "copilot_chat.chat_session_id").orElse("");
  }

  @Override
  public boolean keeps(String attribute) {
    return Dialect.isOfTheTurn(attribute);
  }

  /** Side calls (titles, branch names) and notifications are roots too, and no turns. */
  @Override
  public boolean opensTurn(Span root, Collection<Span> spans) {
    return Role.of(root) == Role.AGENT;
  }

  /**
   * The CLI's own id of the turn, which its session file has too, so that no turn goes out by both.
   */
  @Override
  public TurnKey key(Span root, List<Span> spans) {
    Stream<String> ofPrompt =
        root.events().stream()
            .filter(event -> event.name().equals(USER_MESSAGE))
            .map(event -> event.attributes().get(USER_MESSAGE + ".interaction_id"))
            .flatMap(id -> Optional.ofNullable(id).flatMap(Value::scalar).stream())
            .filter(id -> !id.isBlank());
    Stream<String> ofCalls = spans.stream().flatMap(span -> span.text(INTERACTION).stream());
    return Stream.concat(ofPrompt, ofCalls)
        .findFirst()
        .map(TurnKey::new)
        .orElseGet(() -> new TurnKey(root.trace().hex()));
  }

  /** The CLI puts the time in front of what the user typed. */
  @Override
  public String prompt(String text) {
    String end = "</current_datetime>";
    if (!text.startsWith("<current_datetime>") || !text.contains(end)) {
      return text;
    }
    return text.substring(text.indexOf(end) + end.length()).stripLeading();
  }

  @Override
  public Optional<String> asked(Span root) {
    return root.text("copilot_chat.user_request");
  }

  /**
   * An abort leaves every status unset (1.0.102): the turn's span or that of the model call under
   * way has an event for it, and that call ends as "error" without a response.
   */
  @Override
  public Optional<String> cutOff(Span span) {
    Optional<String> aborted = aborted(List.of(span));
    if (aborted.isPresent()) {
      return aborted;
    }
    boolean unanswered =
        Role.of(span) == Role.MODEL_CALL
            && !span.has("gen_ai.response.id")
            && span.attributes().get("gen_ai.response.finish_reasons")
                instanceof Value.Items(var reasons)
            && reasons.contains(new Value.Text("error"));
    return unanswered ? Optional.of("ended without an answer") : Optional.empty();
  }

  @Override
  public Optional<String> aborted(Collection<Span> spans) {
    return spans.stream()
        .flatMap(span -> span.events().stream())
        .filter(event -> event.name().equals(ABORT))
        .map(event -> Optional.ofNullable(event.attributes().get("github.copilot.abort_reason")))
        .map(reason -> "aborted: " + reason.flatMap(Value::scalar).orElse("by the user"))
        .findFirst();
  }

  @Override
  public Map<String, String> metadata() {
    return METADATA;
  }
}
