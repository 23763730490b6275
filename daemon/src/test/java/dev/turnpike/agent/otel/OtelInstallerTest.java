package dev.turnpike.agent.otel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.agent.Installer.FileChange;
import dev.turnpike.agent.Installer.Machine;
import dev.turnpike.agent.Installer.Registration;
import dev.turnpike.agent.Installer.UnreadableSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OtelInstallerTest {
  private static final Path HOOK = Path.of("/opt/bin/turnpike-hook");

  @TempDir Path temp;
  private final OtelInstaller installer = new OtelInstaller();

  private Machine machine(String port) {
    return new Machine(
        temp.resolve("home"),
        Map.of("TURNPIKE_HOME", temp.resolve("tp").toString(), "TURNPIKE_OTLP_PORT", port));
  }

  private static void apply(List<FileChange> changes) throws IOException {
    for (FileChange change : changes) {
      if (change.content().isPresent()) {
        Files.createDirectories(change.file().getParent());
        Files.writeString(change.file(), change.content().get());
      } else {
        Files.delete(change.file());
      }
    }
  }

  @Test
  void makesATokenAndTheFunctionThatSendsIt() throws Exception {
    Path token = temp.resolve("tp/state/otlp/otel.token");
    Path script = temp.resolve("tp/otel.sh");
    assertFalse(installer.detect(machine("")).present(), "only by its name");
    assertEquals(new Registration.Absent(), installer.check(machine(""), HOOK));
    List<FileChange> changes = installer.register(machine(""), HOOK);
    assertEquals(List.of(token, script), changes.stream().map(FileChange::file).toList());
    apply(changes);
    assertEquals(new Registration.Complete(), installer.check(machine(""), HOOK));
    assertEquals(List.of(), installer.register(machine(""), HOOK));
    String secret = Files.readString(token).strip();
    assertTrue(Files.readString(script).contains("HEADERS=x-turnpike-token=" + secret + " "));
    assertTrue(installer.check(machine("5000"), HOOK) instanceof Registration.Partial);
    apply(installer.register(machine("5000"), HOOK));
    assertEquals(secret, Files.readString(token).strip(), "the token stays");
    assertTrue(Files.readString(script).contains("http://127.0.0.1:5000/otel "));
    apply(installer.unregister(machine("")));
    assertEquals(new Registration.Absent(), installer.check(machine(""), HOOK));
    assertEquals(List.of(), installer.unregister(machine("")));
  }

  @Test
  void theFunctionGivesAProgramItsVariables() throws Exception {
    apply(installer.register(machine("5000"), HOOK));
    var shell =
        new ProcessBuilder(
                "/bin/sh",
                "-c",
                ". '%s' && turnpike_otel sh -c 'env; echo $1' x 'a b'"
                    .formatted(temp.resolve("tp/otel.sh")))
            .redirectErrorStream(true)
            .start();
    String out = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, shell.waitFor(), out);
    assertTrue(out.contains("OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:5000/otel\n"), out);
    assertTrue(out.contains("OTEL_RESOURCE_ATTRIBUTES=process.working_directory=/"), out);
    assertTrue(out.endsWith("a b\n"), out);
  }

  @Test
  void somebodyElsesFileStays() throws Exception {
    Path script = temp.resolve("tp/otel.sh");
    Files.createDirectories(script.getParent());
    Files.writeString(script, "export MINE=1\n");
    assertThrows(UnreadableSettings.class, () -> installer.register(machine(""), HOOK));
    assertEquals(List.of(), installer.unregister(machine("")));
  }
}
