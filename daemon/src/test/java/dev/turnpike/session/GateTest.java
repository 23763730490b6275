package dev.turnpike.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.journal.Entry;
import dev.turnpike.journal.Journal;
import dev.turnpike.journal.JournalLimits;
import dev.turnpike.journal.Samples;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GateTest {
  @Test
  void aStepThatEndsAfterItsSessionWasForgottenDoesNotBringItBack(@TempDir Path directory)
      throws IOException {
    try (var journal = Journal.open(directory, JournalLimits.STANDARD, InstantSource.system())) {
      var gate = new Steps.Gate();
      var step = new Entry.StepTaken(Samples.step(1, 1, Set.of(), List.of()));
      gate.commit(journal, step).join();
      assertTrue(journal.view().session(Samples.session(1)).isPresent());
      gate.close();
      journal.commitNow(new Entry.SessionForgotten(Samples.session(1)));
      assertThrows(IOException.class, () -> gate.commit(journal, step));
      assertEquals(Optional.empty(), journal.view().session(Samples.session(1)));
    }
  }
}
