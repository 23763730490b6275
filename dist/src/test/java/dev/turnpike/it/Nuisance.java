package dev.turnpike.it;

import dev.turnpike.testing.FakeLangfuse;
import dev.turnpike.testing.Fault;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.slf4j.LoggerFactory;

/**
 * What comes a daemon's way besides its work: questions, callers that hang up at any point, readers
 * of the log, files in the spool, a server that fails.
 */
final class Nuisance {
  private static final String HOOK =
      "POST /v1/events/claude-code HTTP/1.1\r\nHost: turnpike\r\nContent-Length: 5000\r\n";

  private static final int FAULTS_RARER = 10;

  private final RunningDaemon daemon;
  private final FakeLangfuse server;
  private final Random random;
  private int done;

  Nuisance(RunningDaemon daemon, FakeLangfuse server, long seed) {
    this.daemon = daemon;
    this.server = server;
    this.random = new Random(seed);
  }

  int done() {
    return done;
  }

  /** One of them. */
  void one() throws IOException {
    done++;
    switch (random.nextInt(12)) {
      case 0, 1 -> daemon.status();
      case 2 -> daemon.get("/v1/traces/local?limit=5");
      case 3 -> daemon.get("/v1/sessions");
      case 4 -> hangUpAfter("");
      case 5 -> hangUpAfter(HOOK);
      case 6 -> hangUpAfter(HOOK + "Turnpike-Event-Id: half\r\nTurnpike-Time: 1\r\n\r\n{\"half\":");
      case 7 -> hangUpAfter("GET /v1/logs/tail?lines=10&follow=true HTTP/1.1\r\nHost: t\r\n\r\n");
      case 8 -> hangUpAfter("no HTTP at all\r\n\r\n");
      case 9 -> daemon.post("/v1/reload");
      case 10 -> spoolSomethingUnreadable();
      default -> {
        if (random.nextInt(FAULTS_RARER) == 0) {
          fail(); // each is waited out for seconds: more often, and nothing would be sent at all
        }
      }
    }
  }

  private void hangUpAfter(String bytes) throws IOException {
    try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(daemon.socket()));
      var out = ByteBuffer.wrap(bytes.getBytes(StandardCharsets.US_ASCII));
      while (out.hasRemaining()) {
        channel.write(out);
      }
    } catch (IOException e) {
      LoggerFactory.getLogger(Nuisance.class).debug("the daemon was quicker: {}", e.toString());
    }
  }

  private void spoolSomethingUnreadable() throws IOException {
    Path spool = Files.createDirectories(daemon.home().resolve("state/spool"));
    Files.writeString(spool.resolve(done + "-1.evt"), "this is no request");
  }

  private void fail() {
    server.faults(
        switch (random.nextInt(4)) {
          case 0 -> Fault.status(503).times(1);
          case 1 -> Fault.resetDuringRequest(100).times(1);
          case 2 -> Fault.closeOnAccept().times(1);
          default -> Fault.delay(Duration.ofMillis(300)).times(2);
        });
  }
}
