package dev.turnpike.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

/**
 * A port on loopback where every connection is refused: bound, so that nobody else is given it
 * meanwhile, but not listening. A port that was only given back may be another server's by the time
 * it is called.
 */
public final class RefusingPort implements AutoCloseable {
  private final Socket holder = new Socket();

  private RefusingPort(int port) {
    try {
      holder.setReuseAddress(true); // connections of a server that was here may linger
      holder.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Any port that is free. */
  public static RefusingPort any() {
    return new RefusingPort(0);
  }

  /** The port of a server that has just stopped listening. */
  static RefusingPort of(int port) {
    return new RefusingPort(port);
  }

  public int port() {
    return holder.getLocalPort();
  }

  @Override
  public void close() {
    try {
      holder.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
