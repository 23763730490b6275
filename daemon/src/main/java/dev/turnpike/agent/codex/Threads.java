package dev.turnpike.agent.codex;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The sub-agents of a session, as far as their files were read. */
interface Threads {
  /** Those turns of a thread that work for a turn of the main thread, in their order. */
  List<Turn> turns(String thread, Turn root);

  /** Threads that hooks named and no row did. */
  List<String> unsummoned(Turn root);

  /** A fact of the first row of a thread's file. */
  @Nullable String fact(String thread, String name);
}
