package dev.turnpike.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.model.Digest;
import dev.turnpike.model.TraceId;
import dev.turnpike.platform.Os;
import dev.turnpike.platform.Paths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigTest {
  static final String PUBLIC = "pk-lf-test";
  static final String SECRET = "sk-lf-test";
  private static final Map<String, String> KEYS =
      Map.of("LANGFUSE_PUBLIC_KEY", PUBLIC, "LANGFUSE_SECRET_KEY", SECRET);

  @TempDir Path given;
  private Path home;
  private Path file;
  private final Map<String, String> daemonEnv = new HashMap<>();

  @BeforeEach
  void layOut() throws IOException {
    home = given.toRealPath();
    file = home.resolve(".config/turnpike/config");
    Files.createDirectories(file.getParent());
    daemonEnv.put("HOME", home.toString());
  }

  private Config config() {
    return Config.of(Paths.of(daemonEnv, home, Os.LINUX, 1000), daemonEnv);
  }

  private void write(String text) throws IOException {
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  private Settings resolve(Map<String, String> call) {
    return config().resolve(null, call);
  }

  private static Map<String, String> and(Map<String, String> one, String name, String value) {
    var both = new HashMap<>(one);
    both.put(name, value);
    return both;
  }

  private static String unusable(Settings settings) {
    String problem = assertInstanceOf(Target.Unusable.class, settings.target()).problem();
    assertTrue(problem.contains("stay on this machine"), problem);
    assertFalse(problem.contains(SECRET), problem);
    assertTrue(settings.problems().contains(problem));
    return problem;
  }

  private static Target.Remote remote(Settings settings) {
    return assertInstanceOf(Target.Remote.class, settings.target(), settings.problems().toString());
  }

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
  void emptyValueInAFileMeansNone() throws IOException {
    write(
        "LANGFUSE_USER_ID=dev\nLANGFUSE_PUBLIC_KEY="
            + PUBLIC
            + "\nLANGFUSE_SECRET_KEY="
            + SECRET
            + "\n"
            + "[project /secret]\n"
            + "LANGFUSE_USER_ID=\n"
            + "LANGFUSE_PUBLIC_KEY=\n"
            + "LANGFUSE_SECRET_KEY=\n");
    Settings settings = config().resolve("/secret", Map.of("LANGFUSE_RELEASE", ""));
    assertEquals(Optional.empty(), settings.userId());
    assertInstanceOf(Target.Local.class, settings.target());
    remote(resolve(Map.of()));
  }

  @Test
  void linesMayBeWrittenAsInAShell() throws IOException {
    write(
        """
        # comment
        export LANGFUSE_USER_ID="dev \\"x\\" # no comment"   # comment
          TURNPIKE_TAGS = 'a b, c'
        LANGFUSE_RELEASE=v1=2 # comment
        LANGFUSE_TRACING_ENVIRONMENT=Langfuse-Dev\r
        """);
    Settings settings = resolve(Map.of());
    assertEquals(Optional.of("dev \"x\" # no comment"), settings.userId());
    assertEquals(List.of("a b", "c"), settings.tags());
    assertEquals(Optional.of("v1=2"), settings.release());
    assertEquals(Optional.of("dev"), settings.environment());
    assertEquals(List.of(), config().warnings());
  }

  @Test
  void oddLinesAreWarnedOfAndTheRestCounts() throws IOException {
    write(
        """
        TURNPIKE_MAX_FIELD_CHAR=5
        just words
        TURNPIKE_TURN_IDLE=soon
        TURNPIKE_HOME=/x
        [projekt /x]
        LANGFUSE_USER_ID=lost
        [project relative]
        [project /x]
        TURNPIKE_QUEUE_LIMIT=1MiB
        LANGFUSE_SAMPLE_RATE=2
        """);
    Config config = config();
    String warnings = String.join("\n", config.warnings());
    assertTrue(
        warnings.contains(
            "line 1: unknown setting TURNPIKE_MAX_FIELD_CHAR; did you mean"
                + " TURNPIKE_MAX_FIELD_CHARS?"),
        warnings);
    assertTrue(warnings.contains("line 2: a setting is written"), warnings);
    assertTrue(warnings.contains("line 3): soon is no duration"), warnings);
    assertTrue(warnings.contains("line 4: TURNPIKE_HOME counts only as an environment"), warnings);
    assertTrue(warnings.contains("line 5: a section is written"), warnings);
    assertTrue(warnings.contains("line 7: the path of a project"), warnings);
    assertTrue(warnings.contains("line 9: TURNPIKE_QUEUE_LIMIT cannot differ"), warnings);
    assertTrue(warnings.contains("line 10): 2 is not within"), warnings);
    Settings settings = config.resolve("/x", Map.of());
    assertEquals(Duration.ofMinutes(30), settings.turnIdle());
    assertEquals(1.0, settings.sampleRate());
    assertEquals(Optional.empty(), settings.userId());
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

  @ParameterizedTest
  @CsvSource({
    "https://us.cloud.langfuse.com/, https://us.cloud.langfuse.com",
    "https://Langfuse.Example.com:443/api/public/otel/, https://langfuse.example.com",
    "http://localhost:3000/api/public, http://localhost:3000",
    "https://example.com/langfuse/api/public/otel/v1/traces, https://example.com/langfuse",
    "https://dev:pw@example.com//, https://example.com"
  })
  void addressIsBroughtIntoOneForm(String pasted, String normal) {
    var call = and(KEYS, "LANGFUSE_HOST", pasted);
    assertEquals(normal, remote(resolve(call)).destination().baseUrl());
  }

  @Test
  void keysMakeADestinationAndHideTheirSecret() {
    Target.Remote remote = remote(resolve(KEYS));
    assertEquals("https://cloud.langfuse.com", remote.destination().baseUrl());
    assertEquals(new Credentials(PUBLIC, SECRET), remote.credentials());
    assertFalse(remote.toString().contains(SECRET), remote.toString());
  }

  @ParameterizedTest
  @CsvSource({
    "sk-lf-abcdef,pk-lf-abcdef,swapped",
    "pk-lf-a,pk-lf-b,holds a public key",
    "sk-lf-abc,sk-lf-abd,holds a secret key",
    "pk-lf-...,sk-lf-...,no Langfuse key",
    "pk-lf-a b,sk-lf-abc,no Langfuse key",
    "<your public key>,sk-lf-abc,no Langfuse key",
    "pk-lf-a,'',LANGFUSE_SECRET_KEY is not",
    "'',sk-lf-abc,LANGFUSE_PUBLIC_KEY is not"
  })
  void wrongKeysAreNamedAndNeverUsed(String publicKey, String secretKey, String problem) {
    String said =
        unusable(
            resolve(Map.of("LANGFUSE_PUBLIC_KEY", publicKey, "LANGFUSE_SECRET_KEY", secretKey)));
    assertTrue(said.contains(problem), said);
    assertFalse(said.contains("lf-abc"), said);
  }

  @Test
  void keysOfSelfHostedServersMayHaveAnyForm() {
    remote(
        resolve(
            Map.of(
                "LANGFUSE_PUBLIC_KEY",
                "lf_pk_1234567890",
                "LANGFUSE_SECRET_KEY",
                "lf_sk_1234567890")));
  }

  @Test
  void wrongAddressIsNotReplacedByTheCloud() {
    assertTrue(
        unusable(resolve(and(KEYS, "LANGFUSE_BASE_URL", "langfuse.example")))
            .contains("no address"));
  }

  @Test
  void keysOfTwoPairsAreNotMixed() throws IOException {
    write("LANGFUSE_PUBLIC_KEY=pk-lf-mine\nLANGFUSE_SECRET_KEY=sk-lf-mine\n");
    assertTrue(
        unusable(resolve(Map.of("LANGFUSE_PUBLIC_KEY", "pk-lf-other"))).contains("two pairs"));
    assertTrue(
        unusable(resolve(Map.of("LANGFUSE_SECRET_KEY", "sk-lf-other"))).contains("two pairs"));
    remote(
        resolve(
            Map.of("LANGFUSE_PUBLIC_KEY", "pk-lf-other", "LANGFUSE_SECRET_KEY", "sk-lf-other")));
    write("LANGFUSE_SECRET_KEY=sk-lf-mine\n");
    remote(resolve(Map.of("LANGFUSE_PUBLIC_KEY", "pk-lf-mine")));
  }

  @Test
  void ownKeysDoNotGoToAServerThatOnlyACallNames() throws IOException {
    write(
        """
        LANGFUSE_PUBLIC_KEY=pk-lf-mine
        LANGFUSE_SECRET_KEY=sk-lf-mine
        [project /x]
        LANGFUSE_BASE_URL=https://own.example
        """);
    var call = Map.of("LANGFUSE_BASE_URL", "https://evil.example");
    assertTrue(unusable(resolve(call)).contains("evil.example"));
    remote(resolve(Map.of("LANGFUSE_BASE_URL", "https://own.example/")));
    remote(resolve(Map.of("LANGFUSE_BASE_URL", "https://cloud.langfuse.com")));
  }

  @Test
  void onlyKnownServersIfTheUserWantsThat() throws IOException {
    write("TURNPIKE_DESTINATIONS=known\nTURNPIKE_KNOWN_HOSTS=ok.example\n");
    remote(resolve(and(KEYS, "LANGFUSE_BASE_URL", "https://ok.example")));
    String said = unusable(resolve(and(KEYS, "LANGFUSE_BASE_URL", "https://new.example")));
    assertTrue(said.contains("TURNPIKE_KNOWN_HOSTS"), said);
    assertTrue(
        unusable(
                resolve(
                    Map.of(
                        "LANGFUSE_PUBLIC_KEY",
                        PUBLIC,
                        "LANGFUSE_SECRET_KEY",
                        SECRET,
                        "LANGFUSE_BASE_URL",
                        "https://new.example",
                        "TURNPIKE_DESTINATIONS",
                        "all")))
            .contains("new.example"));
  }

  @Test
  void fileOthersCanReadKeepsItsSettingsAndLosesItsSecrets() throws IOException {
    write("TRACE_TO_LANGFUSE=false\nLANGFUSE_PUBLIC_KEY=pk-lf-a\nLANGFUSE_SECRET_KEY=sk-lf-a\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    Config config = config();
    Settings settings = config.resolve(null, Map.of());
    assertFalse(settings.traced());
    assertTrue(unusable(settings).contains("chmod 600"));
    assertTrue(String.join("\n", config.warnings()).contains("chmod 600 '" + file + "'"));
    remote(config.resolve(null, KEYS));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    remote(config.resolve(null, Map.of()));
    assertEquals(List.of(), config.warnings());
  }

  @Test
  void fileWithoutSecretsMayBeReadByAll() throws IOException {
    write("LANGFUSE_USER_ID=dev\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    assertEquals(List.of(), config().warnings());
  }

  @Test
  void changedFileCountsAtOnce() throws IOException {
    Config config = config();
    assertEquals(Optional.empty(), config.resolve(null, Map.of()).userId());
    write("LANGFUSE_USER_ID=one\n");
    assertEquals(Optional.of("one"), config.resolve(null, Map.of()).userId());
    write("LANGFUSE_USER_ID=two\n");
    assertEquals(Optional.of("two"), config.resolve(null, Map.of()).userId());
    Files.delete(file);
    assertEquals(Optional.empty(), config.resolve(null, Map.of()).userId());
  }

  @Test
  void lastGoodFileStaysInForce() throws IOException {
    write("LANGFUSE_USER_ID=one\n");
    Config config = config();
    assertEquals(Optional.of("one"), config.resolve(null, Map.of()).userId());
    write("LANGFUSE_USER_ID=" + "x".repeat(SettingsFile.LIMIT_BYTES));
    assertEquals(Optional.of("one"), config.resolve(null, KEYS).userId());
    remote(config.resolve(null, KEYS));
    assertTrue(config.warnings().getFirst().contains("stays in force"));
  }

  @Test
  void nothingLeavesWhileTheFileWasNeverReadable() throws IOException {
    Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe, 'x'});
    String said = unusable(resolve(KEYS));
    assertTrue(said.contains("not UTF-8"), said);
  }

  @Test
  void fileOfCodeTraceCountsUntilThereIsOneOfOurs() throws IOException {
    Path former = home.resolve(".config/code-trace/config");
    Files.createDirectories(former.getParent());
    Files.writeString(
        former, "LANGFUSE_USER_ID=old\nCODE_TRACE_MASK_SECRETS=false\nCODE_TRACE_X=1\n");
    Settings settings = resolve(Map.of());
    assertEquals(Optional.of("old"), settings.userId());
    assertFalse(settings.privacy().maskSecrets());
    assertEquals(List.of(), config().warnings());
    write("# ours\n");
    assertEquals(Optional.empty(), resolve(Map.of()).userId());
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
    assertTrue(config().secretNames().contains("CC_LANGFUSE_SECRET_KEY"));
  }

  @Test
  void relativeOrOddWorkingDirectoriesAreNoTrouble() {
    for (@Nullable String cwd : new @Nullable String[] {null, "", "relative", "/a\u0000b"}) {
      assertTrue(config().resolve(cwd, Map.of()).traced());
    }
  }
}
