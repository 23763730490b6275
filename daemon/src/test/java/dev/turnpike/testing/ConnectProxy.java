package dev.turnpike.testing;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A company's HTTP proxy, as far as TLS goes through it: {@code CONNECT}. Whatever host is asked
 * for, the tunnel leads to that port of loopback.
 */
public final class ConnectProxy implements AutoCloseable {
  private final RawServer server;
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private volatile Optional<String> login = Optional.empty();
  private volatile int refusal;

  private ConnectProxy() {
    this.server = RawServer.start(this::serve);
  }

  public static ConnectProxy start() {
    return new ConnectProxy();
  }

  /** Lets through only who says this, the value of {@code Proxy-Authorization}. */
  public ConnectProxy login(String header) {
    login = Optional.of(header);
    return this;
  }

  /** Answers with this status and lets nobody through; 0: lets through again. */
  public ConnectProxy refusing(int status) {
    refusal = status;
    return this;
  }

  /** {@code host:port} of each tunnel that was asked for. */
  public List<String> asked() {
    return List.copyOf(asked);
  }

  public String address() {
    return "127.0.0.1:" + server.port();
  }

  private void serve(Socket caller) throws IOException {
    InputStream in = caller.getInputStream();
    while (true) {
      String request = line(in);
      String given = "";
      for (String line = line(in); !line.isEmpty(); line = line(in)) {
        if (line.toLowerCase(Locale.ROOT).startsWith("proxy-authorization:")) {
          given = line.substring(line.indexOf(':') + 1).strip();
        }
      }
      String[] words = request.split(" ", -1);
      if (words.length < 2 || !words[0].equals("CONNECT")) {
        return;
      }
      asked.add(words[1]);
      String wanted = login.orElse(given);
      if (refusal > 0) {
        answer(caller, refusal + " No\r\nContent-Length: 0");
      } else if (!wanted.equals(given)) {
        answer(
            caller, "407 Who\r\nProxy-Authenticate: Basic realm=\"company\"\r\nContent-Length: 0");
      } else {
        answer(caller, "200 Through");
        tunnel(caller, Integer.parseInt(words[1].substring(words[1].lastIndexOf(':') + 1)));
        return;
      }
    }
  }

  private static void answer(Socket caller, String text) throws IOException {
    caller
        .getOutputStream()
        .write(("HTTP/1.1 " + text + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
  }

  private static void tunnel(Socket caller, int port) throws IOException {
    try (var onward = new Socket(InetAddress.getLoopbackAddress(), port)) {
      Thread.ofVirtual().start(() -> pump(onward, caller));
      caller.getInputStream().transferTo(onward.getOutputStream());
    }
  }

  private static void pump(Socket from, Socket to) {
    try (to) {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException e) {
      // One of them hung up.
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
    server.close();
  }
}
