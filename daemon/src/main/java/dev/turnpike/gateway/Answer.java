package dev.turnpike.gateway;

import dev.turnpike.gateway.api.ApiJson;
import dev.turnpike.gateway.api.ErrorReport;
import dev.turnpike.gateway.api.Report;
import dev.turnpike.gateway.api.text.ReportText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.util.Map;
import java.util.Optional;

/** What goes back to the caller. */
sealed interface Answer {
  String JSON = "application/json";
  String TEXT = "text/plain; charset=utf-8";

  record Whole(int status, String contentType, byte[] body, Map<String, String> headers)
      implements Answer {}

  /** A body without a known end, sent chunk by chunk. */
  record Streamed(String contentType, Source source) implements Answer {}

  /** Where a streamed body comes from. Used by one worker, which may block in it. */
  interface Source extends AutoCloseable {
    /** The next piece, an empty one if there is nothing new yet; empty Optional at the end. */
    Optional<byte[]> next() throws IOException, InterruptedException;

    @Override
    void close() throws IOException;
  }

  static Whole of(int status, Report report, boolean asText) {
    return asText
        ? text(status, ReportText.of(report, ZoneId.systemDefault()))
        : new Whole(status, JSON, ApiJson.write(report), Map.of());
  }

  static Whole text(int status, String text) {
    return new Whole(status, TEXT, text.getBytes(StandardCharsets.UTF_8), Map.of());
  }

  static Whole error(Request request, int status, String code, String message) {
    return of(status, ErrorReport.of(code, message), request.wantsText());
  }

  /** An error that came before there was a request to speak of. */
  static Whole error(int status, String code, String message) {
    return of(status, ErrorReport.of(code, message), false);
  }

  static Whole empty(int status) {
    return new Whole(status, TEXT, new byte[0], Map.of());
  }
}
