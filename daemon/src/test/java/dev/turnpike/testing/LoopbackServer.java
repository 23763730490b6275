package dev.turnpike.testing;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ServerSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * A small HTTP/1.1 server on loopback that can misbehave at any byte: it hands the socket to
 * whoever handles a request. One virtual thread a connection, kept alive between requests.
 */
final class LoopbackServer implements AutoCloseable {
  private static final int TLS_HANDSHAKE = 0x16;

  /** A request's line and headers (names in lower case), its body not read yet. */
  static final class Exchange {
    final String method;
    final String path;
    final Map<String, String> headers;
    private final InputStream in;
    private final Socket socket;
    private final CountDownLatch stopped;

    private Exchange(
        String method,
        String path,
        Map<String, String> headers,
        InputStream in,
        Socket socket,
        CountDownLatch stopped) {
      this.method = method;
      this.path = path;
      this.headers = headers;
      this.in = in;
      this.socket = socket;
      this.stopped = stopped;
    }

    long contentLength() {
      return Long.parseLong(headers.getOrDefault("content-length", "0"));
    }

    byte[] body(long limitBytes) throws IOException {
      return in.readNBytes((int) Math.min(contentLength(), limitBytes));
    }

    void answer(int status, Map<String, String> more, byte[] body, int sentBytes)
        throws IOException {
      var head = new StringBuilder("HTTP/1.1 " + status + " -\r\nContent-Length: " + body.length);
      more.forEach((name, value) -> head.append("\r\n").append(name).append(": ").append(value));
      var out = socket.getOutputStream();
      out.write(head.append("\r\n\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
      out.write(body, 0, sentBytes);
      out.flush();
    }

    void close() throws IOException {
      socket.close();
    }

    void reset() throws IOException {
      socket.setSoLinger(true, 0);
      socket.close();
    }

    void hang() throws InterruptedException {
      stopped.await();
    }
  }

  interface Handler {
    void handle(Exchange exchange) throws IOException, InterruptedException;
  }

  private final int port;
  private final ServerSocketFactory listeners;
  private final Handler handler;
  private final AtomicInteger accepted = new AtomicInteger();
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final CountDownLatch stopped = new CountDownLatch(1);
  private volatile ServerSocket listener;
  private @Nullable Thread acceptor;
  private @Nullable RefusingPort refusing;

  private LoopbackServer(ServerSocket listener, ServerSocketFactory listeners, Handler handler) {
    this.listeners = listeners;
    this.listener = listener;
    this.port = listener.getLocalPort();
    this.handler = handler;
  }

  /**
   * @param listeners plain or TLS
   */
  static LoopbackServer start(ServerSocketFactory listeners, Handler handler) {
    try {
      var server = new LoopbackServer(listening(listeners, 0), listeners, handler);
      server.accepting(server.listener);
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ServerSocket listening(ServerSocketFactory listeners, int port)
      throws IOException {
    return listeners.createServerSocket(port, 50, InetAddress.getLoopbackAddress());
  }

  int port() {
    return port;
  }

  /** How many connections there were in all. */
  int accepted() {
    return accepted.get();
  }

  int connections() {
    return sockets.size();
  }

  /** Refuses connections and hangs up on those there are, until {@link #up}. */
  void down() {
    stopListening();
    if (refusing == null) {
      refusing = RefusingPort.of(port);
    }
  }

  /** The port is closed when nobody waits for a caller any more, and not before. */
  private void stopListening() {
    try {
      listener.close();
      if (acceptor != null) {
        acceptor.join();
      }
      for (Socket socket : sockets) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Listens again, at the same port. */
  void up() {
    noLongerRefusing();
    try {
      listener = listening(listeners, port);
      accepting(listener);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void noLongerRefusing() {
    if (refusing != null) {
      refusing.close();
      refusing = null;
    }
  }

  private void accepting(ServerSocket on) {
    acceptor = Thread.ofVirtual().name("loopback-accept").start(() -> accept(on));
  }

  private void accept(ServerSocket on) {
    while (!on.isClosed()) {
      try {
        Socket socket = on.accept();
        socket.setTcpNoDelay(true);
        accepted.incrementAndGet();
        sockets.add(socket);
        Thread.ofVirtual().name("loopback-connection").start(() -> serve(socket));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      var in = new BufferedInputStream(socket.getInputStream());
      while (true) {
        in.mark(1);
        if (in.read() == TLS_HANDSHAKE) {
          return; // which has line ends only by chance: who waits for one may wait forever
        }
        in.reset();
        String request = line(in);
        if (request.isEmpty()) {
          return;
        }
        var headers = new TreeMap<String, String>();
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
          int colon = line.indexOf(':');
          if (colon < 0) {
            return; // no HTTP
          }
          headers.put(
              line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
        }
        String[] words = request.split(" ", -1);
        handler.handle(new Exchange(words[0], words[1], headers, in, socket, stopped));
        if (socket.isClosed()) {
          return;
        }
      }
    } catch (IOException e) {
      // The client went away: its business.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      sockets.remove(socket);
    }
  }

  private static String line(InputStream in) throws IOException {
    var line = new StringBuilder();
    for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  @Override
  public void close() {
    stopped.countDown();
    stopListening();
    noLongerRefusing();
  }
}
