package dev.turnpike.genai;

import dev.turnpike.otlp.Span;

/** What a span stands for, by {@code gen_ai.operation.name} (GenAI conventions 1.37). */
public enum Role {
  AGENT,
  MODEL_CALL,
  TOOL,
  OTHER;

  public static Role of(Span span) {
    return switch (span.text("gen_ai.operation.name").orElse("")) {
      case "invoke_agent", "create_agent" -> AGENT;
      case "chat", "completion", "text_completion", "generate_content", "generate" -> MODEL_CALL;
      case "execute_tool" -> TOOL;
      case "" -> byOtherSigns(span);
      default -> OTHER;
    };
  }

  private static Role byOtherSigns(Span span) {
    if (span.has("gen_ai.tool.name") || span.has("gen_ai.tool.call.id")) {
      return TOOL;
    }
    return span.has("gen_ai.request.model") || span.has("gen_ai.response.model")
        ? MODEL_CALL
        : OTHER;
  }
}
