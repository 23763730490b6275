package dev.turnpike.agent.claudecode;

import dev.turnpike.agent.Interpretation;
import dev.turnpike.testing.AssemblerBench;
import dev.turnpike.testing.NoInstaller;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** Plays Claude Code; the files are on the disk. */
final class Rig extends AssemblerBench<ClaudeSignal> {
  Rig(boolean restarts) {
    super(new ClaudeCode(new NoInstaller()), Shelf.ON_DISK, restarts);
  }

  /** Tells what a hook said, unless it is one of those we have no use for. */
  void hook(byte[] payload, Instant at) {
    String body = new String(payload, StandardCharsets.UTF_8);
    if (!(interpret(body) instanceof Interpretation.Ignored<ClaudeSignal>)) {
      deliver(payload, at);
    }
  }
}
