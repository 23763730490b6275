package dev.turnpike.agent.gemini;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnpike.agent.AgentJson;
import dev.turnpike.agent.ShellHook;
import dev.turnpike.model.Caller;
import dev.turnpike.model.SessionId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Which process is the agent, and which version it is. The agent starts a hook through {@code bash
 * -c}, so the caller's parent is a shell that is gone a moment later: our registration names the
 * shell's parent in {@code TURNPIKE_AGENT_PID}. The version is in no hook and in no file of the
 * session (0.61.0; its telemetry reports that of Node): it stands in the {@code package.json} of
 * the package the process was started from.
 *
 * <p>Used by one thread, the router's.
 */
final class AgentProcess {
  private static final String PACKAGE = "@google/gemini-cli";
  private static final int LIMIT_KNOWN = 64;
  private static final long LIMIT_PACKAGE_BYTES = 256 * 1024;
  private static final int LIMIT_FOLDERS = 6;

  /**
   * @param version absent if the process tells none, or has ended
   */
  record Found(OptionalLong pid, @Nullable String version) {}

  /** By process: its start, since ids are used again, and the version. */
  private final Map<String, Optional<String>> known = new LinkedHashMap<>();

  /** By session: whose child the hook before was. */
  private final Map<SessionId, Long> parents = new LinkedHashMap<>();

  Found of(SessionId session, Caller caller) {
    Long before = parents.put(session, caller.parentPid());
    if (parents.size() > LIMIT_KNOWN) {
      parents.remove(parents.keySet().iterator().next());
    }
    // each shell has an id of its own: a parent that comes twice is the agent, even if it has ended
    boolean same = caller.parentPid() > 0 && Objects.equals(before, caller.parentPid());
    OptionalLong told = same ? OptionalLong.of(caller.parentPid()) : OptionalLong.empty();
    OptionalLong named = ShellHook.agentPid(caller);
    return agent(caller)
        .map(
            process ->
                new Found(OptionalLong.of(process.pid()), version(process.pid()).orElse(null)))
        .orElseGet(() -> new Found(named.isPresent() ? named : told, null));
  }

  private static Optional<ProcessHandle> agent(Caller caller) {
    OptionalLong named = ShellHook.agentPid(caller);
    if (named.isPresent()) {
      return ProcessHandle.of(named.getAsLong());
    }
    // A registration of somebody's own making: Node itself, or the shell's parent if it still runs
    return caller.parentPid() <= 0
        ? Optional.empty()
        : ProcessHandle.of(caller.parentPid())
            .flatMap(parent -> node(parent) ? Optional.of(parent) : parent.parent())
            .filter(AgentProcess::node);
  }

  private static boolean node(ProcessHandle process) {
    String command = process.info().command().orElse("");
    String name = command.substring(command.lastIndexOf('/') + 1);
    return name.equals("node") || name.equals("bun") || name.equals("gemini");
  }

  private Optional<String> version(long pid) {
    Optional<ProcessHandle> process = ProcessHandle.of(pid);
    if (process.isEmpty()) {
      return Optional.empty();
    }
    ProcessHandle.Info info = process.get().info();
    String key = pid + " " + info.startInstant().map(Object::toString).orElse("");
    Optional<String> version = known.get(key);
    if (version == null) {
      version = program(info).flatMap(AgentProcess::packageVersion);
      known.put(key, version);
      if (known.size() > LIMIT_KNOWN) {
        known.remove(known.keySet().iterator().next());
      }
    }
    return version;
  }

  /**
   * {@code node --max-old-space-size=8192 /usr/local/bin/gemini -p …}: the first that is a path.
   */
  private static Optional<Path> program(ProcessHandle.Info info) {
    for (String argument : info.arguments().orElse(new String[0])) {
      if (argument.startsWith("/")) {
        try {
          return Optional.of(Path.of(argument).toRealPath());
        } catch (IOException | InvalidPathException e) {
          return Optional.empty();
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<String> packageVersion(Path program) {
    Path folder = program.getParent();
    for (int up = 0; folder != null && up < LIMIT_FOLDERS; up++) {
      Path file = folder.resolve("package.json");
      try {
        if (Files.isRegularFile(file) && Files.size(file) <= LIMIT_PACKAGE_BYTES) {
          JsonNode text = AgentJson.MAPPER.readTree(Files.readAllBytes(file));
          if (text.path("name").asText().equals(PACKAGE)) {
            String version = text.path("version").asText();
            return version.matches("[0-9A-Za-z.+-]{1,40}")
                ? Optional.of(version)
                : Optional.empty();
          }
        }
      } catch (IOException e) {
        return Optional.empty();
      }
      folder = folder.getParent();
    }
    return Optional.empty();
  }
}
