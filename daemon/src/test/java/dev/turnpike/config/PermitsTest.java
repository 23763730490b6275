package dev.turnpike.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.config.Permits.Permit;
import dev.turnpike.config.Permits.Standing;
import dev.turnpike.model.DestinationId;
import dev.turnpike.platform.Os;
import dev.turnpike.platform.Paths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that only a call names is held until the user has said something. */
class PermitsTest {
  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.parse("2026-11-21T10:00:00Z"));
  private static final String URL = "https://collect.example";
  private static final Destination THERE = Destination.of(URL, "pk-lf-theirs", ExporterChoice.AUTO);

  @TempDir Path home;
  private CredentialStore credentials;
  private SeenHosts hosts;
  private Map<String, String> daemon;

  @BeforeEach
  void open() throws IOException {
    daemon = new HashMap<>(Map.of("HOME", home.toString()));
    Files.createDirectories(home.resolve("state"));
    Files.setPosixFilePermissions(
        home.resolve("state"), PosixFilePermissions.fromString("rwx------"));
    credentials = CredentialStore.open(home.resolve("state/credentials"), CLOCK);
    hosts = SeenHosts.open(home.resolve("state/seen-hosts"), CLOCK);
  }

  private Config config() {
    return Config.of(Paths.of(daemon, home, Os.LINUX, 1000), daemon);
  }

  private Permits permits() {
    return new Permits(config(), credentials, hosts);
  }

  private DestinationId call(String url) throws IOException {
    var call =
        Map.of(
            "LANGFUSE_PUBLIC_KEY", "pk-lf-theirs",
            "LANGFUSE_SECRET_KEY", "sk-lf-theirs",
            "LANGFUSE_BASE_URL", url);
    Config config = config();
    var consents = new Consents(config, credentials, new Permits(config, credentials, hosts));
    return assertInstanceOf(Consent.Given.class, consents.judge("/w/a b", call)).destination();
  }

  private void settings(String text) throws IOException {
    Path file = home.resolve(".config/turnpike/config");
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  @Test
  void heldUntilAllowedAlsoOverARestart() throws IOException {
    assertEquals(THERE.id(), call(URL));
    assertEquals(new Permit.Held("collect.example"), permits().of(THERE.id()));
    hosts = SeenHosts.open(home.resolve("state/seen-hosts"), CLOCK);
    credentials = CredentialStore.open(home.resolve("state/credentials"), CLOCK);
    assertEquals(new Permit.Held("collect.example"), permits().of(THERE.id()));
    assertEquals("/w/a b", permits().seen().getFirst().cwd());
    permits().allow("collect.example");
    assertInstanceOf(Permit.Open.class, permits().of(THERE.id()));
    hosts = SeenHosts.open(home.resolve("state/seen-hosts"), CLOCK);
    assertInstanceOf(Permit.Open.class, permits().of(THERE.id()));
  }

  @Test
  void deniedLosesItsKeysAndGetsNoTurnsAnyMore() throws IOException {
    call(URL);
    assertEquals(java.util.Set.of(THERE.id()), permits().deny("collect.example"));
    assertTrue(credentials.get(THERE.id()).isEmpty());
    // a turn that was open may be queued yet
    assertEquals(new Permit.Denied("collect.example"), permits().of(THERE.id()));
    assertEquals(DestinationId.LOCAL, call(URL));
    assertTrue(credentials.get(THERE.id()).isEmpty());
    permits().allow("collect.example");
    assertEquals(THERE.id(), call(URL));
    assertInstanceOf(Permit.Open.class, permits().of(THERE.id()));
  }

  @Test
  void aLostOrDamagedListHolds() throws IOException {
    call(URL);
    permits().allow("collect.example");
    Files.writeString(home.resolve("state/seen-hosts"), "2026-11-21T10:00:00Z allowed collect\n");
    hosts = SeenHosts.open(home.resolve("state/seen-hosts"), CLOCK);
    assertEquals(new Permit.Held("collect.example"), permits().of(THERE.id()));
  }

  @Test
  void whatTheUserNamedHimselfIsOpen() throws IOException {
    daemon.put("LANGFUSE_BASE_URL", URL);
    assertEquals(THERE.id(), call(URL));
    assertEquals(Standing.NAMED, permits().standing("collect.example"));
    assertTrue(permits().seen().isEmpty());
    daemon.remove("LANGFUSE_BASE_URL");
    assertEquals(Standing.HELD, permits().standing("collect.example"));
    settings("[project /w]\nLANGFUSE_BASE_URL=" + URL + "\n");
    assertEquals(Standing.NAMED, permits().standing("collect.example"));
    settings("TURNPIKE_KNOWN_HOSTS=Collect.example\n");
    assertEquals(Standing.NAMED, permits().standing("collect.example"));
    assertEquals(Standing.NAMED, permits().standing("http://collect.example"));
  }

  @Test
  void aCallCannotChangeTheRule() throws IOException {
    var call = new HashMap<String, String>();
    call.put("LANGFUSE_PUBLIC_KEY", "pk-lf-theirs");
    call.put("LANGFUSE_SECRET_KEY", "sk-lf-theirs");
    call.put("LANGFUSE_BASE_URL", URL);
    call.put("TURNPIKE_DESTINATIONS", "all");
    call.put("TURNPIKE_KNOWN_HOSTS", "collect.example");
    new Consents(config(), credentials, permits()).judge("/w", call);
    assertEquals(new Permit.Held("collect.example"), permits().of(THERE.id()));
  }

  @Test
  void withoutTlsIsAnotherServer() throws IOException {
    settings("LANGFUSE_BASE_URL=https://own.example\n");
    assertEquals(Standing.NAMED, permits().standing("own.example"));
    assertEquals(Standing.HELD, permits().standing("http://own.example"));
    settings("LANGFUSE_BASE_URL=http://own.example:3000\n");
    assertEquals(Standing.NAMED, permits().standing("own.example:3000"));
    assertEquals(Standing.HELD, permits().standing("own.example"));
  }

  @Test
  void anotherPortIsAnotherServer() throws IOException {
    settings("LANGFUSE_BASE_URL=http://localhost:3000\n");
    call("http://localhost:4000");
    assertEquals(Standing.HELD, permits().standing("http://localhost:4000"));
  }

  @Test
  void allOpensWhatIsNotDenied() throws IOException {
    settings("TURNPIKE_DESTINATIONS=all\n");
    call(URL);
    assertInstanceOf(Permit.Open.class, permits().of(THERE.id()));
    permits().deny("collect.example");
    assertEquals(new Permit.Denied("collect.example"), permits().of(THERE.id()));
    settings("");
    permits().allow("collect.example");
    assertEquals(Standing.ALLOWED, permits().standing("collect.example"));
  }

  @Test
  void whatTheSettingsFileNamedStaysOpenForWhatIsQueued() throws IOException {
    settings(
        "LANGFUSE_BASE_URL=%s\nLANGFUSE_PUBLIC_KEY=pk-lf-theirs\nLANGFUSE_SECRET_KEY=sk-lf-x\n"
            .formatted(URL));
    new Consents(config(), credentials, permits()).refresh();
    settings("");
    assertInstanceOf(Permit.Open.class, permits().of(THERE.id()));
  }

  @Test
  void anAllowedServerGetsNoKeysThatAreSetElsewhere() throws IOException {
    settings("LANGFUSE_PUBLIC_KEY=pk-lf-mine\nLANGFUSE_SECRET_KEY=sk-lf-mine\n");
    permits().allow("collect.example");
    assertInstanceOf(
        Target.Unusable.class, config().resolve("/w", Map.of("LANGFUSE_BASE_URL", URL)).target());
  }

  @Test
  void aFloodOfServersIsBoundedAndStaysHere() throws IOException {
    for (int i = 0; i < 200; i++) {
      assertFalse(call("https://h" + i + ".example").local());
    }
    assertTrue(call("https://one-more.example").local());
    assertEquals(200, permits().seen().size());
    permits().allow("one-more.example"); // the user's word finds a place
    assertFalse(call("https://one-more.example").local());
  }

  @Test
  void aServerIsFoundByWhatPeopleType() throws IOException {
    call("http://localhost:4000");
    assertEquals(Optional.of("http://localhost:4000"), permits().named("localhost:4000"));
    assertEquals(Optional.of("http://localhost:4000"), permits().named(" http://LOCALHOST:4000 "));
    assertEquals(Optional.of("a.example"), permits().named("https://a.example/api/public"));
    assertEquals(Optional.empty(), permits().named("a b"));
    assertEquals(Optional.empty(), permits().named("x\nallowed"));
  }
}
