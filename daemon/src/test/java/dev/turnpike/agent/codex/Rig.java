package dev.turnpike.agent.codex;

import dev.turnpike.testing.AssemblerBench;
import dev.turnpike.testing.NoInstaller;

/** Plays Codex; the files are on the disk. */
final class Rig extends AssemblerBench<CodexSignal> {
  Rig(boolean restarts) {
    super(new Codex(new NoInstaller()), Shelf.ON_DISK, restarts);
  }
}
