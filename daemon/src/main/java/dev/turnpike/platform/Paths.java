package dev.turnpike.platform;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Where everything lies. With {@code TURNPIKE_HOME=<H>}: {@code <H>/config} (a file), {@code
 * <H>/state}, {@code <H>/cache}, {@code <H>/log}, {@code <H>/turnpike.sock}. Without it XDG's
 * places on Linux and the Library folders on macOS. {@code TURNPIKE_SOCKET} overrides the socket
 * alone. The hook client (C) looks in the same places.
 *
 * @param config the settings file; need not exist
 * @param state what must not be lost: journal, bodies, spool, credentials
 * @param cache what may vanish at any time
 */
public record Paths(Path config, Path state, Path cache, Path log, Path socket) {

  public static Paths of(Map<String, String> env, Path home, Os os, long uid) {
    return of(env, home, os, uid, Files::isDirectory);
  }

  /** For the process we are in. */
  public static Paths current() {
    return of(System.getenv(), home(), Os.current(), HostFacts.current().uid());
  }

  /** {@code HOME}, else what the password database says. */
  public static Path home() {
    String home = System.getenv("HOME");
    return Path.of(home == null || home.isBlank() ? System.getProperty("user.home", "/") : home)
        .toAbsolutePath();
  }

  static Paths of(
      Map<String, String> env, Path home, Os os, long uid, Predicate<Path> isDirectory) {
    String own = env.get("TURNPIKE_HOME");
    Paths paths =
        own == null || own.isBlank()
            ? shared(env, home, os, uid, isDirectory)
            : below(Path.of(own).toAbsolutePath().normalize());
    String socket = env.get("TURNPIKE_SOCKET");
    return socket == null || socket.isBlank()
        ? paths
        : paths.withSocket(Path.of(socket).toAbsolutePath().normalize());
  }

  private static Paths below(Path own) {
    return new Paths(
        own.resolve("config"),
        own.resolve("state"),
        own.resolve("cache"),
        own.resolve("log"),
        own.resolve("turnpike.sock"));
  }

  private static Paths shared(
      Map<String, String> env, Path home, Os os, long uid, Predicate<Path> isDirectory) {
    Path config =
        xdg(env, "XDG_CONFIG_HOME").orElse(home.resolve(".config")).resolve("turnpike/config");
    return switch (os) {
      case LINUX -> {
        Path state =
            xdg(env, "XDG_STATE_HOME").orElse(home.resolve(".local/state")).resolve("turnpike");
        Path cache = xdg(env, "XDG_CACHE_HOME").orElse(home.resolve(".cache")).resolve("turnpike");
        // agents run hooks with trimmed environments: the client tries the usual place too
        Path usual = Path.of("/run/user/" + uid);
        Path socketDirectory =
            xdg(env, "XDG_RUNTIME_DIR")
                .or(() -> isDirectory.test(usual) ? Optional.of(usual) : Optional.empty())
                .map(runtime -> runtime.resolve("turnpike"))
                .orElse(state);
        yield new Paths(
            config, state, cache, state.resolve("log"), socketDirectory.resolve("turnpike.sock"));
      }
      case MACOS -> {
        Path library = home.resolve("Library");
        Path state = library.resolve("Application Support/turnpike");
        yield new Paths(
            config,
            state,
            library.resolve("Caches/turnpike"),
            library.resolve("Logs/turnpike"),
            state.resolve("turnpike.sock"));
      }
    };
  }

  /** XDG: a relative path in one of its variables is to be ignored. */
  private static Optional<Path> xdg(Map<String, String> env, String name) {
    String value = env.get(name);
    return value == null || !value.startsWith("/")
        ? Optional.empty()
        : Optional.of(Path.of(value).normalize());
  }

  private Paths withSocket(Path other) {
    return new Paths(config, state, cache, log, other);
  }

  /**
   * Why no socket can be bound at {@link #socket()}, in words that say what to do; empty if one
   * can.
   */
  public Optional<String> socketProblem(Os os) {
    int bytes = socket.toString().getBytes(StandardCharsets.UTF_8).length;
    int limit = os.socketPathLimitBytes() - 1;
    return bytes <= limit
        ? Optional.empty()
        : Optional.of(
            "the socket's path is %d bytes long and %s allows %d: %s; set TURNPIKE_SOCKET to a shorter one"
                .formatted(bytes, os.word(), limit, socket));
  }

  public Path spool() {
    return state.resolve("spool");
  }

  public Path inbox() {
    return state.resolve("inbox");
  }

  public Path journal() {
    return state.resolve("journal");
  }

  public Path outbox() {
    return state.resolve("outbox");
  }

  /** Finished traces of the local destination. */
  public Path traces() {
    return state.resolve("traces");
  }

  public Path credentials() {
    return state.resolve("credentials");
  }

  /** Tokens of those who may send telemetry, one file an agent. */
  public Path otlp() {
    return state.resolve("otlp");
  }

  /** Servers that agents' environments brought, see {@code config.SeenHosts}. */
  public Path seenHosts() {
    return state.resolve("seen-hosts");
  }

  public Path lock() {
    return state.resolve("daemon.lock");
  }

  /** Directory of the index that may be rebuilt at any time. */
  public Path index() {
    return cache.resolve("index");
  }
}
