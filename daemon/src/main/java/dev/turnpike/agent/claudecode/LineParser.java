package dev.turnpike.agent.claudecode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.turnpike.agent.claudecode.ClaudeLine.Chain;
import dev.turnpike.agent.claudecode.ClaudeLine.Passed;
import dev.turnpike.agent.claudecode.ClaudeLine.Unknown;
import dev.turnpike.agent.claudecode.ClaudeLine.Unreadable;
import dev.turnpike.platform.IsoTime;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Bytes of one row to a {@link ClaudeLine}. Takes from a row only the fields it knows, and stops at
 * the type of a row that is of no use, so that the large bookkeeping rows cost next to nothing.
 * Never fails: what it cannot read is {@link Unreadable}.
 */
final class LineParser {
  /** Read for their content. */
  private static final Set<String> USED =
      Set.of("user", "assistant", "system", "attachment", "queue-operation", "api-request");

  private final QuickRow quick = new QuickRow();

  ClaudeLine parse(byte[] bytes) {
    try {
      return classify(bytes);
    } catch (IOException e) {
      // Bytes that are no UTF-8 (a torn write, an odd tool output): once more with them replaced.
      byte[] repaired = new String(bytes, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8);
      if (repaired.length != bytes.length) {
        try {
          return classify(repaired);
        } catch (IOException again) {
          return new Unreadable(Chain.NONE, "line.unreadable");
        }
      }
      return new Unreadable(Chain.NONE, "line.unreadable");
    }
  }

  private ClaudeLine classify(byte[] bytes) throws IOException {
    Members members = quick.read(bytes);
    return line(members == null ? JacksonRow.read(bytes) : members);
  }

  static ClaudeLine line(Members members) {
    return switch (members) {
      case Members.NoObject() -> new Unreadable(Chain.NONE, "line.unreadable");
      case Members.OfNoUse() -> new Passed(Chain.NONE);
      case Members.Picked(var type, var row) -> line(type, row);
    };
  }

  private static ClaudeLine line(@Nullable String type, ObjectNode row) {
    Chain chain = chain(row);
    if (type == null) {
      return new Unreadable(chain, "line.untyped");
    }
    if (USED.contains(type)) {
      ClaudeLine line =
          switch (type) {
            case "user" -> UserRows.classify(chain, row);
            case "assistant" -> AssistantRows.read(chain, row);
            default -> SystemRows.read(type, chain, row);
          };
      return line == null ? new Passed(chain) : line;
    }
    return Members.PASSED.contains(type) ? new Passed(chain) : new Unknown(chain, type);
  }

  private static Chain chain(ObjectNode row) {
    String origin = text(row, "requestSessionId");
    JsonNode forked = row.path("forkedFrom");
    if (forked.isObject()) {
      String from = text(forked, "sessionId");
      origin = from == null ? "(fork)" : from;
    }
    return new Chain(
        text(row, "uuid"),
        text(row, "parentUuid"),
        instant(text(row, "timestamp")),
        row.path("isSidechain").asBoolean(false),
        text(row, "agentId"),
        origin == null ? text(row, "sessionId") : origin,
        text(row, "promptId"),
        text(row, "version"),
        text(row, "cwd"),
        text(row, "gitBranch"));
  }

  static @Nullable Instant instant(@Nullable String text) {
    if (text == null) {
      return null;
    }
    try {
      return text.endsWith("Z") ? IsoTime.parse(text) : OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeParseException e) {
      return null;
    }
  }

  static @Nullable String text(JsonNode node, String field) {
    JsonNode value = node.path(field);
    return value.isTextual() ? value.asText() : null;
  }
}
