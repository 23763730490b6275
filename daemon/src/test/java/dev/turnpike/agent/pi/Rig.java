package dev.turnpike.agent.pi;

import dev.turnpike.testing.AssemblerBench;
import java.util.Optional;

/** Plays Pi; the files are in memory. */
final class Rig extends AssemblerBench<PiSignal> {
  Rig(boolean restarts) {
    super(new Pi(new PiInstaller(Optional.empty())), Shelf.IN_MEMORY, restarts);
  }
}
