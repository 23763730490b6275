package dev.turnpike.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A port on loopback where anything may be said; counts who calls. */
public final class RawServer implements AutoCloseable {
  /** What is done with each caller; the connection is closed afterwards. */
  public interface Talk {
    void with(Socket socket) throws IOException;
  }

  private final ServerSocket listener;
  private final AtomicInteger calls = new AtomicInteger();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  private RawServer(ServerSocket listener) {
    this.listener = listener;
  }

  public static RawServer start(Talk talk) {
    try {
      var server = new RawServer(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
      Thread.ofVirtual().name("raw-accept").start(() -> server.accept(talk));
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Hangs up as soon as the caller has said something. */
  public static RawServer hangingUp() {
    return start(socket -> socket.getInputStream().read());
  }

  public int port() {
    return listener.getLocalPort();
  }

  public int calls() {
    return calls.get();
  }

  private void accept(Talk talk) {
    while (!listener.isClosed()) {
      try {
        Socket socket = listener.accept();
        calls.incrementAndGet();
        open.add(socket);
        Thread.ofVirtual().name("raw-call").start(() -> serve(socket, talk));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void serve(Socket socket, Talk talk) {
    try (socket) {
      talk.with(socket);
    } catch (IOException e) {
      // The caller went away: its business.
    } finally {
      open.remove(socket);
    }
  }

  @Override
  public void close() {
    try {
      listener.close();
      for (Socket socket : open) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
