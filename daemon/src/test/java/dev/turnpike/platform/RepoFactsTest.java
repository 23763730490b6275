package dev.turnpike.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RepoFactsTest {
  private static final String COMMIT = "3445eb3a9d1f0c2b4e6a8d0f1c3b5a7e9d2f4c6b";
  private static final String OTHER = "0f07b86a9d1f0c2b4e6a8d0f1c3b5a7e9d2f4c6b";

  @TempDir Path given;
  private Path directory;
  private Path home;
  private Path top;

  @BeforeEach
  void layOut() throws IOException {
    directory = given.toRealPath();
    home = Files.createDirectory(directory.resolve("home"));
    top = directory.resolve("shop");
    write(top.resolve(".git/HEAD"), "ref: refs/heads/main\n");
    write(top.resolve(".git/refs/heads/main"), COMMIT + "\n");
    write(top.resolve(".git/config"), "[core]\n\tbare = false\n");
  }

  private static void write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private RepoFacts facts(Path cwd) {
    return RepoFacts.of(cwd, home);
  }

  @Test
  void plainRepositoryIsReadFromBelow() throws IOException {
    Path below = Files.createDirectories(top.resolve("src/main"));
    assertEquals(
        new RepoFacts(
            Optional.of("shop"),
            Optional.of("main"),
            Optional.of(COMMIT),
            Optional.of(top),
            Optional.empty()),
        facts(below));
    assertTrue(RepoFacts.inRepository(below));
  }

  @Test
  void refMayBePacked() throws IOException {
    write(top.resolve(".git/HEAD"), "ref: refs/heads/feature/x\n");
    write(
        top.resolve(".git/packed-refs"),
        "# pack-refs with: peeled\n%s refs/heads/other/feature/x\n%s refs/heads/feature/x\n^%s\n"
            .formatted(OTHER, COMMIT, OTHER));
    assertEquals(Optional.of("feature/x"), facts(top).branch());
    assertEquals(Optional.of(COMMIT), facts(top).commit());
  }

  @Test
  void detachedHeadHasACommitAndNoBranch() throws IOException {
    write(top.resolve(".git/HEAD"), OTHER + "\n");
    assertEquals(Optional.empty(), facts(top).branch());
    assertEquals(Optional.of(OTHER), facts(top).commit());
  }

  @Test
  void unbornBranchHasNoCommit() throws IOException {
    write(top.resolve(".git/HEAD"), "ref: refs/heads/new\n");
    assertEquals(Optional.of("new"), facts(top).branch());
    assertEquals(Optional.empty(), facts(top).commit());
  }

  @Test
  void linkedWorktreeBelongsToItsRepository() throws IOException {
    Path worktree = directory.resolve("fix-42");
    Path own = top.resolve(".git/worktrees/fix-42");
    write(worktree.resolve(".git"), "gitdir: " + own + "\n");
    write(own.resolve("HEAD"), "ref: refs/heads/fix\n");
    write(own.resolve("commondir"), "../..\n");
    write(top.resolve(".git/refs/heads/fix"), OTHER + "\n");
    RepoFacts facts = facts(worktree);
    assertEquals(Optional.of("shop"), facts.name());
    assertEquals(Optional.of("fix"), facts.branch());
    assertEquals(Optional.of(OTHER), facts.commit());
    assertEquals(Optional.of(worktree), facts.root());
  }

  @Test
  void submoduleIsARepositoryOfItsOwn() throws IOException {
    Path module = top.resolve("lib");
    write(module.resolve(".git"), "gitdir: ../.git/modules/lib\n");
    write(top.resolve(".git/modules/lib/HEAD"), OTHER + "\n");
    write(
        top.resolve(".git/modules/lib/config"),
        "[remote \"origin\"]\n\turl = https://example.com/org/library.git\n");
    assertEquals(Optional.of("library"), facts(module).name());
    assertEquals(Optional.of(OTHER), facts(module).commit());
  }

  @Test
  void noRepositoryIsNoTrouble() throws IOException {
    Path plain = Files.createDirectory(directory.resolve("plain"));
    assertEquals(RepoFacts.NONE, facts(plain));
    assertFalse(RepoFacts.inRepository(plain));
    assertEquals(RepoFacts.NONE, facts(Path.of("/nowhere/at/all")));
  }

  @Test
  void brokenRepositoryIsNoTrouble() throws IOException {
    Path broken = directory.resolve("broken");
    write(broken.resolve(".git"), "gitdir: \u0000nonsense\n");
    assertEquals(RepoFacts.NONE, facts(broken));
    write(top.resolve(".git/HEAD"), "ref: ../../../etc/passwd\n");
    assertEquals(Optional.empty(), facts(top).commit());
  }

  @Test
  void directoryThatIsGoneIsSoughtByItsName() {
    assertEquals(Optional.of("shop"), facts(top.resolve("removed/since")).name());
  }

  @ParameterizedTest
  @CsvSource({
    "https://example.com/org/shop.git, shop",
    "https://dev:s3cret@example.com/org/shop, shop",
    "git@example.com:org/shop.git, shop",
    "git@example.com:shop.git, shop",
    "ssh://git@example.com:22/org/shop.git/, shop",
    "/srv/git/shop.git, shop",
    "https://example.com/org/shop.git?token=abc, shop",
    "https://dev:s3cret@example.com,",
    "https://dev:s3cret@example.com/,",
    "'',"
  })
  void nameComesFromTheRemoteWithoutItsCredentials(String url, String name) {
    assertEquals(Optional.ofNullable(name), RepoFacts.nameFromUrl(url));
  }

  @Test
  void emailOfTheRepositoryGoesBeforeThatOfTheUser() throws IOException {
    write(home.resolve(".config/git/config"), "[user]\n\temail = xdg@example.com\n");
    assertEquals(Optional.of("xdg@example.com"), facts(top).userEmail());
    write(home.resolve(".gitconfig"), "[User]\n\tEmail = \"home@example.com\" # me\n");
    assertEquals(Optional.of("home@example.com"), facts(top).userEmail());
    write(top.resolve(".git/config"), "[user] email = repo@example.com\n");
    assertEquals(Optional.of("repo@example.com"), facts(top).userEmail());
  }

  @Test
  void emailMayBeIncludedForAFolder() throws IOException {
    write(
        home.resolve(".gitconfig"),
        "[user]\n email = home@example.com\n[includeIf \"gitdir:%s/\"]\n path = .gitconfig-work\n"
            .formatted(directory));
    write(
        home.resolve(".gitconfig-work"),
        "[user]\n email = work@example.com\n[include]\n path = .gitconfig-work\n");
    assertEquals(Optional.of("work@example.com"), facts(top).userEmail());
    write(
        home.resolve(".gitconfig"),
        """
        [user]
         email = home@example.com
        [includeIf "gitdir:/elsewhere/"]
         path = .gitconfig-work
        """);
    assertEquals(Optional.of("home@example.com"), facts(top).userEmail());
  }
}
