package dev.turnpike.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import org.junit.jupiter.api.Test;

class LogProviderTest {
  @Test
  void itsContextTakesAppendersAndLines() {
    var provider = new LogProvider();
    provider.initialize();
    var context = (LoggerContext) provider.getLoggerFactory();
    assertTrue(context.isStarted());
    var kept = new ListAppender<ILoggingEvent>();
    kept.setContext(context);
    kept.start();
    context.getLogger("dev.turnpike").addAppender(kept);
    context.getLogger("dev.turnpike.test").info("{} lines", 2);
    assertEquals("2 lines", kept.list.getFirst().getFormattedMessage());
    assertEquals(provider.getMDCAdapter(), context.getMDCAdapter());
  }

  /** What SLF4J asks of every provider it takes: 2.x of its interface. */
  @Test
  void itIsOfSlf4j2() {
    assertTrue(new LogProvider().getRequestedApiVersion().startsWith("2.0."));
  }
}
