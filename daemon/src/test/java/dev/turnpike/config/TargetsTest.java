package dev.turnpike.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where traces go: keys, addresses, and what is never used. */
class TargetsTest extends ConfigCase {
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
}
