package dev.turnpike.agent.claudecode;

import static dev.turnpike.agent.claudecode.Member.AGENT_ID;
import static dev.turnpike.agent.claudecode.Member.CWD;
import static dev.turnpike.agent.claudecode.Member.FORKED_FROM;
import static dev.turnpike.agent.claudecode.Member.GIT_BRANCH;
import static dev.turnpike.agent.claudecode.Member.IS_SIDECHAIN;
import static dev.turnpike.agent.claudecode.Member.PARENT_UUID;
import static dev.turnpike.agent.claudecode.Member.PROMPT_ID;
import static dev.turnpike.agent.claudecode.Member.REQUEST_SESSION_ID;
import static dev.turnpike.agent.claudecode.Member.SESSION_ID;
import static dev.turnpike.agent.claudecode.Member.TIMESTAMP;
import static dev.turnpike.agent.claudecode.Member.UUID;
import static dev.turnpike.agent.claudecode.Member.VERSION;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnpike.agent.claudecode.ClaudeLine.Chain;
import dev.turnpike.agent.claudecode.ClaudeLine.Passed;
import dev.turnpike.agent.claudecode.ClaudeLine.Unknown;
import dev.turnpike.agent.claudecode.ClaudeLine.Unreadable;
import dev.turnpike.agent.claudecode.Members.Row;
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
    return parse(bytes, 0, bytes.length);
  }

  ClaudeLine parse(byte[] bytes, int from, int to) {
    try {
      return classify(bytes, from, to);
    } catch (IOException e) {
      // Bytes that are no UTF-8 (a torn write, an odd tool output): once more with them replaced.
      byte[] repaired =
          new String(bytes, from, to - from, StandardCharsets.UTF_8)
              .getBytes(StandardCharsets.UTF_8);
      if (repaired.length != to - from) {
        try {
          return classify(repaired, 0, repaired.length);
        } catch (IOException again) {
          return new Unreadable(Chain.NONE, "line.unreadable");
        }
      }
      return new Unreadable(Chain.NONE, "line.unreadable");
    }
  }

  private ClaudeLine classify(byte[] bytes, int from, int to) throws IOException {
    Members members = quick.read(bytes, from, to);
    return line(members == null ? JacksonRow.read(bytes, from, to) : members);
  }

  static ClaudeLine line(Members members) {
    return switch (members) {
      case Members.NoObject() -> new Unreadable(Chain.NONE, "line.unreadable");
      case Members.OfNoUse() -> new Passed(Chain.NONE);
      case Members.Picked(var type, var row) -> line(type, row);
    };
  }

  private static ClaudeLine line(@Nullable String type, Row row) {
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

  private static Chain chain(Row row) {
    String origin = row.text(REQUEST_SESSION_ID);
    JsonNode forked = row.path(FORKED_FROM);
    if (forked.isObject()) {
      String from = text(forked, "sessionId");
      origin = from == null ? "(fork)" : from;
    }
    return new Chain(
        row.text(UUID),
        row.text(PARENT_UUID),
        instant(row.text(TIMESTAMP)),
        row.path(IS_SIDECHAIN).asBoolean(false),
        row.text(AGENT_ID),
        origin == null ? row.text(SESSION_ID) : origin,
        row.text(PROMPT_ID),
        row.text(VERSION),
        row.text(CWD),
        row.text(GIT_BRANCH));
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
