package dev.turnpike.agent.gemini;

import dev.turnpike.testing.AssemblerBench;
import dev.turnpike.testing.Told.Trace;
import java.nio.file.Path;
import java.util.List;

/** Plays Gemini CLI; the files are in memory. */
final class Rig extends AssemblerBench<GeminiSignal> {
  Rig(boolean restarts) {
    super(new GeminiCli(new GeminiInstaller(Path.of("/none"))), Shelf.IN_MEMORY, restarts);
  }

  /** What was told. This agent has nothing that outlasts a turn. */
  List<Trace> traces() {
    List<Trace> traces = told().traces();
    for (Trace trace : traces) {
      if (trace.turn().laterParts()) {
        throw new AssertionError("later parts: " + trace.key());
      }
    }
    return traces;
  }
}
