package dev.turnpike.agent.otel;

import dev.turnpike.agent.Installer;
import dev.turnpike.agent.SettingsText;
import dev.turnpike.agent.TelemetryToken;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Makes a token for the receiver of telemetry, and a shell function that runs a program with the
 * standard variables of OpenTelemetry's exporters. No agent's settings are touched: which agents
 * there are is not known. Nothing tells that one is here, so it is installed by name only.
 */
public final class OtelInstaller implements Installer {
  private static final String MARK = "# Turnpike: OpenTelemetry";

  private final SecureRandom random = new SecureRandom();

  @Override
  public Detection detect(Machine machine) {
    return new Detection(false, script(machine), Optional.empty());
  }

  @Override
  public List<FileChange> register(Machine machine, Path hookProgram) throws UnreadableSettings {
    var changes = new ArrayList<FileChange>();
    TelemetryToken token = TelemetryToken.of(machine, Otel.ID, random);
    token.change("make a token for telemetry").ifPresent(changes::add);
    SettingsText script = SettingsText.read(script(machine));
    if (script.text().isPresent() && !ours(script.text().get())) {
      throw new UnreadableSettings(
          "%s is somebody else's; move it away and try again. Nothing was changed."
              .formatted(script.file()));
    }
    String wanted = scriptText(machine, token.value());
    if (!script.text().equals(Optional.of(wanted))) {
      changes.add(
          new FileChange(
              script.file(),
              Optional.of(wanted),
              "write the function turnpike_otel, which runs a program with its telemetry sent here;"
                  + " add to your shell's profile: . "
                  + script.file()));
    }
    for (FileChange change : changes) {
      SettingsText.read(change.file()).requireWritable();
    }
    return changes;
  }

  @Override
  public List<FileChange> unregister(Machine machine) throws UnreadableSettings {
    var changes = new ArrayList<FileChange>();
    TelemetryToken.removal(machine, Otel.ID, "remove the token for telemetry")
        .ifPresent(changes::add);
    SettingsText script = SettingsText.read(script(machine));
    if (script.text().map(OtelInstaller::ours).orElse(false)) {
      changes.add(
          new FileChange(
              script.file(),
              Optional.empty(),
              "remove the function turnpike_otel; take its line out of your shell's profile"));
    }
    for (FileChange change : changes) {
      SettingsText.read(change.file()).requireWritable();
    }
    return changes;
  }

  @Override
  public Registration check(Machine machine, Path hookProgram) {
    try {
      Optional<String> token = TelemetryToken.kept(machine, Otel.ID);
      Optional<String> script = SettingsText.read(script(machine)).text();
      if (token.isEmpty() && script.filter(OtelInstaller::ours).isEmpty()) {
        return new Registration.Absent();
      }
      var problems = new ArrayList<String>();
      if (token.isEmpty()) {
        problems.add("no token for telemetry in " + TelemetryToken.file(machine, Otel.ID));
      } else if (!script.equals(Optional.of(scriptText(machine, token.get())))) {
        problems.add("%s is not that of this version of Turnpike".formatted(script(machine)));
      }
      return problems.isEmpty() ? new Registration.Complete() : new Registration.Partial(problems);
    } catch (UnreadableSettings e) {
      return new Registration.Unreadable(String.valueOf(e.getMessage()));
    }
  }

  private static boolean ours(String text) {
    return text.startsWith(MARK);
  }

  private static String scriptText(Machine machine, String token) {
    return """
    %s
    # Runs a program with its telemetry sent to Turnpike: turnpike_otel goose session
    # In your shell's profile: . THIS_FILE
    # Prompts, answers, arguments and results come only if the program is told to send them; for most:
    #   export OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=true
    turnpike_otel() {
      OTEL_EXPORTER_OTLP_ENDPOINT=%s \\
      OTEL_EXPORTER_OTLP_PROTOCOL="${OTEL_EXPORTER_OTLP_PROTOCOL:-http/protobuf}" \\
      OTEL_EXPORTER_OTLP_HEADERS=x-turnpike-token=%s \\
      OTEL_RESOURCE_ATTRIBUTES="${OTEL_RESOURCE_ATTRIBUTES:-process.working_directory=$PWD}" \\
      command "$@"
    }
    """
        .formatted(MARK, TelemetryToken.endpoint(machine, Otel.ID), token);
  }

  private static Path script(Machine machine) {
    return TelemetryToken.script(machine, "otel.sh");
  }
}
