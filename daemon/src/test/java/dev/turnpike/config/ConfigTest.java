package dev.turnpike.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.model.Digest;
import dev.turnpike.model.TraceId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigTest extends ConfigCase {
  @Test
  void withoutAnythingTurnsAreTracedAndStayHere() {
    Settings settings = resolve(Map.of());
    assertTrue(settings.traced());
    assertInstanceOf(Target.Local.class, settings.target());
    assertEquals(PrivacyPolicy.defaults(), settings.privacy());
    assertEquals(Duration.ofMinutes(30), settings.turnIdle());
    assertEquals(Optional.empty(), settings.idleExit());
    assertEquals(64L * 1024 * 1024, settings.localHistoryBytes());
    assertEquals(512L * 1024 * 1024, settings.queueLimitBytes());
    assertEquals(List.of(), settings.problems());
    assertFalse(settings.debug());
  }

  @Test
  void strongerPlacesWin() throws IOException {
    daemonEnv.put("LANGFUSE_USER_ID", "daemon");
    assertEquals(Optional.of("daemon"), resolve(Map.of()).userId());
    write("LANGFUSE_USER_ID=file\n[project ~/shop]\nLANGFUSE_USER_ID=project\n");
    Config config = config();
    String shop = home.resolve("shop/src").toString();
    assertEquals(Optional.of("file"), config.resolve("/elsewhere", Map.of()).userId());
    assertEquals(Optional.of("project"), config.resolve(shop, Map.of()).userId());
    assertEquals(
        Optional.of("call"), config.resolve(shop, Map.of("LANGFUSE_USER_ID", "call")).userId());
    assertEquals(
        Optional.of("option"),
        config.resolve(shop, Map.of("CLAUDE_PLUGIN_OPTION_LANGFUSE_USER_ID", "option")).userId());
  }

  @Test
  void longestProjectPathWinsAndNamesAreWhole() throws IOException {
    write(
        """
        [project /w]
        LANGFUSE_USER_ID=w
        [project "/w/shop"]
        LANGFUSE_USER_ID=shop
        """);
    Config config = config();
    assertEquals(Optional.of("shop"), config.resolve("/w/shop/api", Map.of()).userId());
    assertEquals(Optional.of("w"), config.resolve("/w/shopping", Map.of()).userId());
    assertEquals(Optional.empty(), config.resolve("/wide", Map.of()).userId());
    assertEquals(Optional.of("w"), config.resolve("/w/shop/../x", Map.of()).userId());
  }

  @Test
  void projectIsFoundThroughSymbolicLinks() throws IOException {
    Path real = Files.createDirectories(home.resolve("disk/shop/src"));
    Path link = Files.createSymbolicLink(home.resolve("shop"), home.resolve("disk/shop"));
    write("[project ~/shop]\nLANGFUSE_USER_ID=linked\n");
    assertEquals(Optional.of("linked"), config().resolve(real.toString(), Map.of()).userId());
    write("[project " + home + "/disk]\nLANGFUSE_USER_ID=direct\n");
    assertEquals(
        Optional.of("direct"), config().resolve(link.resolve("src").toString(), Map.of()).userId());
  }

  @Test
  void unclearSwitchIsTakenForTheCarefulChoice() {
    Settings settings =
        resolve(
            Map.of(
                "TRACE_TO_LANGFUSE", "nope",
                "TURNPIKE_CAPTURE_PROMPTS", "flase",
                "TURNPIKE_MASK_SECRETS", "maybe"));
    assertFalse(settings.traced());
    assertFalse(settings.privacy().capturePrompts());
    assertTrue(settings.privacy().maskSecrets());
    assertEquals(3, settings.problems().size());
  }

  @ParameterizedTest
  @CsvSource({
    "TRACE_TO_LANGFUSE,false",
    "TURNPIKE_TRACE,no",
    "LANGFUSE_TRACING_ENABLED,0",
    "CLAUDE_PLUGIN_OPTION_TRACE_TO_LANGFUSE,off"
  })
  void eachOfTheSwitchesTurnsTracingOff(String name, String value) {
    assertFalse(resolve(Map.of(name, value)).traced());
  }

  @Test
  void onlyWorkInARepositoryIsTracedIfTheUserWantsThat() throws IOException {
    write("TURNPIKE_REQUIRE_GIT=true\n");
    Files.createDirectories(home.resolve("repo/.git"));
    Files.writeString(home.resolve("repo/.git/HEAD"), "ref: refs/heads/main\n");
    assertTrue(config().resolve(home.resolve("repo").toString(), Map.of()).traced());
    assertFalse(config().resolve(home.toString(), Map.of()).traced());
    assertFalse(resolve(Map.of()).traced());
  }

  @Test
  void samplingGoesByTheTraceId() {
    Settings half = resolve(Map.of("LANGFUSE_SAMPLE_RATE", "0.5"));
    int kept = 0;
    for (int i = 1; i <= 1_000; i++) {
      var trace = new TraceId("%032x".formatted(i));
      double place =
          Long.parseLong(Digest.sha256Hex(trace.hex()).substring(0, 8), 16) / (double) 0xffffffffL;
      assertEquals(place < 0.5, half.sampled(trace));
      kept += half.sampled(trace) ? 1 : 0;
    }
    assertTrue(kept > 400 && kept < 600, kept + " of 1000");
    assertTrue(resolve(Map.of()).sampled(new TraceId("%032x".formatted(1))));
    assertFalse(
        resolve(Map.of("LANGFUSE_SAMPLE_RATE", "0")).sampled(new TraceId("%032x".formatted(1))));
  }

  @Test
  void callCannotSetWhatBelongsToTheMachine() {
    Settings settings =
        resolve(Map.of("TURNPIKE_QUEUE_LIMIT", "1MiB", "TURNPIKE_LOG_LEVEL", "debug"));
    assertEquals(512L * 1024 * 1024, settings.queueLimitBytes());
    assertFalse(settings.debug());
  }

  @Test
  void unknownNameOfOursInACallIsAProblem() {
    assertTrue(
        resolve(Map.of("TURNPIKE_TAG", "x")).problems().getFirst().contains("TURNPIKE_TAGS"));
  }

  @Test
  void explainShowsEveryCandidateAndNoSecret() throws IOException {
    String secret = "sk-lf-" + "0af31b2c-4d5e-6f70-8a9b-0c1d2e3fabcd";
    write("LANGFUSE_SECRET_KEY=" + secret + "\n[project /x]\nTURNPIKE_TURN_IDLE=bad\n");
    daemonEnv.put("TURNPIKE_TURN_IDLE", "5m");
    Map<Setting, Explained> all = config().explain("/x", Map.of("TURNPIKE_TURN_IDLE", "7m"));
    assertEquals(Setting.values().length, all.size());
    Explained idle = all.get(Setting.TURNPIKE_TURN_IDLE);
    assertEquals("7m", idle.shown());
    assertEquals(
        List.of("7m", "bad", "5m", "30m"),
        idle.candidates().stream().map(Explained.Candidate::shown).toList());
    assertTrue(idle.candidates().get(0).used());
    assertTrue(idle.candidates().get(1).source().contains("[project /x]"));
    assertTrue(idle.candidates().get(1).problem().isPresent());
    assertEquals("sk-lf-...abcd", all.get(Setting.LANGFUSE_SECRET_KEY).shown());
    assertEquals(file + ", line 1", all.get(Setting.LANGFUSE_SECRET_KEY).source());
    assertFalse(all.toString().contains(secret));
  }

  @Test
  void nothingSecretIsKeptOfACall() {
    var call = new HashMap<>(KEYS);
    call.put("CC_LANGFUSE_SECRET_KEY", "x");
    call.put("CLAUDE_PLUGIN_OPTION_LANGFUSE_SECRET_KEY", "x");
    call.put("LANGFUSE_CODEX_SECRET_KEY", "x");
    call.put("CLAUDE_CODE_MESSAGING_TOKEN", "x");
    call.put("LANGFUSE_HOST", "https://u:p@example.com/");
    call.put("LANGFUSE_USER_ID", "sk-lf-" + "misplaced");
    call.put("CLAUDE_PROJECT_DIR", "/w");
    call.put("TURNPIKE_MASK_SECRETS", "true");
    assertEquals(
        Map.of(
            "LANGFUSE_PUBLIC_KEY", PUBLIC,
            "LANGFUSE_HOST", "https://example.com",
            "CLAUDE_PROJECT_DIR", "/w",
            "TURNPIKE_MASK_SECRETS", "true"),
        config().withoutSecrets(call));
  }

  @Test
  void relativeOrOddWorkingDirectoriesAreNoTrouble() {
    for (@Nullable String cwd : new @Nullable String[] {null, "", "relative", "/a\u0000b"}) {
      assertTrue(config().resolve(cwd, Map.of()).traced());
    }
  }
}
