package dev.turnpike.agent.gemini;

import dev.turnpike.agent.Finished.LaterPart;
import dev.turnpike.testing.AssemblerBench;
import dev.turnpike.testing.Told.Trace;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/** Plays Gemini CLI; the files are in memory. */
final class Rig extends AssemblerBench<GeminiSignal> {
  private final AtomicBoolean others;

  Rig(boolean restarts) {
    this(restarts, new AtomicBoolean());
  }

  private Rig(boolean restarts, AtomicBoolean others) {
    super(
        new GeminiCli(new GeminiInstaller(Path.of("/none")), (file, cwd) -> others.get()),
        Shelf.IN_MEMORY,
        restarts);
    this.others = others;
  }

  /** Whether somebody else is asked at a turn's end. */
  void others(boolean are) {
    others.set(are);
  }

  /** What was told. Nothing outlasts a turn of which nobody else is asked. */
  List<Trace> traces() {
    List<Trace> traces = told().traces();
    for (Trace trace : traces) {
      if (trace.turn().laterParts() && !others.get()) {
        throw new AssertionError("later parts: " + trace.key());
      }
    }
    return traces;
  }

  List<LaterPart> parts() {
    return told().pieces().stream()
        .flatMap(
            piece -> piece.finished() instanceof LaterPart part ? Stream.of(part) : Stream.of())
        .toList();
  }
}
