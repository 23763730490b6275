package dev.turnpike.agent.gemini;

import dev.turnpike.agent.gemini.Row.Call;
import dev.turnpike.model.Level;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** How a tool call ended. */
record ToolEnd(Level level, @Nullable String status, Map<String, String> metadata) {
  private static final int LIMIT_STATUS_CHARS = 500;

  /**
   * A shell command that failed is a success of the tool; its code stands in the text, after
   * whatever the command itself wrote.
   */
  private static final Pattern EXIT_CODE =
      Pattern.compile("^Exit Code: (-?\\d{1,10})$", Pattern.MULTILINE);

  private static final Pattern MCP = Pattern.compile("^(.{1,100}) \\((.{1,100}) MCP Server\\)$");

  static ToolEnd of(Call call) {
    var metadata = new LinkedHashMap<String, String>();
    Matcher mcp = MCP.matcher(call.display());
    if (mcp.matches()) {
      metadata.put("mcp_tool", mcp.group(1));
      metadata.put("mcp_server", mcp.group(2));
    }
    if (call.cancelled()) {
      return new ToolEnd(Level.WARNING, "cancelled", metadata);
    }
    String error = call.error();
    if (error != null) {
      return new ToolEnd(Level.ERROR, shortened(error), metadata);
    }
    String code = call.name().equals("run_shell_command") ? exitCode(call.output()) : null;
    if (code == null) {
      return new ToolEnd(Level.DEFAULT, null, metadata);
    }
    metadata.put("exit_code", code);
    return code.equals("0")
        ? new ToolEnd(Level.DEFAULT, null, metadata)
        : new ToolEnd(Level.WARNING, "exit code " + code, metadata);
  }

  static ToolEnd ofAgent(Call call) {
    String why = call.end();
    if (call.error() != null || "ERROR".equals(why)) {
      String error = call.error();
      return new ToolEnd(Level.ERROR, error == null ? "ERROR" : shortened(error), Map.of());
    }
    if (call.cancelled() || (why != null && !why.equals("GOAL"))) {
      return new ToolEnd(Level.WARNING, why == null ? "cancelled" : why, Map.of());
    }
    return new ToolEnd(Level.DEFAULT, null, Map.of());
  }

  private static @Nullable String exitCode(String output) {
    String code = null;
    for (Matcher line = EXIT_CODE.matcher(output); line.find(); ) {
      code = line.group(1);
    }
    return code;
  }

  private static String shortened(String text) {
    String line = text.strip().lines().findFirst().orElse("");
    return line.length() <= LIMIT_STATUS_CHARS ? line : line.substring(0, LIMIT_STATUS_CHARS);
  }
}
