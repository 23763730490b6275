package dev.turnpike.model;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * What the ids of one turn are derived from, so that a live trace, a replay and an import of the
 * same turn are equal id by id.
 *
 * <pre>
 *   seed      turnpike|1|claude-code|12687d45-...          the turn's own key, no session id: forks share it
 *   trace id  first 32 hex digits of sha256(seed)
 *   span id   first 16 hex digits of sha256(seed|kind|native id)
 * </pre>
 *
 * The scheme has a version (the {@code 1}) and a frozen test vector: changing a byte of it doubles
 * every trace in flight.
 */
public record TraceSeed(String text) {
  private static final int SPAN_ID_BYTES = 8;

  public TraceSeed {
    if (text.isBlank()) {
      throw new IllegalArgumentException("blank trace seed");
    }
  }

  public static TraceSeed of(AgentId agent, TurnKey turn) {
    return new TraceSeed("turnpike|1|" + agent + "|" + turn);
  }

  /**
   * The user's own seed ({@code TURNPIKE_TRACE_SEED}) for the n-th turn of a session, n from 1: the
   * trace id is what Langfuse's SDKs make of {@code "<seed>:<n>"}, so that other tools can compute
   * it.
   */
  public static TraceSeed ofUser(String seed, int turn) {
    return new TraceSeed(seed + ":" + turn);
  }

  public TraceId traceId() {
    return new TraceId(Digest.sha256Hex(text).substring(0, 32));
  }

  public SpanId span(SpanKind kind, String nativeId) {
    return spans().of(kind, nativeId);
  }

  /** For many spans of one trace. */
  public Spans spans() {
    return new Spans(text);
  }

  /** Ids of spans from one seed; for one thread. */
  public static final class Spans {
    private final String seed;

    /** One for all: it is much larger than what goes through it. */
    private final MessageDigest digest = Digest.sha256();

    private Spans(String seed) {
      this.seed = seed;
    }

    public SpanId of(SpanKind kind, String nativeId) {
      String text = seed + "|" + kind.word() + "|" + nativeId;
      byte[] hash = digest.digest(text.getBytes(StandardCharsets.UTF_8));
      return new SpanId(HexFormat.of().formatHex(hash, 0, SPAN_ID_BYTES));
    }
  }
}
