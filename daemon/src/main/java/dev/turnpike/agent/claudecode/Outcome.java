package dev.turnpike.agent.claudecode;

import dev.turnpike.model.Level;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How a turn ended, as its root tells it. */
record Outcome(Level level, @Nullable String status, String output, Map<String, String> metadata) {}
