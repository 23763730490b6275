package dev.turnpike.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.journal.FaultyFiles.Fate;
import dev.turnpike.journal.Samples;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** No room for what was sent: it is sent all the same, and the history says so until there is. */
class HistoryRoomTest extends OutboxCase {
  private void refuse(String room) {
    files.plan(
        (operation, what, file) ->
            file.toString().contains("/" + room) && !what.equals("delete")
                ? what.equals("write") ? Fate.HALF : Fate.FAILS
                : Fate.WORKS);
  }

  private void work() {
    files.plan((operation, what, file) -> Fate.WORKS);
  }

  @Test
  void whatIsNotKeptIsSettledAndSaidUntilThereIsRoom() throws IOException {
    queue(Traces.turn(1, 1, 1), REMOTE, 1);
    refuse("traces");
    outbox.record(take(), new SendResult.Accepted());
    assertEquals(List.of(), journal.view().pendingBatches());
    assertEquals(1, counters.of("history.failed"));
    assertTrue(history.problem().isPresent());
    history.look();
    assertTrue(history.problem().isPresent(), "nothing has changed");
    work();
    history.look();
    assertEquals(Optional.empty(), history.problem());
    assertEquals(List.of(), temporary("traces"));
  }

  @Test
  void theNextThatIsKeptEndsTheProblemToo() throws IOException {
    queue(Traces.turn(1, 1, 1), REMOTE, 1);
    queue(Traces.turn(2, 1, 1), REMOTE, 1);
    refuse("traces");
    outbox.record(take(), new SendResult.Accepted());
    work();
    outbox.record(take(), new SendResult.Accepted());
    assertEquals(Optional.empty(), history.problem());
    assertEquals(1, history.entries().size());
  }

  @Test
  void whatWasWrittenInHalfDoesNotStay() throws IOException {
    refuse("outbox");
    assertThrows(
        IOException.class, () -> outbox.stage(Traces.turn(1, 1, 1), REMOTE, Samples.session(1)));
    assertEquals(List.of(), temporary("outbox"));
  }

  @Test
  void itOpensWhereWhatAStopLeftCannotBeRemoved() throws IOException {
    Files.write(directory.resolve("traces/left.json.gz.tmp"), new byte[1]);
    files.plan(
        (operation, what, file) -> file.toString().endsWith(".tmp") ? Fate.FAILS : Fate.WORKS);
    reopen();
    assertEquals(List.of(), history.entries());
  }

  private List<String> temporary(String room) throws IOException {
    try (Stream<Path> all = Files.list(directory.resolve(room))) {
      return all.map(Path::toString).filter(name -> name.endsWith(".tmp")).toList();
    }
  }
}
