package dev.turnpike.agent;

import dev.turnpike.model.AgentId;
import dev.turnpike.model.Caller;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * A hook that its agent hands to a shell.
 *
 * <p>To such agents a hook that fails, or says something, can be a refusal: whatever happens, also
 * where our program is gone, this command says nothing and succeeds. The shell is gone a moment
 * later, so it names its own parent, the agent's process.
 *
 * <pre>
 *   TURNPIKE_AGENT_PID=$PPID '/abs/turnpike-hook' codex &gt;/dev/null 2&gt;&amp;1 || true
 * </pre>
 */
public record ShellHook(AgentId agent) {
  private static final String NAMED = "TURNPIKE_AGENT_PID";

  public String command(String program) {
    return "%s=$PPID %s %s >/dev/null 2>&1 || true".formatted(NAMED, quoted(program), agent);
  }

  /** Whether it is a command of ours, whichever version wrote it. */
  public boolean wrote(String command) {
    return Pattern.compile("(^|[\\s/'\"])turnpike-hook['\"]?\\s+" + agent + "\\b")
        .matcher(command)
        .find();
  }

  /** The agent's process, as the command that calls names it. */
  public static OptionalLong agentPid(Caller caller) {
    String text = caller.environment().getOrDefault(NAMED, "");
    return text.matches("[1-9][0-9]{0,9}")
        ? OptionalLong.of(Long.parseLong(text))
        : OptionalLong.empty();
  }

  /** One word to a shell. */
  public static String quoted(String word) {
    return "'" + word.replace("'", "'\\''") + "'";
  }
}
