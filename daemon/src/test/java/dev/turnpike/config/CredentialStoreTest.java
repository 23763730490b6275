package dev.turnpike.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CredentialStoreTest {
  private static final Instant NOW = Instant.parse("2026-11-20T10:00:00Z");
  private static final Destination SHOP =
      Destination.of("https://cloud.langfuse.com", "pk-lf-shop", ExporterChoice.AUTO);
  private static final Credentials OLD = new Credentials("pk-lf-shop", "sk-lf-old");
  private static final Credentials NEW = new Credentials("pk-lf-shop", "sk-lf-new");

  @TempDir Path given;
  private Path home;
  private Instant now = NOW;
  private final InstantSource clock = () -> now;

  @BeforeEach
  void layOut() throws IOException {
    home = given.toRealPath();
  }

  private CredentialStore open() throws IOException {
    return CredentialStore.open(home.resolve("state/credentials"), clock);
  }

  @Test
  void newSecretReplacesTheOldAndSaysSo() throws IOException {
    CredentialStore store = open();
    assertTrue(store.put(SHOP, OLD));
    assertFalse(store.put(SHOP, OLD));
    long generation = store.generation();
    now = NOW.plusSeconds(60);
    assertTrue(store.put(SHOP, NEW));
    assertTrue(store.generation() > generation);
    assertEquals(Optional.of(new CredentialStore.Stored(SHOP, NEW, now)), store.get(SHOP.id()));
    assertEquals(store.all(), open().all());
  }

  @Test
  void fileIsOursAlone() throws IOException {
    open().put(SHOP, OLD);
    Path file = home.resolve("state/credentials/" + SHOP.id() + ".json");
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    CredentialStore reopened = open();
    assertEquals(Optional.empty(), reopened.get(SHOP.id()));
    assertTrue(reopened.problems().getFirst().contains("chmod 600"));
  }

  @Test
  void brokenFileIsToldAndTheOthersCount() throws IOException {
    open().put(SHOP, OLD);
    Path broken = home.resolve("state/credentials/0123456789abcdef.json");
    Files.writeString(broken, "{\"v\":1,");
    Files.setPosixFilePermissions(broken, PosixFilePermissions.fromString("rw-------"));
    CredentialStore store = open();
    assertEquals(1, store.all().size());
    assertTrue(store.problems().getFirst().contains("0123456789abcdef"));
  }

  @Test
  void failedWriteKeepsWhatWasKnown() throws IOException {
    CredentialStore store = open();
    store.put(SHOP, OLD);
    Path directory = home.resolve("state/credentials");
    Path aside = home.resolve("aside");
    Files.move(directory, aside);
    Files.writeString(directory, "in the way");
    assertThrows(IOException.class, () -> store.put(SHOP, NEW));
    assertEquals(OLD, store.get(SHOP.id()).orElseThrow().credentials());
    Files.delete(directory);
    Files.move(aside, directory);
    assertTrue(store.put(SHOP, NEW));
  }

  private static Destination project(int n) {
    return Destination.of("https://cloud.langfuse.com", "pk-lf-" + n, ExporterChoice.AUTO);
  }

  private static Credentials keys(int n) {
    return new Credentials("pk-lf-" + n, "sk-lf-" + n);
  }

  @Test
  void keysNotUsedForLongestMakeRoomUnlessSomethingIsQueuedForThem() throws IOException {
    Path directory = home.resolve("state/credentials");
    CredentialStore store = CredentialStore.open(directory, clock, 4);
    for (int n = 0; n < 4; n++) {
      store.put(project(n), keys(n));
    }
    assertThrows(IOException.class, () -> store.put(project(4), keys(4)), "nothing is known yet");
    now = NOW.plusSeconds(2 * 86_400);
    store.put(project(1), keys(1)); // used once more
    store.keepWhile(project(0).id()::equals);
    store.put(project(4), keys(4));
    assertEquals(Optional.empty(), store.get(project(2).id()));
    assertFalse(Files.exists(directory.resolve(project(2).id() + ".json")));

    CredentialStore next = CredentialStore.open(directory, clock, 4);
    next.keepWhile(id -> false);
    next.put(project(5), keys(5));
    next.put(project(6), keys(6));
    for (int n : new int[] {0, 3}) {
      assertEquals(Optional.empty(), next.get(project(n).id()), "the next process knows: " + n);
    }
    for (int n : new int[] {1, 4, 5, 6}) {
      assertEquals(keys(n), next.get(project(n).id()).orElseThrow().credentials());
    }
    next.keepWhile(id -> true);
    assertThrows(IOException.class, () -> next.put(project(7), keys(7)));
  }

  @Test
  void whatWasRemovedIsWrittenAgain() throws IOException {
    CredentialStore store = open();
    store.put(SHOP, OLD);
    Files.move(home.resolve("state"), home.resolve("removed"));
    store.restore();
    assertEquals(OLD, open().get(SHOP.id()).orElseThrow().credentials());
  }

  @Test
  void secretNeverShowsInText() throws IOException {
    CredentialStore store = open();
    store.put(SHOP, OLD);
    assertFalse(store.all().toString().contains("sk-lf-old"));
  }

  private Consents consents(CredentialStore store, SeenHosts hosts) {
    Map<String, String> env = Map.of("HOME", home.toString());
    Config config = Config.of(Paths.of(env, home, Os.LINUX, 1000), env);
    return new Consents(config, store, new Permits(config, store, hosts));
  }

  private SeenHosts hosts() throws IOException {
    return SeenHosts.open(home.resolve("state/seen-hosts"), clock);
  }

  @Test
  void callIsSwappedForADestinationWithoutItsSecret() throws IOException {
    CredentialStore store = open();
    var call = new HashMap<String, String>();
    call.put("LANGFUSE_PUBLIC_KEY", "pk-lf-shop");
    call.put("LANGFUSE_SECRET_KEY", "sk-lf-old");
    call.put("CLAUDE_PROJECT_DIR", "/w");
    var given = assertInstanceOf(Consent.Given.class, consents(store, hosts()).judge("/w", call));
    assertEquals(SHOP.id(), given.destination());
    assertEquals(OLD, store.get(SHOP.id()).orElseThrow().credentials());
    call.put("LANGFUSE_SECRET_KEY", "sk-lf-new");
    consents(store, hosts()).judge("/w", call);
    assertEquals(NEW, store.get(SHOP.id()).orElseThrow().credentials());
  }

  @Test
  void switchedOffIsDeclinedAndWrongKeysStayHere() throws IOException {
    Consents consents = consents(open(), hosts());
    assertInstanceOf(
        Consent.Declined.class, consents.judge(null, Map.of("TRACE_TO_LANGFUSE", "false")));
    var given =
        assertInstanceOf(
            Consent.Given.class, consents.judge(null, Map.of("LANGFUSE_PUBLIC_KEY", "pk-lf-x")));
    assertEquals(DestinationId.LOCAL, given.destination());
    assertEquals(1, consents.problems().size());
    assertTrue(consents.problems().getFirst().startsWith("agents in an unknown directory: "));
    consents.judge(null, Map.of());
    assertEquals(List.of(), consents.problems(), "its latest call was right");
  }

  @Test
  void whatOurOwnHooksSayIsNotWrong() throws IOException {
    Consents consents = consents(open(), hosts());
    consents.judge("/w", Map.of("TURNPIKE_AGENT_PID", "4711", "TURNPIKE_HOME", "/h"));
    assertEquals(List.of(), consents.problems());
  }

  @Test
  void whatIsWrongForAllIsNotSaidOfEachCall() throws IOException {
    Path file = home.resolve(".config/turnpike/config");
    Files.createDirectories(file.getParent());
    Files.writeString(file, "LANGFUSE_PUBLIC_KEY=pk-lf-shop\n");
    Consents consents = consents(open(), hosts());
    consents.judge("/w", Map.of());
    assertEquals(List.of(), consents.problems());
    consents.judge("/w", Map.of("LANGFUSE_SAMPLE_RATE", "often"));
    assertEquals(1, consents.problems().size());
    for (int i = 0; i < 100; i++) {
      consents.judge("/w" + i, Map.of("LANGFUSE_SAMPLE_RATE", "often"));
    }
    assertEquals(WrongCalls.LIMIT_DIRECTORIES, consents.problems().size());
  }

  @Test
  void newSecretInTheFileIsTakenOverWithoutACall() throws IOException {
    CredentialStore store = open();
    Consents consents = consents(store, hosts());
    Path file = home.resolve(".config/turnpike/config");
    Files.createDirectories(file.getParent());
    Files.writeString(
        file, "[project /shop]\nLANGFUSE_PUBLIC_KEY=pk-lf-shop\nLANGFUSE_SECRET_KEY=sk-lf-new\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    consents.refresh();
    assertEquals(NEW, store.get(SHOP.id()).orElseThrow().credentials());
  }
}
