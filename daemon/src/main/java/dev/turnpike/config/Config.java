package dev.turnpike.config;

import dev.turnpike.config.Layer.Rank;
import dev.turnpike.platform.Durations;
import dev.turnpike.platform.Paths;
import dev.turnpike.platform.RepoFacts;
import dev.turnpike.platform.Sizes;
import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The settings as they stand now. Precedence: the call's environment, the project's section of the
 * settings file (longest path), the file, the daemon's environment, the default. The file is looked
 * at on every call and read again when it changed, so nothing needs a restart. Safe for all
 * threads.
 */
public final class Config {
  private static final int LIMIT_REMEMBERED_CHARS = 8 << 10;
  private static final String CALL = "the agent's environment";
  private static final String DAEMON = "the daemon's environment";

  private final Path home;
  private final WatchedFile file;
  private final Optional<WatchedFile> codeTrace;
  private final Layer daemon;
  private final List<String> daemonWarnings;
  private final Lately lately = new Lately();
  private final LastAnswers<Map<String, String>, Map<String, String>> freed = new LastAnswers<>();

  private Config(
      Path home, WatchedFile file, Optional<WatchedFile> codeTrace, Map<String, String> daemonEnv) {
    this.home = home;
    this.file = file;
    this.codeTrace = codeTrace;
    this.daemon = Layer.ofEnvironment(Rank.DAEMON, DAEMON, daemonEnv);
    this.daemonWarnings = unknownNames(DAEMON, daemonEnv);
  }

  /**
   * Reads nothing yet. Without a settings file of ours that of code-trace counts, if it lies beside
   * ours: {@code ~/.config/code-trace/config}.
   */
  public static Config of(Paths paths, Map<String, String> daemonEnv) {
    String said = daemonEnv.getOrDefault("HOME", "");
    Path home = said.startsWith("/") ? Path.of(said) : Paths.home();
    var own = new WatchedFile(paths.config(), home, Rank.FILE);
    boolean isolated = !daemonEnv.getOrDefault("TURNPIKE_HOME", "").isBlank();
    Path folder = paths.config().getParent();
    Optional<WatchedFile> former =
        isolated || folder == null
            ? Optional.empty()
            : Optional.of(
                new WatchedFile(
                    folder.resolveSibling("code-trace").resolve("config"),
                    home,
                    Rank.CODE_TRACE_FILE));
    return new Config(home, own, former, daemonEnv);
  }

  /**
   * What holds for one call. May run on a hot path: a look at the file's attributes and, if the
   * question is new, a merge of small maps.
   *
   * @param cwd the agent's working directory, if known
   * @param callEnvironment of the hook; names that are no settings are ignored
   */
  public Settings resolve(@Nullable String cwd, Map<String, String> callEnvironment) {
    return look().resolve(cwd, callEnvironment);
  }

  /** Everything that one call asks of the settings comes from one look at them. */
  Look look() {
    return new Look(sources());
  }

  /** The settings as they stood at one moment; not to be kept. */
  final class Look {
    private final Sources sources;

    private Look(Sources sources) {
      this.sources = sources;
    }

    Settings resolve(@Nullable String cwd, Map<String, String> callEnvironment) {
      var question = Lately.Question.of(path(cwd), callEnvironment);
      return lately
          .answer(sources.state(), question)
          .orElseGet(() -> Config.this.resolve(sources, question));
    }

    /**
     * Servers the user named himself: in the settings file, in the daemon's environment, in
     * TURNPIKE_KNOWN_HOSTS, and the default's.
     */
    KnownServers knownServers() {
      return lately
          .knownServers(sources.state())
          .orElseGet(
              () -> {
                Merge standing = merge(sources, Optional.empty(), Map.of());
                KnownServers servers = Config.this.knownServers(sources, standing);
                lately.rememberServers(sources.state(), servers);
                return servers;
              });
    }
  }

  /** Where telemetry is received, as the settings have it now: of no project. */
  public OptionalInt otlpPort() {
    return resolve(null, Map.of()).otlpPort();
  }

  private Settings resolve(Sources sources, Lately.Question question) {
    Merge merge = merge(sources, question.directory(), question.said());
    Settings settings = settings(sources, question, merge);
    // Whether a directory lies in a repository may change at any time.
    if (!merge.on(Setting.TURNPIKE_REQUIRE_GIT)) {
      lately.remember(sources.state(), question, settings);
    }
    return settings;
  }

  private Settings settings(Sources sources, Lately.Question question, Merge merge) {
    Target target = target(sources, merge);

    var problems = new ArrayList<>(merge.problems());
    problems.addAll(unknownNames(CALL, question.said()));
    if (target instanceof Target.Unusable(String problem)) {
      problems.add(problem);
    }
    return new Settings(
        traced(merge, question.directory()),
        target,
        privacy(merge),
        merge.optional(Setting.LANGFUSE_USER_ID),
        merge.on(Setting.TURNPIKE_USER_FROM_GIT),
        merge.optional(Setting.LANGFUSE_TRACING_ENVIRONMENT),
        merge.optional(Setting.LANGFUSE_RELEASE),
        merge.optional(Setting.TURNPIKE_TRACE_SEED),
        Lists.of(merge.text(Setting.TURNPIKE_TAGS)),
        Double.parseDouble(merge.text(Setting.LANGFUSE_SAMPLE_RATE)),
        Durations.parse(merge.text(Setting.TURNPIKE_TURN_IDLE)).orElseThrow(),
        exporter(merge),
        Sizes.parse(merge.text(Setting.TURNPIKE_LOCAL_HISTORY)).orElseThrow(),
        Sizes.parse(merge.text(Setting.TURNPIKE_QUEUE_LIMIT)).orElseThrow(),
        merge.on(Setting.TURNPIKE_AUTOSTART),
        Durations.parse(merge.text(Setting.TURNPIKE_IDLE_EXIT)),
        port(merge.text(Setting.TURNPIKE_OTLP_PORT)),
        merge.text(Setting.TURNPIKE_LOG_LEVEL),
        problems);
  }

  /**
   * Every setting with all that is said of it and what holds, for {@code turnpike config explain}.
   * Secrets are masked.
   */
  public Map<Setting, Explained> explain(
      @Nullable String cwd, Map<String, String> callEnvironment) {
    return merge(sources(), path(cwd), callEnvironment).explained();
  }

  /** What is wrong with the file and the daemon's environment, one line each, without secrets. */
  public List<String> warnings() {
    Sources sources = sources();
    var warnings = new ArrayList<>(sources.state().warnings());
    warnings.addAll(daemonWarnings);
    var layers = new ArrayList<List<Layer>>();
    layers.add(List.of(sources.state().file().top(), daemon));
    sources.state().file().sections().forEach(section -> layers.add(List.of(section.layer())));
    layers.forEach(of -> warnings.addAll(new Merge(of).problems()));
    return warnings;
  }

  /**
   * The targets the settings file and the daemon's environment name, for the whole machine and for
   * each project.
   */
  List<Target> standingTargets() {
    Sources sources = sources();
    var targets = new ArrayList<Target>();
    targets.add(target(sources, merge(sources, Optional.empty(), Map.of())));
    for (SettingsFile.Section section : sources.state().file().sections()) {
      targets.add(target(sources, merge(sources, Optional.of(section.directory()), Map.of())));
    }
    return targets;
  }

  /** Certificates to trust besides Java's own. A leading {@code ~/} is the user's home. */
  public Optional<Path> caFile() {
    return merge(sources(), Optional.empty(), Map.of())
        .optional(Setting.TURNPIKE_CA_FILE)
        .flatMap(text -> path(text.startsWith("~/") ? home + text.substring(1) : text));
  }

  /** The settings file, whether it is there or not. */
  public Path file() {
    return file.path();
  }

  /**
   * A hook's environment as it may be kept. Besides the settings that are secrets everything goes
   * that sounds like one or holds a Langfuse secret key under any name, and a user in an address.
   */
  public Map<String, String> withoutSecrets(Map<String, String> environment) {
    int chars = 0; // no stream: asked with every hook
    for (String value : environment.values()) {
      chars += value.length();
    }
    return chars > LIMIT_REMEMBERED_CHARS
        ? freeOfSecrets(environment)
        : freed.to(Map.copyOf(environment), Config::freeOfSecrets);
  }

  private static Map<String, String> freeOfSecrets(Map<String, String> environment) {
    var kept = new TreeMap<String, String>();
    environment.forEach(
        (name, value) -> {
          if (!soundsSecret(name) && !value.contains("sk-lf-")) {
            boolean address =
                Setting.named(name).map(Setting::kind).equals(Optional.of(Setting.Kind.URL));
            kept.put(name, address ? BaseUrl.normalise(value).orElse("") : value);
          }
        });
    return Collections.unmodifiableMap(kept);
  }

  private static boolean soundsSecret(String name) {
    return Setting.secretNames().contains(name)
        || (name.contains("SECRET") && !Setting.isSetting(name))
        || name.contains("PASSWORD")
        || name.contains("TOKEN")
        || name.endsWith("API_KEY");
  }

  /** Whether a server needs no word of the user's: {@code TURNPIKE_DESTINATIONS=all}. */
  boolean allServers() {
    return merge(sources(), Optional.empty(), Map.of())
        .text(Setting.TURNPIKE_DESTINATIONS)
        .equals("all");
  }

  private record Sources(WatchedFile.State state, Layer top) {}

  private Sources sources() {
    WatchedFile.State state = file.state();
    if (!state.present() && codeTrace.isPresent()) {
      WatchedFile.State former = codeTrace.get().state();
      if (former.present() && former.blocked().isEmpty()) {
        state = former;
      }
    }
    return new Sources(state, state.file().top());
  }

  private Merge merge(Sources sources, Optional<Path> cwd, Map<String, String> callEnvironment) {
    var layers = new ArrayList<Layer>();
    layers.add(Layer.ofEnvironment(Rank.CALL, CALL, callEnvironment));
    cwd.flatMap(sources.state().file()::section).ifPresent(layers::add);
    layers.add(sources.top());
    layers.add(daemon);
    return new Merge(layers);
  }

  private Target target(Sources sources, Merge merge) {
    Optional<String> blocked = sources.state().blocked();
    if (blocked.isPresent()) {
      return new Target.Unusable(blocked.get());
    }
    return new Targets(merge, knownServers(sources, merge), sources.state().secretsRefused())
        .target(exporter(merge));
  }

  private KnownServers knownServers(Sources sources, Merge merge) {
    var plain = new LinkedHashSet<String>();
    Lists.of(merge.text(Setting.TURNPIKE_KNOWN_HOSTS))
        .forEach(host -> plain.add(host.toLowerCase(Locale.ROOT)));
    var inFile = new LinkedHashSet<String>();
    server(Setting.LANGFUSE_BASE_URL.defaultValue()).ifPresent(inFile::add);
    named(sources.top()).ifPresent(inFile::add);
    sources
        .state()
        .file()
        .sections()
        .forEach(section -> named(section.layer()).ifPresent(inFile::add));
    var inEnvironment = new LinkedHashSet<String>();
    named(daemon).ifPresent(inEnvironment::add);
    return new KnownServers(plain, inFile, inEnvironment);
  }

  private static Optional<String> named(Layer layer) {
    return new Merge(List.of(layer)).optional(Setting.LANGFUSE_BASE_URL).flatMap(Config::server);
  }

  private static Optional<String> server(String url) {
    return BaseUrl.normalise(url).map(good -> BaseUrl.server(URI.create(good)));
  }

  private static boolean traced(Merge merge, Optional<Path> cwd) {
    return merge.on(Setting.TRACE_TO_LANGFUSE)
        && merge.on(Setting.LANGFUSE_TRACING_ENABLED)
        && (!merge.on(Setting.TURNPIKE_REQUIRE_GIT)
            || cwd.map(RepoFacts::inRepository).orElse(false));
  }

  private static PrivacyPolicy privacy(Merge merge) {
    return new PrivacyPolicy(
        Integer.parseInt(merge.text(Setting.TURNPIKE_MAX_FIELD_CHARS)),
        merge.on(Setting.TURNPIKE_CAPTURE_PROMPTS),
        merge.on(Setting.TURNPIKE_CAPTURE_ANSWERS),
        merge.on(Setting.TURNPIKE_CAPTURE_TOOL_INPUT),
        merge.on(Setting.TURNPIKE_CAPTURE_TOOL_OUTPUT),
        merge.on(Setting.TURNPIKE_CAPTURE_REASONING),
        merge.on(Setting.TURNPIKE_MASK_SECRETS));
  }

  private static ExporterChoice exporter(Merge merge) {
    return switch (merge.text(Setting.TURNPIKE_EXPORTER)) {
      case "otlp" -> ExporterChoice.OTLP;
      case "classic" -> ExporterChoice.CLASSIC;
      default -> ExporterChoice.AUTO;
    };
  }

  private static Optional<Path> path(@Nullable String cwd) {
    if (cwd == null || !cwd.startsWith("/")) {
      return Optional.empty();
    }
    try {
      return Optional.of(Path.of(cwd).normalize());
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  static boolean ownName(String name) {
    return name.startsWith("TURNPIKE_");
  }

  /** In an environment only our own prefix is ours to judge. */
  private static List<String> unknownNames(String where, Map<String, String> environment) {
    var warnings = new ArrayList<String>();
    for (String name : new TreeMap<>(environment).keySet()) {
      if (ownName(name) && !Setting.isSetting(name)) {
        warnings.add(
            "unknown setting %s in %s%s"
                .formatted(
                    name,
                    where,
                    Nearest.to(name).map(near -> "; did you mean " + near + "?").orElse("")));
      }
    }
    return warnings;
  }

  /** Checked before: a number or {@code off}. */
  private static OptionalInt port(String text) {
    return text.matches("\\d+") ? OptionalInt.of(Integer.parseInt(text)) : OptionalInt.empty();
  }
}
