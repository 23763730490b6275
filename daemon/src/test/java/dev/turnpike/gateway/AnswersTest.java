package dev.turnpike.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AnswersTest {
  static Stream<Answer.Whole> hookAnswers() {
    return Stream.of(
        new Answer.Whole(202, Answer.TEXT, new byte[0], Map.of("Turnpike-Event-Id", "1-4711")),
        new Answer.Whole(
            202, Answer.TEXT, "{}\u00e9".getBytes(StandardCharsets.UTF_8), Map.of("A", "b")),
        Answer.empty(204),
        Answer.error(400, "malformed_hook_call", "no event id"),
        Answer.error(404, "unknown_agent", "There is no agent of that name here."),
        Answer.error(503, "unavailable", "the inbox is full"));
  }

  @ParameterizedTest
  @MethodSource("hookAnswers")
  void theLastAnswerOfAConnectionIsWhatNettyWouldWrite(Answer.Whole answer) {
    assertEquals(
        encoded(answer), new String(Answers.bytes("0.1.0", answer), StandardCharsets.ISO_8859_1));
  }

  private static String encoded(Answer.Whole answer) {
    var channel = new EmbeddedChannel(new HttpServerCodec());
    channel.writeInbound(
        Unpooled.copiedBuffer("POST /v1/events/codex HTTP/1.1\r\n\r\n", StandardCharsets.US_ASCII));
    channel.writeOutbound(Answers.whole("0.1.0", answer, true));
    var text = new StringBuilder();
    for (ByteBuf piece = channel.readOutbound(); piece != null; piece = channel.readOutbound()) {
      text.append(piece.toString(StandardCharsets.ISO_8859_1));
      piece.release();
    }
    channel.finishAndReleaseAll();
    return text.toString();
  }
}
