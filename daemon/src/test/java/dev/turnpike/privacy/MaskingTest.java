package dev.turnpike.privacy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MaskingTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Tally tally = new Tally();
  private final Masking masking = new Masking(Shapes.known(), tally);

  static Stream<Arguments> secrets() {
    return Secrets.byKind().entrySet().stream()
        .flatMap(entry -> entry.getValue().stream().map(s -> Arguments.of(entry.getKey(), s)));
  }

  @ParameterizedTest
  @MethodSource("secrets")
  void secretAloneIsReplacedByItsKind(String kind, String secret) {
    assertEquals("[masked:" + kind + "]", masking.mask(secret));
    assertEquals(Map.of("masked", "1", "masked_" + kind, "1"), tally.metadata());
  }

  @ParameterizedTest
  @MethodSource("secrets")
  void whatStandsAroundASecretStays(String kind, String secret) {
    String mark = "[masked:" + kind + "]";
    for (String around :
        List.of(
            "before %s after", "(%s)", "a=\"%s\"\n", "x\\n%s\\n", "'%s',", "<b>%s</b>", "%s.")) {
      assertEquals(around.formatted(mark), masking.mask(around.formatted(secret)), around);
    }
  }

  @ParameterizedTest
  @MethodSource("secrets")
  void secretInsideJsonLeavesJson(String kind, String secret) throws Exception {
    var node = JSON.createObjectNode();
    node.put("command", "echo \"" + secret + "\"\n\t\\ done");
    node.putArray("list").add(1.50).add(secret);
    node.put("nested", JSON.writeValueAsString(Map.of("inner", "say " + secret)));
    String masked = masking.maskJson(JSON.writeValueAsString(node)).orElseThrow();
    var read = JSON.readTree(masked);
    String mark = "[masked:" + kind + "]";
    assertEquals("echo \"" + mark + "\"\n\t\\ done", read.path("command").asText());
    assertEquals(mark, read.path("list").get(1).asText());
    assertEquals("say " + mark, JSON.readTree(read.path("nested").asText()).path("inner").asText());
  }

  @ParameterizedTest
  @MethodSource("secrets")
  void secretInJsonLinesLeavesEveryLineJson(String kind, String secret) throws Exception {
    String line = JSON.writeValueAsString(Map.of("text", "see " + secret + " there"));
    String masked = masking.mask(line + "\n" + line + "\n");
    for (String one : masked.lines().toList()) {
      assertEquals("see [masked:" + kind + "] there", JSON.readTree(one).path("text").asText());
    }
  }

  static Stream<String> headers() {
    return Stream.of(
        "Authorization: Bearer " + Secrets.drawn(40),
        "curl -H 'authorization: bearer " + Secrets.drawn(32) + "' https://example.com",
        "\"Authorization\": \"Basic " + Secrets.basic() + "\"",
        "{\\\"Authorization\\\":\\\"Bearer " + Secrets.drawn(32) + "\\\"}",
        "AUTHORIZATION=token " + Secrets.drawn(40),
        "use Bearer " + Secrets.drawn(40) + " there");
  }

  @ParameterizedTest
  @MethodSource("headers")
  void authorizationKeepsItsSchemeAndLosesItsValue(String header) {
    String masked = masking.mask(header);
    assertTrue(masked.contains("[masked:authorization]"), masked);
    assertFalse(masked.contains(Secrets.drawn(12)), masked);
    assertFalse(masked.contains(Secrets.basic()), masked);
  }

  @Test
  void jwtInAHeaderIsNamedAJwt() {
    assertEquals(
        "Authorization: Bearer [masked:jwt]",
        masking.mask("Authorization: Bearer " + Secrets.jwt()));
  }

  @Test
  void passwordInAnAddressGoesAndTheRestStays() {
    assertEquals(
        "postgres://app:[masked:url_password]@db.example.com:5432/shop?ssl=true",
        masking.mask("postgres://app:s3cr" + "et!@db.example.com:5432/shop?ssl=true"));
    assertEquals(
        "redis://:[masked:url_password]@localhost",
        masking.mask("redis://:hun" + "ter2@localhost"));
  }

  static Stream<String> assignments() {
    String value = Secrets.drawn(24);
    return Stream.of(
        "DB_PASSWORD=%s".formatted(value),
        "export API_KEY=%s\n".formatted(value),
        "\"client_secret\": \"%s\"".formatted(value),
        "{\\\"apiKey\\\":\\\"%s\\\"}".formatted(value),
        "clientSecret: '%s',".formatted(value),
        "auth_token := \"%s\"".formatted(value),
        "'secret' => '%s'".formatted(value),
        "?access_token=%s&page=2".formatted(value),
        "--github-token=%s".formatted(value));
  }

  @ParameterizedTest
  @MethodSource("assignments")
  void drawnValueUnderANameForSecretsIsMasked(String text) {
    assertEquals(text.replace(Secrets.drawn(24), "[masked:secret]"), masking.mask(text));
  }

  @Test
  void awsSecretIsKnownByItsNameAndLength() {
    String secret = "wJalrXUtnFEMIxKxMDENGxbPxRfiCYqwertyuiop".substring(0, 40);
    assertEquals(
        "aws_secret_access_key = [masked:aws_secret]",
        masking.mask("aws_secret_access_key = " + secret));
  }

  @Test
  void fieldOfJsonIsJudgedByItsName() throws Exception {
    String json = JSON.writeValueAsString(Map.of("apiKey", Secrets.drawn(32)));
    assertEquals("{\"apiKey\":\"[masked:secret]\"}", masking.maskJson(json).orElseThrow());
  }

  @Test
  void keyBuiltFromLiteralsKeepsItsCode() {
    String key = Secrets.pem("PRIVATE KEY", "\\n\" +\n  \"");
    String masked = masking.mask("String k = \"" + key + "\";");
    assertFalse(masked.contains(Secrets.drawn(16)), masked);
    assertEquals(
        masked.chars().filter(c -> c == '"').count(),
        ("String k = \"" + key + "\";").chars().filter(c -> c == '"').count());
  }

  @Test
  void keyCutInTheMiddleIsMaskedAsFarAsItGoes() {
    String pem = Secrets.pem("RSA PRIVATE KEY", "\n");
    assertEquals("[masked:private_key]", masking.mask(pem.substring(0, 300)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "123e4567-e89b-12d3-a456-426614174000",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "commit 3445eb3a9d1f0c2b4e6a8d0f1c3b5a7e9d2f4c6b",
        "sk-estimator-doc-link sk-fading-circle sk-toggleable",
        "const apiKey = process.env.OPENAI_API_KEY;",
        "password = getpass.getpass('Password: ')",
        "token = tokens[index]; max_tokens: 4096, total_tokens=123456",
        "String secret = config.secretFor(\"billing-2\");",
        "api_key: ${{ secrets.API_KEY_V2 }}",
        "PASSWORD=changeme TOKEN=<your-token> secret: xxx",
        "secret_name = \"projects/123456/secrets/db-password/versions/4\"",
        "kubernetes secret: my-secret-name-12345",
        "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A\n-----END PUBLIC KEY-----",
        "grep -r '-----BEGIN RSA PRIVATE KEY-----' . and look at the file",
        "matches -----BEGIN PRIVATE KEY-----.*-----END PRIVATE KEY-----",
        "https://registry.npmjs.org/@babel/core and http://localhost:8080/@me",
        "git@github.com:org/repo.git ssh://git@host:22/x",
        "https://user:$PASSWORD@host/ https://user:${PASS}@host https://u:****@h/",
        "Bearer authentication is used; send Authorization: Bearer <token>",
        "Authorization: Basic credentials",
        "the AKIA prefix, ghp_ and sk-ant- are prefixes; eyJ begins a JWT",
        "import a.b.c.SecretKeySpec; import javax.crypto.SecretKey;",
        "if (password == null || password != other) { token++; }",
        "\"integrity\": \"sha512-9Zk2Lw9Xc4Vb8Nm1Ra5Tg3Yh6Uj0PdSfGeHiKoQq7Zk2Lw9Xc4Vb8Nm1Ra5Tg==\"",
        "risk-assessment task-1234567890123456789012 disk-0af31b2c4d5e6f708a9b0c1d2e3f",
        "[masked:github_token] and password=[masked:secret]"
      })
  void whatOnlyLooksAlikeStays(String text) {
    assertEquals(text, masking.mask(text));
    assertEquals(Map.of(), tally.metadata());
  }

  @Test
  void imagesInBase64Stay() {
    var random = new Random(4711);
    byte[] image = new byte[300_000];
    for (int round = 0; round < 5; round++) {
      random.nextBytes(image);
      String plain = Base64.getEncoder().encodeToString(image);
      assertEquals(plain, masking.mask(plain));
      String urlSafe = "data:image/png;base64," + Base64.getUrlEncoder().encodeToString(image);
      assertEquals(urlSafe, masking.mask(urlSafe));
    }
  }

  @Test
  void escapedLettersInJsonHideNothing() throws Exception {
    String token = Secrets.byKind().get("github_token").getFirst();
    String hidden = "{\"x\":\"" + token.replace("_", "\\u005f") + "\"}";
    assertEquals("{\"x\":\"[masked:github_token]\"}", masking.mask(hidden));
  }

  @Test
  void numbersOfJsonKeepTheirDigits() {
    String token = Secrets.byKind().get("github_token").getFirst();
    String json = "{\"a\":1.50,\"b\":12345678901234567890,\"c\":1e5,\"d\":\"" + token + "\"}";
    assertEquals(
        "{\"a\":1.50,\"b\":12345678901234567890,\"c\":1e5,\"d\":\"[masked:github_token]\"}",
        masking.mask(json));
  }

  @Test
  void failingShapeLetsNothingThrough() {
    Shape broken =
        (text, found) -> {
          throw new IllegalStateException("broken");
        };
    var failing = new Masking(Shapes.of(List.of(broken)), tally);
    assertEquals(Masking.FAILED, failing.mask("anything at all"));
    assertEquals(
        "\"" + Masking.FAILED + "\"",
        failing.maskJson("{\"a\":\"anything at all\"}").orElseThrow());
    assertEquals(Map.of("masked", "2", "masked_failed", "2"), tally.metadata());
  }

  @Test
  void deeplyNestedJsonIsMaskedAllTheSame() {
    String token = Secrets.byKind().get("github_token").getFirst();
    String deep = "[".repeat(20_000) + "\"" + token + "\"" + "]".repeat(20_000);
    assertFalse(masking.mask(deep).contains(token));
  }
}
