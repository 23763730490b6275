package dev.turnpike.hook;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A server on a Unix socket that keeps every request and answers as the test wants. */
final class FakeDaemon implements AutoCloseable {

  /** What to do with a connection whose request has been read. The connection is closed after. */
  interface Manner {
    void answer(SocketChannel connection) throws IOException, InterruptedException;
  }

  private final ServerSocketChannel server;
  private final BlockingQueue<Request> requests = new LinkedBlockingQueue<>();
  private final AtomicInteger hangUps = new AtomicInteger();

  private FakeDaemon(ServerSocketChannel server) {
    this.server = server;
  }

  static FakeDaemon answering(Path socket, String answer) throws IOException {
    return behaving(socket, connection -> write(connection, answer));
  }

  static FakeDaemon behaving(Path socket, Manner manner) throws IOException {
    FakeDaemon daemon = silent(socket);
    Thread.ofVirtual().start(() -> daemon.serve(manner));
    return daemon;
  }

  /** Listens, but never accepts. */
  static FakeDaemon silent(Path socket) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket));
    return new FakeDaemon(server);
  }

  static void write(SocketChannel connection, String text) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(ISO_8859_1));
    while (bytes.hasRemaining()) {
      connection.write(bytes);
    }
  }

  Request request() throws InterruptedException {
    Request request = requests.poll(10, TimeUnit.SECONDS);
    if (request == null) {
      throw new AssertionError("no request came; connections cut short: " + hangUps);
    }
    return request;
  }

  /** How many requests came that the test has not taken. */
  int waiting() {
    return requests.size();
  }

  /** The next connection of a silent daemon. */
  SocketChannel accept() throws IOException {
    return server.accept();
  }

  /** Ends when the test closes the server. */
  private void serve(Manner manner) {
    while (server.isOpen()) {
      try (SocketChannel connection = server.accept()) {
        requests.add(read(connection));
        manner.answer(connection);
      } catch (IOException e) {
        hangUps.incrementAndGet(); // the client did not wait for the end, or the test is over
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private static Request read(SocketChannel connection) throws IOException {
    var raw = new ByteArrayOutputStream();
    ByteBuffer part = ByteBuffer.allocate(1 << 16);
    long whole = Long.MAX_VALUE;
    while (raw.size() < whole && connection.read(part.clear()) >= 0) {
      raw.write(part.array(), 0, part.position());
      if (whole == Long.MAX_VALUE && Request.headLength(raw.toByteArray()) > 0) {
        whole = new Request(raw.toByteArray()).wholeLength();
      }
    }
    return new Request(raw.toByteArray());
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
