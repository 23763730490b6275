package dev.turnpike.agent.codex;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.turnpike.agent.Installer.FileChange;
import dev.turnpike.agent.Installer.Machine;
import dev.turnpike.agent.Installer.Registration;
import dev.turnpike.agent.Installer.UnreadableSettings;
import dev.turnpike.agent.codex.HookReview.Verdict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CodexInstallerTest {
  private static final Path PROGRAM = Path.of("/opt/a b/it's/turnpike-hook");
  private static final String THEIRS =
      """
      # mine
      model = "gpt-5.5"   # dear
      notify = ["/usr/bin/notify-send", "Codex"]
      text = \"""
      [[hooks.Stop]]
      \"""

      [projects."/home/dev/shop"]
      trust_level = "trusted"

      [[hooks.Stop]] # theirs
      [[hooks.Stop.hooks]]
      type = "command"
      command = "true"

      [hooks.state."/x/config.toml:stop:0:0"]
      trusted_hash = "sha256:aa"
      # the end
      """;

  @TempDir Path temp;
  private final Map<String, Verdict> review = new HashMap<>();
  private final CodexInstaller installer =
      new CodexInstaller(
          machine -> review.isEmpty() ? Optional.empty() : Optional.of(Map.copyOf(review)));
  private Path config;
  private Machine machine;

  @BeforeEach
  void setUp() throws Exception {
    config = temp.resolve("home/.codex/config.toml");
    Files.createDirectories(config.getParent());
    machine = new Machine(temp.resolve("home"), Map.of());
  }

  private void apply(List<FileChange> changes) throws Exception {
    for (FileChange change : changes) {
      Files.writeString(change.file(), change.content().orElseThrow());
    }
  }

  private void install() throws Exception {
    apply(installer.register(machine, PROGRAM));
    apply(installer.trust().orElseThrow().changes(machine, PROGRAM));
  }

  private List<String> problems() {
    return assertInstanceOf(Registration.Partial.class, installer.check(machine, PROGRAM))
        .problems();
  }

  private void assertComplete() {
    assertEquals(new Registration.Complete(), installer.check(machine, PROGRAM));
  }

  /** Also of files whose last line does not end. */
  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "model = \"x\"", "a = 1\r\nb = 2\r\n", "# only this", THEIRS})
  void whatWasThereComesBackByteForByte(String theirs) throws Exception {
    Files.writeString(config, theirs);
    assertEquals(new Registration.Absent(), installer.check(machine, PROGRAM));
    apply(installer.register(machine, PROGRAM));
    assertEquals(List.of(), installer.register(machine, PROGRAM));
    assertTrue(Files.readString(config).startsWith(theirs));
    apply(installer.unregister(machine));
    assertEquals(theirs, Files.readString(config));
    assertEquals(List.of(), installer.unregister(machine));

    install();
    assertComplete();
    assertEquals(List.of(), installer.register(machine, PROGRAM));
    assertEquals(List.of(), installer.trust().orElseThrow().changes(machine, PROGRAM));
    apply(installer.unregister(machine));
    assertEquals(theirs, Files.readString(config));
  }

  @Test
  void aFileThatIsNotThereIsMade() throws Exception {
    install();
    assertComplete();
  }

  /** Codex 0.169.0 said so itself, in hooks/list. */
  @Test
  void aHookHasTheHashThatCodexGivesIt() {
    String command = "'/opt/turnpike-hook' codex >/dev/null 2>&1 || true";
    assertEquals(
        "sha256:afe2c4f409e11ff135cd74cc8c0ed92a85a0c8b552d1a4a65fabd7424aab9322",
        CodexHook.STOP.hash(command, 5));
    assertEquals(
        "sha256:d8ca3e174fe7889ae448436c681d240273ed0954a4de5e4f8c3ee3e5ca8f0764",
        CodexHook.SESSION_END.hash(command, 3));
    assertEquals(3, CodexHook.SESSION_END.effective(Optional.of(9)));
  }

  @Test
  void nothingIsTrustedUnlessSomebodySaysSo() throws Exception {
    Files.writeString(config, THEIRS);
    apply(installer.register(machine, PROGRAM));
    assertFalse(Files.readString(config).contains(config + ":"));
    assertTrue(problems().getFirst().contains("Stop"), problems().toString());
    apply(installer.trust().orElseThrow().changes(machine, PROGRAM));
    assertTrue(Files.readString(config).contains("[hooks.state.\"" + config + ":stop:1:0\"]"));
    assertTrue(Files.readString(config).contains("trusted_hash = \"sha256:aa\""));
    assertComplete();
  }

  /** The same hook under another position, or another command, is another hook to Codex. */
  @Test
  void aHookThatWasChangedSinceIsNoLongerTrusted() throws Exception {
    install();
    Files.writeString(
        config,
        "[[hooks.Stop]]\n[[hooks.Stop.hooks]]\ncommand = \"x\"\n" + Files.readString(config));
    assertEquals(1, problems().size());
    assertTrue(problems().getFirst().contains("hooks for Stop,"), problems().toString());
    apply(installer.trust().orElseThrow().changes(machine, PROGRAM));
    assertComplete();
    Path other = Path.of("/new/turnpike-hook");
    apply(installer.register(machine, other));
    assertInstanceOf(Registration.Partial.class, installer.check(machine, other));
    apply(installer.trust().orElseThrow().changes(machine, other));
    assertEquals(new Registration.Complete(), installer.check(machine, other));
    assertFalse(Files.readString(config).contains("it's"));
  }

  @Test
  void whatCodexSaysOfItsHooksGoesBeforeWhatItsSettingsSay() throws Exception {
    install();
    review.put(config + ":stop:0:0", new Verdict(false, true));
    review.put(config + ":session_end:0:0", new Verdict(true, false));
    assertEquals(2, problems().size());
    assertTrue(problems().getFirst().contains("hooks for Stop,"), problems().toString());
    assertTrue(problems().getLast().contains("SessionEnd are switched off"));
  }

  @Test
  void anOlderEntryIsCorrectedInItsPlace() throws Exception {
    Files.writeString(
        config,
        """
        [[hooks.Stop]]
        [[hooks.Stop.hooks]]
        type = "command"
        command = "/old/turnpike-hook codex"
        async = true
        timeout = 9
        # kept
        [[hooks.PreToolUse]]
        [[hooks.PreToolUse.hooks]]
        command = "/old/turnpike-hook codex"
        [[hooks.PreToolUse.hooks]]
        command = "other"
        [[hooks.SessionStart]]
        matcher = "resume"
        [[hooks.SessionStart.hooks]]
        command = "/old/turnpike-hook codex"
        """);
    install();
    assertComplete();
    String text = Files.readString(config);
    assertFalse(text.contains("/old/"));
    assertFalse(text.contains("async"));
    assertTrue(text.contains("timeout = 9\n# kept\n[[hooks.PreToolUse]]\n"), text);
    assertTrue(text.contains("command = \"other\""));
    assertFalse(text.contains("resume"));
  }

  @Test
  void whoKeepsHooksInJsonGetsThemThere() throws Exception {
    String theirs =
        "{\n"
            + "  \"hooks\": { \"Stop\": [{ \"hooks\": [{ \"type\": \"command\", \"command\": \"x\""
            + " }] }] }\n"
            + "}\n";
    Path json = config.resolveSibling("hooks.json");
    Files.writeString(config, "# mine\n");
    install();
    Files.writeString(json, theirs);
    install();
    assertComplete();
    assertFalse(Files.readString(config).contains("[[hooks."));
    assertTrue(Files.readString(config).contains(json + ":stop:1:0"));
    assertEquals(6, new ObjectMapper().readTree(json.toFile()).path("hooks").size());
    apply(installer.unregister(machine));
    assertEquals(theirs, Files.readString(json));
    assertFalse(Files.readString(config).contains(json + ":"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hooks = { Stop = [] }",
        "hooks.Stop = []",
        "[hooks]\nStop = [{ hooks = [] }]",
        "[[hooks.Stop]]\nhooks = [{ type = \"command\", command = \"turnpike-hook codex\" }]",
        "a = \"open\nb = 1",
        "a = [1,\n2",
        "[a",
        "= 1"
      })
  void whatCannotBeAddedToIsLeftAlone(String theirs) throws Exception {
    Files.writeString(config, theirs);
    assertThrows(UnreadableSettings.class, () -> installer.register(machine, PROGRAM));
    assertEquals(theirs, Files.readString(config));
  }

  @Test
  void whatSwitchesHooksOffIsSaid() throws Exception {
    Files.writeString(config, "[features]\nhooks = false # no\n");
    install();
    assertTrue(problems().getFirst().contains("features.hooks = false"));
  }

  @Test
  void withThePluginThereAreNoHooksInTheSettings() throws Exception {
    String plugin = "[plugins.\"turnpike@turnpike\"]\nenabled = true\n";
    Files.writeString(config, plugin);
    assertComplete();
    Files.writeString(config, "");
    install();
    Files.writeString(config, plugin + Files.readString(config));
    assertEquals(1, problems().size());
    install();
    assertEquals(plugin, Files.readString(config));
    review.put("turnpike@turnpike:hooks/hooks.json:stop:0:0", new Verdict(false, true));
    assertTrue(problems().getFirst().contains("plugin turnpike@turnpike"));
    Files.writeString(config, plugin.replace("true", "false"));
    assertEquals(new Registration.Absent(), installer.check(machine, PROGRAM));
  }

  /** The plugin's hooks are those that install registers. */
  @Test
  void thePluginHoldsTheSameHooks() throws Exception {
    Path folder = Path.of("../agent-plugins/codex/plugins/turnpike");
    assertTrue(Files.isExecutable(folder.resolve("bin/turnpike-hook")));
    JsonNode hooks =
        new ObjectMapper().readTree(folder.resolve("hooks/hooks.json").toFile()).path("hooks");
    assertEquals(CodexHook.values().length, hooks.size());
    for (CodexHook hook : CodexHook.values()) {
      assertTrue(
          JsonEntries.ENTRIES.serves(
              hooks.path(hook.event()).at("/0/hooks/0"),
              hook.event(),
              "${PLUGIN_ROOT}/bin/turnpike-hook"));
      assertEquals(
          hook.timeoutSeconds(), hooks.path(hook.event()).at("/0/hooks/0/timeout").asInt());
    }
  }

  @Test
  void anotherHomeIsHonoured() {
    var elsewhere =
        new Machine(temp.resolve("home"), Map.of("CODEX_HOME", temp.resolve("x").toString()));
    assertEquals(temp.resolve("x/config.toml"), installer.detect(elsewhere).settings());
  }

  /** To Codex, a hook that ends with 2 is a refusal. */
  @Test
  void aMissingProgramIsSilentSuccessToTheShell() throws Exception {
    Path out = temp.resolve("out");
    Process shell =
        new ProcessBuilder("bash", "-c", CodexHook.command("/nowhere/it's/turnpike-hook"))
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start();
    shell.getOutputStream().close();
    assertTrue(shell.waitFor(20, TimeUnit.SECONDS));
    assertEquals(0, shell.exitValue());
    assertEquals("", Files.readString(out));
  }

  /** Answers as Codex does, after other messages, and stays until it is told to go. */
  @Test
  void codexIsAskedOverItsAppServer() throws Exception {
    Path codex = temp.resolve("bin/codex");
    Files.createDirectories(codex.getParent());
    Files.writeString(
        codex,
        """
        #!/bin/sh
        read -r a; read -r b; read -r c
        echo 'no json'
        echo '{"id":1,"result":{}}'
        case "$1 $c" in
          "app-server "*'"id":2'*hooks/list*)
          echo '{"id":2,"result":{"data":[{"hooks":[{"key":"k","trustStatus":"modified","enabled":true},{"key":"l","trustStatus":"trusted","enabled":false}]}]}}';;
        esac
        read -r d
        """);
    assertTrue(codex.toFile().setExecutable(true));
    var asked =
        new Machine(
            temp.resolve("home"), Map.of("PATH", codex.getParent() + ":" + System.getenv("PATH")));
    assertEquals(
        Optional.of(Map.of("k", new Verdict(false, true), "l", new Verdict(true, false))),
        new AppServer().of(asked));
    assertEquals(Optional.empty(), new AppServer().of(machine));
  }
}
