package dev.turnpike.agent.copilot;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.turnpike.agent.AgentJson;
import dev.turnpike.agent.Installer;
import dev.turnpike.agent.SettingsText;
import dev.turnpike.agent.ShellHook;
import dev.turnpike.agent.TelemetryToken;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Registers with Copilot CLI by three files that are all our own: hooks in {@code
 * ~/.copilot/hooks/}, a token for the receiver of telemetry, and a shell function that switches the
 * CLI's telemetry on, since the CLI takes its endpoint from the environment only. The function is
 * sourced by the user's shell; a variable exported there would reach every other program too.
 */
public final class CopilotInstaller implements Installer {
  private static final List<String> EVENTS =
      List.of(
          "sessionStart",
          "userPromptSubmitted",
          "agentStop",
          "subagentStart",
          "subagentStop",
          "errorOccurred",
          "sessionEnd");
  private static final String MARK = "# Turnpike: GitHub Copilot";

  private final SecureRandom random = new SecureRandom();

  @Override
  public Detection detect(Machine machine) {
    return Detection.of(machine, folder(machine), "copilot", hooks(machine));
  }

  @Override
  public List<FileChange> register(Machine machine, Path hookProgram) throws UnreadableSettings {
    var changes = new ArrayList<FileChange>();
    SettingsText present = SettingsText.read(hooks(machine));
    if (present.text().isPresent() && !ours(present.text().get())) {
      throw new UnreadableSettings(
          "%s holds hooks of somebody else's; move it away and try again. Nothing was changed."
              .formatted(present.file()));
    }
    change(present, hooksText(hookProgram), "register hooks with Copilot CLI")
        .ifPresent(changes::add);
    TelemetryToken token = TelemetryToken.of(machine, Copilot.ID, random);
    token.change("make a token for Copilot's telemetry").ifPresent(changes::add);
    SettingsText script = SettingsText.read(script(machine));
    change(
            script,
            scriptText(machine, token.value()),
            "write the function that switches telemetry on; add to your shell's profile: . "
                + script.file())
        .ifPresent(changes::add);
    for (FileChange change : changes) {
      SettingsText.read(change.file()).requireWritable();
    }
    return changes;
  }

  private static Optional<FileChange> change(
      SettingsText present, String wanted, String description) {
    return present.text().equals(Optional.of(wanted))
        ? Optional.empty()
        : Optional.of(new FileChange(present.file(), Optional.of(wanted), description));
  }

  @Override
  public List<FileChange> unregister(Machine machine) throws UnreadableSettings {
    var changes = new ArrayList<FileChange>();
    SettingsText hooks = SettingsText.read(hooks(machine));
    if (hooks.text().map(CopilotInstaller::ours).orElse(false)) {
      changes.add(
          new FileChange(hooks.file(), Optional.empty(), "take the hooks out of Copilot CLI"));
    }
    TelemetryToken.removal(machine, Copilot.ID, "remove the token for its telemetry")
        .ifPresent(changes::add);
    SettingsText script = SettingsText.read(script(machine));
    if (script.text().map(text -> text.startsWith(MARK)).orElse(false)) {
      changes.add(
          new FileChange(
              script.file(),
              Optional.empty(),
              "remove the function that switches telemetry on; take its line out of your shell's"
                  + " profile"));
    }
    for (FileChange change : changes) {
      SettingsText.read(change.file()).requireWritable();
    }
    return changes;
  }

  @Override
  public Registration check(Machine machine, Path hookProgram) {
    try {
      Optional<String> hooks = SettingsText.read(hooks(machine)).text();
      Optional<String> token = TelemetryToken.kept(machine, Copilot.ID);
      Optional<String> script = SettingsText.read(script(machine)).text();
      if (hooks.filter(CopilotInstaller::ours).isEmpty() && token.isEmpty()) {
        return new Registration.Absent();
      }
      var problems = new ArrayList<String>();
      if (!hooks.equals(Optional.of(hooksText(hookProgram)))) {
        problems.add("%s is not that of this version of Turnpike".formatted(hooks(machine)));
      }
      if (token.isEmpty()) {
        problems.add("no token for its telemetry in " + TelemetryToken.file(machine, Copilot.ID));
      } else if (!script.equals(Optional.of(scriptText(machine, token.get())))) {
        problems.add("%s is not that of this version of Turnpike".formatted(script(machine)));
      }
      return problems.isEmpty() ? new Registration.Complete() : new Registration.Partial(problems);
    } catch (UnreadableSettings e) {
      return new Registration.Unreadable(String.valueOf(e.getMessage()));
    }
  }

  private static boolean ours(String text) {
    return text.contains("turnpike-hook") || text.contains("turnpike hook");
  }

  /** camelCase names only: with both spellings both would fire. */
  private static String hooksText(Path hookProgram) {
    ObjectNode root = AgentJson.MAPPER.createObjectNode().put("version", 1);
    ObjectNode hooks = root.putObject("hooks");
    for (String event : EVENTS) {
      hooks
          .putArray(event)
          .addObject()
          .put("type", "command")
          .put(
              "bash",
              "%s copilot %s >/dev/null 2>&1 || true"
                  .formatted(ShellHook.quoted(hookProgram.toString()), event))
          .put("timeoutSec", 2);
    }
    try {
      return AgentJson.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of ours cannot be written", e);
    }
  }

  private static String scriptText(Machine machine, String token) {
    return """
    %s
    # Switches Copilot CLI's telemetry on, for Copilot alone. In your shell's profile: . THIS_FILE
    # Copilot sends names, times and tokens only. Prompts, answers, arguments and results come with:
    #   export OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=true
    copilot() {
      COPILOT_OTEL_ENABLED=true \\
      OTEL_EXPORTER_OTLP_ENDPOINT=%s \\
      OTEL_EXPORTER_OTLP_HEADERS=x-turnpike-token=%s \\
      command "${COPILOT_BIN:-copilot}" "$@"
    }
    """
        .formatted(MARK, TelemetryToken.endpoint(machine, Copilot.ID), token);
  }

  private static Path hooks(Machine machine) {
    return folder(machine).resolve("hooks/turnpike.json");
  }

  private static Path script(Machine machine) {
    return TelemetryToken.script(machine, "copilot.sh");
  }

  private static Path folder(Machine machine) {
    return machine.folder("COPILOT_HOME", ".copilot");
  }
}
