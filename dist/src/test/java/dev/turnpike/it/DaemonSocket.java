package dev.turnpike.it;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** HTTP over the daemon's Unix socket, one request a connection. */
record DaemonSocket(Path path) {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  record Answer(int status, String head, byte[] body) {
    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }
  }

  Answer ask(String method, String target) throws IOException {
    return raw(
        "%s %s HTTP/1.1\r\nHost: turnpike\r\nAccept: application/json\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            .formatted(method, target)
            .getBytes(StandardCharsets.US_ASCII));
  }

  /** Sends these bytes as they are. */
  Answer raw(byte[] request) throws IOException {
    var done = new CountDownLatch(1);
    try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(path));
      Thread.ofVirtual().start(() -> closeAfterPatience(channel, done));
      var out = ByteBuffer.wrap(request);
      while (out.hasRemaining()) {
        channel.write(out);
      }
      var answer = new ByteArrayOutputStream();
      var in = ByteBuffer.allocate(16 * 1024);
      while (channel.read(in.clear()) >= 0) {
        answer.write(in.array(), 0, in.position());
      }
      return parsed(answer.toByteArray());
    } catch (ClosedChannelException e) {
      throw new IOException("no answer within " + PATIENCE, e);
    } finally {
      done.countDown();
    }
  }

  private static void closeAfterPatience(SocketChannel channel, CountDownLatch done) {
    try {
      if (!done.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        channel.close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static Answer parsed(byte[] answer) throws IOException {
    String text = new String(answer, StandardCharsets.ISO_8859_1);
    int end = text.indexOf("\r\n\r\n");
    if (end < 0) {
      throw new IOException("no answer, but " + answer.length + " bytes");
    }
    return new Answer(
        Integer.parseInt(text.substring(9, 12)),
        text.substring(0, end),
        java.util.Arrays.copyOfRange(answer, end + 4, answer.length));
  }
}
