package dev.turnpike.agent.opencode;

import dev.turnpike.testing.AssemblerBench;
import dev.turnpike.testing.NoInstaller;

/** Plays OpenCode, which has no files; a restart is when a test says so. */
final class Rig extends AssemblerBench<OpenCodeSignal> {
  Rig() {
    super(new OpenCode(new NoInstaller()), Shelf.IN_MEMORY, false);
  }
}
