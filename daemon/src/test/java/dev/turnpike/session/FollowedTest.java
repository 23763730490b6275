package dev.turnpike.session;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.agent.Circumstances;
import dev.turnpike.agent.Finished;
import dev.turnpike.agent.FollowedFile;
import dev.turnpike.agent.Line;
import dev.turnpike.agent.Memory;
import dev.turnpike.agent.Signal;
import dev.turnpike.agent.TurnAssembler;
import dev.turnpike.model.Event;
import dev.turnpike.platform.Counters;
import dev.turnpike.platform.HostFacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FollowedTest {
  @TempDir Path home;

  private Path file(String name, String rows) throws IOException {
    return Files.writeString(
        home.resolve(name), rows, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private Followed following(Names names) {
    return new Followed(
        names,
        Optional.empty(),
        new Counters(),
        new Semaphore(1),
        HostFacts.current().uid(),
        new BadRows());
  }

  @Test
  void manyFilesWithNewRowsAreNotLookedForAtEachOfThem() throws IOException {
    var names = new Names(home);
    file("main", "");
    for (int n = 0; n < 50; n++) {
      file("main", "agent-" + n + "\n");
      file("agent-" + n, "row\nrow\n");
    }
    Followed followed = following(names);
    assertEquals(new Followed.Pass(150, true), followed.read());
    assertTrue(names.asked <= 4, names.asked + " times");
    names.asked = 0;
    assertEquals(new Followed.Pass(0, true), followed.read());
    assertEquals(1, names.asked);
  }

  @Test
  void aFileNamedByARowIsReadInTheSamePassAtAnyDepth() throws IOException {
    file("main", "a\n");
    file("a", "b\n");
    file("b", "c\n");
    file("c", "row\n");
    assertEquals(new Followed.Pass(4, true), following(new Names(home)).read());
  }

  /** Every row names a further file. */
  private static final class Names implements TurnAssembler<Signal> {
    private final Path home;
    private final List<FollowedFile> files = new ArrayList<>();
    private int asked;

    Names(Path home) {
      this.home = home;
      files.add(new FollowedFile(home.resolve("main"), 0, true));
    }

    @Override
    public List<FollowedFile> files() {
      asked++;
      return List.copyOf(files);
    }

    @Override
    public void accept(Path file, Line line) {
      String name = line instanceof Line.Row row ? new String(row.copy(), UTF_8) : "";
      if (!name.equals("row")) {
        files.add(new FollowedFile(home.resolve(name), 0, true));
      }
    }

    @Override
    public void accept(Event event, Signal signal) {}

    @Override
    public void restarted(Path file) {}

    @Override
    public Optional<Finished> poll(Circumstances circumstances) {
      return Optional.empty();
    }

    @Override
    public boolean awaitingRows() {
      return false;
    }

    @Override
    public boolean open() {
      return false;
    }

    @Override
    public Memory memory() {
      return Memory.NONE;
    }
  }
}
