package dev.turnpike.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.Serial;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Asks the daemon: one HTTP/1.1 request on a connection of its own, read to its end. */
final class SocketClient {
  private static final int ANSWER_BYTES_MAX = 64 << 20;

  /**
   * @param headers names in lower case
   */
  record Response(int status, Map<String, String> headers, byte[] body) {
    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }

    /** Of the daemon. */
    String version() {
      return headers.getOrDefault("turnpike-version", "unknown");
    }
  }

  /** Nobody listens. */
  static final class Unreachable extends IOException {
    @Serial private static final long serialVersionUID = 1;

    Unreachable(Path socket, IOException cause) {
      super("no daemon listens on " + socket + ": " + cause.getMessage(), cause);
    }
  }

  /** Somebody listens and does not answer. */
  static final class TimedOut extends IOException {
    @Serial private static final long serialVersionUID = 1;

    TimedOut(Duration patience) {
      super("the daemon did not answer within " + patience.toMillis() + " ms");
    }
  }

  /** Somebody listened, who stopped before there was a whole answer. */
  static final class HungUp extends IOException {
    @Serial private static final long serialVersionUID = 1;

    HungUp(IOException cause) {
      super("the daemon hung up before it had answered: " + cause.getMessage(), cause);
    }

    HungUp() {
      super("the daemon hung up before it had answered");
    }
  }

  private final Path socket;

  SocketClient(Path socket) {
    this.socket = socket;
  }

  Response ask(String method, String target, boolean json, Duration patience) throws IOException {
    var request =
        "%s %s HTTP/1.1\r\nHost: turnpike\r\nAccept: %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            .formatted(method, target, json ? "application/json" : "text/plain");
    try (var channel = connect()) {
      channel.configureBlocking(false);
      return parse(exchange(channel, request.getBytes(StandardCharsets.US_ASCII), patience));
    }
  }

  private SocketChannel connect() throws IOException {
    var channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(socket));
      return channel;
    } catch (IOException e) {
      channel.close();
      throw new Unreachable(socket, e);
    }
  }

  private static byte[] exchange(SocketChannel channel, byte[] request, Duration patience)
      throws IOException {
    long end = System.nanoTime() + patience.toNanos();
    var answer = new ByteArrayOutputStream();
    try (var selector = Selector.open()) {
      var key = channel.register(selector, SelectionKey.OP_WRITE);
      var out = ByteBuffer.wrap(request);
      while (out.hasRemaining()) {
        await(selector, end, patience);
        write(channel, out);
      }
      key.interestOps(SelectionKey.OP_READ);
      var in = ByteBuffer.allocate(16 << 10);
      int got = 0;
      while (got >= 0) {
        await(selector, end, patience);
        got = read(channel, in.clear());
        answer.write(in.array(), 0, in.position());
        if (answer.size() > ANSWER_BYTES_MAX) {
          throw new IOException("the daemon's answer is too long");
        }
      }
    }
    return answer.toByteArray();
  }

  /** A broken pipe or a reset: it stopped with our question unread. */
  private static void write(SocketChannel channel, ByteBuffer out) throws HungUp {
    try {
      channel.write(out);
    } catch (IOException e) {
      throw new HungUp(e);
    }
  }

  private static int read(SocketChannel channel, ByteBuffer in) throws HungUp {
    try {
      return channel.read(in);
    } catch (IOException e) {
      throw new HungUp(e);
    }
  }

  private static void await(Selector selector, long end, Duration patience) throws IOException {
    long left = Duration.ofNanos(end - System.nanoTime()).toMillis();
    if (left <= 0 || selector.select(left) == 0) {
      throw new TimedOut(patience);
    }
    selector.selectedKeys().clear();
  }

  private static Response parse(byte[] answer) throws IOException {
    // ISO-8859-1 keeps bytes and characters in step.
    var text = new String(answer, StandardCharsets.ISO_8859_1);
    int headEnd = text.indexOf("\r\n\r\n");
    if (headEnd < 0) {
      throw new HungUp();
    }
    var lines = text.substring(0, headEnd).split("\r\n", -1);
    var status = lines[0].split(" ", 3);
    if (status.length < 2 || !status[0].startsWith("HTTP/1.") || !status[1].matches("\\d{3}")) {
      throw new IOException("this is no answer of a daemon: " + lines[0]);
    }
    var headers = new TreeMap<String, String>();
    for (var line : Arrays.asList(lines).subList(1, lines.length)) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        headers.put(
            line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
      }
    }
    int bodyStart = headEnd + 4;
    var body =
        "chunked".equals(headers.get("transfer-encoding"))
            ? unchunked(text, bodyStart)
            : Arrays.copyOfRange(answer, bodyStart, answer.length);
    var length = headers.get("content-length");
    if (length != null && !length.equals(Integer.toString(body.length))) {
      throw new IOException("the daemon's answer ends early");
    }
    return new Response(Integer.parseInt(status[1]), headers, body);
  }

  private static byte[] unchunked(String text, int start) throws IOException {
    var body = new StringBuilder();
    int at = start;
    while (true) {
      int lineEnd = text.indexOf("\r\n", at);
      if (lineEnd < 0) {
        throw new IOException("the daemon's answer ends early");
      }
      int length;
      try {
        length = Integer.parseInt(text, at, lineEnd, 16);
      } catch (NumberFormatException e) {
        throw new IOException("the daemon's answer is garbled", e);
      }
      if (length == 0) {
        return body.toString().getBytes(StandardCharsets.ISO_8859_1);
      }
      at = lineEnd + 2;
      if (length < 0 || at + length > text.length()) {
        throw new IOException("the daemon's answer ends early");
      }
      body.append(text, at, at + length);
      at += length + 2;
    }
  }
}
