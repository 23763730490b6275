package dev.turnpike.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SpoolOnceTest {
  @Test
  void turnsOfRowsThatWereReadTogetherWaitTogether() {
    var takes = new AtomicInteger();
    var spool =
        new SpoolOnce(
            () -> {
              takes.incrementAndGet();
              return new CompletableFuture<>();
            });
    var first = spool.get();
    assertSame(first, spool.get());
    assertEquals(1, takes.get());
    spool.again();
    assertNotSame(first, spool.get());
    assertEquals(2, takes.get());
  }
}
