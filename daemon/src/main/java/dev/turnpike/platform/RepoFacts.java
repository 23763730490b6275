package dev.turnpike.platform;

import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What the repository around a directory says of itself, read from its files: git is never started.
 * Whatever cannot be read is absent.
 *
 * @param name of the repository: the last part of the URL of the remote {@code origin}, else the
 *     name of its top folder
 * @param branch absent on a detached HEAD
 * @param commit full id; absent before the first commit, and in repositories that keep refs in
 *     another format than files
 * @param root the top folder of the working tree
 * @param userEmail {@code user.email} of the repository's, else the user's git configuration
 */
public record RepoFacts(
    Optional<String> name,
    Optional<String> branch,
    Optional<String> commit,
    Optional<Path> root,
    Optional<String> userEmail) {
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");
  private static final String REF = "ref:";
  private static final String HEADS = "refs/heads/";

  public static final RepoFacts NONE =
      new RepoFacts(
          Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

  /**
   * Reads the disk: a dozen small files at most. The e-mail comes from the user's own configuration
   * where there is no repository.
   */
  public static RepoFacts of(Path cwd, Path home) {
    Optional<GitFolder> found = GitFolder.around(cwd);
    if (found.isEmpty()) {
      return new RepoFacts(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          GitConfig.ofUser(home, Optional.empty()).last("user.email"));
    }
    GitFolder git = found.get();
    GitConfig config = GitConfig.ofRepository(git, home);
    Optional<String> head = git.read("HEAD").map(String::strip);
    Optional<String> ref =
        head.filter(text -> text.startsWith(REF)).map(text -> text.substring(REF.length()).strip());
    return new RepoFacts(
        config.last("remote.origin.url").flatMap(RepoFacts::nameFromUrl).or(git::folderName),
        // a repository in the reftable format says refs/heads/.invalid here
        ref.filter(name -> name.startsWith(HEADS) && !name.endsWith("/.invalid"))
            .map(name -> name.substring(HEADS.length())),
        ref.isPresent()
            ? ref.flatMap(git::resolve).filter(RepoFacts::isCommit)
            : head.filter(RepoFacts::isCommit),
        Optional.of(git.top()),
        config.last("user.email"));
  }

  /** Whether {@code directory} lies in a working tree; cheaper than all the facts. */
  public static boolean inRepository(Path directory) {
    return GitFolder.around(directory).isPresent();
  }

  /**
   * {@code https://user:secret@host/org/shop.git}, {@code git@host:org/shop.git}, {@code
   * /srv/git/shop/}: {@code shop}. Only the last part is taken, so nothing of a URL's credentials
   * can be in it.
   */
  static Optional<String> nameFromUrl(String url) {
    String rest = url.strip();
    int end = rest.length();
    for (char stop : new char[] {'?', '#'}) {
      int at = rest.indexOf(stop);
      end = at >= 0 ? Math.min(end, at) : end;
    }
    rest = rest.substring(0, end);
    while (rest.endsWith("/")) {
      rest = rest.substring(0, rest.length() - 1);
    }
    int from = Math.max(rest.lastIndexOf('/'), rest.lastIndexOf(':')) + 1;
    String name = rest.substring(Math.max(from, rest.lastIndexOf('@') + 1));
    name = name.endsWith(".git") ? name.substring(0, name.length() - ".git".length()) : name;
    boolean hostOnly = rest.indexOf("://") >= 0 && rest.indexOf('/', rest.indexOf("://") + 3) < 0;
    return name.isBlank() || hostOnly ? Optional.empty() : Optional.of(name);
  }

  private static boolean isCommit(String text) {
    return COMMIT.matcher(text).matches();
  }
}
