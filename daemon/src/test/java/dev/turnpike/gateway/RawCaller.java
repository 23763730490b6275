package dev.turnpike.gateway;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A caller that says exactly the bytes it is told to. Waits without limit: its tests have one. */
final class RawCaller implements AutoCloseable {
  /**
   * @param headers names in lower case
   */
  record Heard(int status, String reason, Map<String, String> headers, byte[] body) {
    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }

    String header(String name) {
      return headers.getOrDefault(name.toLowerCase(Locale.ROOT), "");
    }
  }

  private final SocketChannel channel;
  private final ByteBuffer in = ByteBuffer.allocate(64 << 10).flip();

  RawCaller(Path socket) throws IOException {
    channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    channel.connect(UnixDomainSocketAddress.of(socket));
  }

  /** One request on a connection of its own. */
  static Heard ask(Path socket, String request) throws IOException {
    try (var caller = new RawCaller(socket)) {
      return caller.say(request).hear();
    }
  }

  /** Newlines become CR LF. */
  RawCaller say(String text) throws IOException {
    return say(text.replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8));
  }

  RawCaller say(byte[] bytes) throws IOException {
    var buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    return this;
  }

  RawCaller endSaying() throws IOException {
    channel.shutdownOutput();
    return this;
  }

  Heard hear() throws IOException {
    var first = line().split(" ", 3);
    int status = Integer.parseInt(first[1]);
    var headers = new TreeMap<String, String>();
    for (var line = line(); !line.isEmpty(); line = line()) {
      var colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    if ("chunked".equals(headers.get("transfer-encoding"))) {
      return new Heard(status, first[2], headers, chunks());
    }
    int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
    return new Heard(status, first[2], headers, bytes(length));
  }

  /** Whether the other side ends the connection without saying anything more. */
  boolean hearsNothingMore() throws IOException {
    try {
      return octet() < 0;
    } catch (IOException e) {
      // A connection closed with unread bytes in it ends with a reset.
      return true;
    }
  }

  byte[] chunk() throws IOException {
    int length = Integer.parseInt(line(), 16);
    var bytes = bytes(length);
    line();
    return bytes;
  }

  private byte[] chunks() throws IOException {
    var all = new ByteArrayOutputStream();
    for (var chunk = chunk(); chunk.length > 0; chunk = chunk()) {
      all.writeBytes(chunk);
    }
    return all.toByteArray();
  }

  String line() throws IOException {
    var line = new ByteArrayOutputStream();
    for (int octet = octet(); octet != '\n'; octet = octet()) {
      if (octet < 0) {
        throw new EOFException("after: " + line);
      }
      line.write(octet);
    }
    return line.toString(StandardCharsets.UTF_8).stripTrailing();
  }

  private byte[] bytes(int length) throws IOException {
    var all = new byte[length];
    for (int i = 0; i < length; i++) {
      int octet = octet();
      if (octet < 0) {
        throw new EOFException("after " + i + " of " + length + " bytes");
      }
      all[i] = (byte) octet;
    }
    return all;
  }

  private int octet() throws IOException {
    if (!in.hasRemaining()) {
      in.clear();
      int got = channel.read(in);
      in.flip();
      if (got < 0) {
        return -1;
      }
    }
    return in.get() & 0xff;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
