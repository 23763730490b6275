package dev.turnpike.config;

import static dev.turnpike.config.Setting.Kind.BOOLEAN;
import static dev.turnpike.config.Setting.Kind.CHOICE;
import static dev.turnpike.config.Setting.Kind.DURATION;
import static dev.turnpike.config.Setting.Kind.INTEGER;
import static dev.turnpike.config.Setting.Kind.LIST;
import static dev.turnpike.config.Setting.Kind.PORT;
import static dev.turnpike.config.Setting.Kind.RATE;
import static dev.turnpike.config.Setting.Kind.SECRET;
import static dev.turnpike.config.Setting.Kind.SIZE;
import static dev.turnpike.config.Setting.Kind.TEXT;
import static dev.turnpike.config.Setting.Kind.URL;
import static dev.turnpike.config.Setting.Reach.CALL;
import static dev.turnpike.config.Setting.Reach.MACHINE;
import static dev.turnpike.config.Setting.Reach.PROCESS;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Every setting there is. Help and {@code docs/settings.md} are made from this list. */
public enum Setting {
  TRACE_TO_LANGFUSE(
      BOOLEAN,
      CALL,
      "true",
      "Whether turns are traced. A value that is neither true nor false counts as false.",
      "TURNPIKE_TRACE",
      "CC_TRACE_TO_LANGFUSE"),
  LANGFUSE_TRACING_ENABLED(
      BOOLEAN,
      CALL,
      "true",
      "The switch of Langfuse's SDKs: false turns tracing off like `TRACE_TO_LANGFUSE=false`."),
  LANGFUSE_PUBLIC_KEY(
      TEXT,
      CALL,
      "",
      "Public key of the Langfuse project (`pk-lf-...`). Without keys traces stay on this machine.",
      "CC_LANGFUSE_PUBLIC_KEY"),
  LANGFUSE_SECRET_KEY(
      SECRET,
      CALL,
      "",
      "Secret key of the Langfuse project (`sk-lf-...`). It must come from the same place as the"
          + " public key, or be the only one there is.",
      "CC_LANGFUSE_SECRET_KEY"),
  LANGFUSE_BASE_URL(
      URL,
      CALL,
      "https://cloud.langfuse.com",
      "Address of the Langfuse server. One that comes from an agent's environment is used only with"
          + " keys from there.",
      "LANGFUSE_HOST",
      "LANGFUSE_BASEURL",
      "CC_LANGFUSE_BASE_URL",
      "CC_LANGFUSE_HOST"),
  LANGFUSE_USER_ID(
      TEXT,
      CALL,
      "",
      "The user of every trace. Without it the e-mail of the repository's git configuration, else"
          + " the login name.",
      "CC_LANGFUSE_USER_ID"),
  LANGFUSE_TRACING_ENVIRONMENT(
      TEXT,
      CALL,
      "",
      "Langfuse environment: small letters, digits, `-` and `_`, at most 40 characters, not"
          + " beginning with `langfuse`.",
      "CC_LANGFUSE_TRACING_ENVIRONMENT",
      "CC_LANGFUSE_ENVIRONMENT"),
  LANGFUSE_RELEASE(
      TEXT,
      CALL,
      "",
      "Release named in every trace. Without it Turnpike's own version.",
      "CC_LANGFUSE_RELEASE"),
  LANGFUSE_SAMPLE_RATE(
      RATE,
      CALL,
      "1",
      "Share of turns to send, 0 to 1. Decided by the trace id: a turn goes whole or not at all.",
      "CC_LANGFUSE_SAMPLE_RATE"),
  TURNPIKE_TRACE_SEED(
      TEXT,
      CALL,
      "",
      "Makes trace ids predictable: turn n of the session gets the id Langfuse's SDKs make of"
          + " `<seed>:<n>`. Use a new seed for each session.",
      "CC_LANGFUSE_TRACE_SEED",
      "LANGFUSE_CODEX_TRACE_SEED",
      "LANGFUSE_CURSOR_TRACE_SEED"),
  TURNPIKE_TAGS(
      LIST,
      CALL,
      "",
      "Tags added to every trace: comma separated, or a JSON array of strings.",
      "CC_LANGFUSE_TRACE_TAGS"),
  TURNPIKE_MAX_FIELD_CHARS(
      INTEGER,
      CALL,
      "100000",
      "Longest string in a trace, in characters. Longer ones are cut and say so.",
      "CC_LANGFUSE_MAX_CHARS"),
  TURNPIKE_CAPTURE_PROMPTS(
      BOOLEAN, CALL, "true", "Whether prompts are in the trace, also inside model calls."),
  TURNPIKE_CAPTURE_ANSWERS(BOOLEAN, CALL, "true", "Whether the model's answers are in the trace."),
  TURNPIKE_CAPTURE_TOOL_INPUT(
      BOOLEAN, CALL, "true", "Whether the arguments of tool calls are in the trace."),
  TURNPIKE_CAPTURE_TOOL_OUTPUT(
      BOOLEAN, CALL, "true", "Whether results and errors of tool calls are in the trace."),
  TURNPIKE_CAPTURE_REASONING(
      BOOLEAN, CALL, "true", "Whether the model's reasoning is in the trace."),
  TURNPIKE_MASK_SECRETS(
      BOOLEAN,
      CALL,
      "true",
      "Whether passwords, keys and tokens are replaced by `[masked:<kind>]`, see privacy.md.",
      "CODE_TRACE_MASK_SECRETS"),
  TURNPIKE_USER_FROM_GIT(
      BOOLEAN,
      CALL,
      "true",
      "Whether the e-mail of the git configuration may name the user of a trace."),
  TURNPIKE_REQUIRE_GIT(
      BOOLEAN,
      CALL,
      "false",
      "Trace only work inside a git repository.",
      "CODE_TRACE_REQUIRE_GIT_REPO"),
  TURNPIKE_TURN_IDLE(
      DURATION,
      CALL,
      "30m",
      "A turn the agent never ended is closed after so long without a sign of life; a second at"
          + " least."),
  TURNPIKE_EXPORTER(
      CHOICE,
      CALL,
      "auto",
      "How traces are sent: `otlp`, `classic` (Langfuse below 3.59), or `auto`: the server's"
          + " version decides."),
  TURNPIKE_DESTINATIONS(
      CHOICE,
      MACHINE,
      "ask",
      "What of a server that only an agent's environment names. `ask`: its traces are held until"
          + " you say `turnpike destinations allow HOST` or `deny HOST`. `known`: they stay on this"
          + " machine. `all`: they are sent, unless you denied it."),
  TURNPIKE_KNOWN_HOSTS(
      LIST,
      MACHINE,
      "",
      "Servers that count as named by you, besides those of the settings file: host names, with the"
          + " port if it is not the usual one, comma separated."),
  TURNPIKE_CA_FILE(
      TEXT,
      MACHINE,
      "",
      "File with certificates (PEM) to trust besides Java's own list: for a server behind a"
          + " company's own authority. A system keeps all it trusts in one, such as"
          + " `/etc/ssl/certs/ca-certificates.crt`.",
      "NODE_EXTRA_CA_CERTS"),
  TURNPIKE_LOCAL_HISTORY(
      SIZE,
      MACHINE,
      "64MiB",
      "Room for finished traces that stay on this machine. The oldest go first."),
  TURNPIKE_QUEUE_LIMIT(
      SIZE,
      MACHINE,
      "512MiB",
      "Room for traces waiting to be sent. When it is full nothing is thrown away: reading waits."),
  TURNPIKE_IDLE_EXIT(
      DURATION,
      MACHINE,
      "off",
      "The daemon ends after so long without work; `off`: never. For use with socket activation or"
          + " autostart. What hook clients left in the spool is work too, and looked for every 30"
          + " s: where the hook that started the daemon did not wait for it, the end comes that"
          + " much later."),
  TURNPIKE_OTLP_PORT(
      PORT,
      MACHINE,
      "4319",
      "Port of 127.0.0.1 and ::1 on which telemetry of agents is received. Nothing listens before"
          + " `turnpike install` has made a token for an agent that needs it; `off`: never."),
  TURNPIKE_LOG_LEVEL(
      CHOICE,
      MACHINE,
      "info",
      "`error`, `warn`, `info`, `debug` or `trace`.",
      "CODE_TRACE_DEBUG",
      "CC_TRACE_DEBUG",
      "CC_LANGFUSE_DEBUG",
      "LANGFUSE_DEBUG"),
  TURNPIKE_TOOL_HOOKS(
      BOOLEAN,
      MACHINE,
      "true",
      "Whether `turnpike install` registers hooks around tool calls too: one start of the hook"
          + " client for each. Without them pure execution times and exit codes are unknown."),
  TURNPIKE_AUTOSTART(
      BOOLEAN,
      PROCESS,
      "true",
      "Whether the hook client starts a daemon that does not run. Installing a service switches it"
          + " off."),
  TURNPIKE_HOME(
      TEXT,
      PROCESS,
      "",
      "One directory for settings, state, cache, log and socket, instead of the usual places."),
  TURNPIKE_SOCKET(TEXT, PROCESS, "", "The daemon's socket, instead of the usual place."),
  TURNPIKE_JAVA_HOME(
      TEXT, PROCESS, "", "A Java runtime, 25 or newer, for the daemon and the command line."),
  TURNPIKE_JAVA_OPTS(
      TEXT,
      PROCESS,
      "",
      "Further options for that Java runtime. Others for the heap cost the daemon its AOT cache."),
  TURNPIKE_AOT(
      TEXT, PROCESS, "", "An AOT cache for the daemon, instead of the one `install` had made."),
  TURNPIKE_STARTED_BY(
      TEXT, PROCESS, "", "Set by the hook client for a daemon it starts; not for people."),
  TURNPIKE_AGENT_PID(
      TEXT,
      PROCESS,
      "",
      "Set by hooks that run in a shell, to name the agent's process; not for people.");

  /** How a value is written. */
  public enum Kind {
    BOOLEAN("true or false"),
    INTEGER("number"),
    RATE("0 to 1"),
    DURATION("duration: `2s`, `30m`, `2h30m`"),
    SIZE("size: `64KiB`, `16MiB`"),
    PORT("port, or `off`"),
    TEXT("text"),
    LIST("list"),
    CHOICE("word"),
    SECRET("secret"),
    URL("URL");

    private final String word;

    Kind(String word) {
      this.word = word;
    }

    public String word() {
      return word;
    }
  }

  /** Where a setting may be set. */
  public enum Reach {
    /**
     * Everywhere: an agent's environment, a project's section, the settings file, the daemon's
     * environment.
     */
    CALL("agent's environment, project section, file, daemon's environment"),
    /** Not by a call: the settings file outside of project sections, the daemon's environment. */
    MACHINE("file, daemon's environment"),
    /** Environment of the program itself: needed before any file is read. */
    PROCESS("environment of the program");

    private final String word;

    Reach(String word) {
      this.word = word;
    }

    public String word() {
      return word;
    }
  }

  /** Claude Code hands a plugin's options to its hooks under this prefix. */
  private static final String PLUGIN_OPTION = "CLAUDE_PLUGIN_OPTION_";

  private static final Map<String, Setting> BY_NAME = byName();
  private static final Set<String> SECRET_NAMES = namesOfSecrets();

  private final Kind kind;
  private final Reach reach;
  private final String defaultValue;
  private final String sentence;
  private final List<String> aliases;

  Setting(Kind kind, Reach reach, String defaultValue, String sentence, String... aliases) {
    this.kind = kind;
    this.reach = reach;
    this.defaultValue = defaultValue;
    this.sentence = sentence;
    this.aliases = List.of(aliases);
  }

  /** The setting of this name or alias. */
  public static Optional<Setting> named(String name) {
    return Optional.ofNullable(BY_NAME.get(name));
  }

  /** Whether {@code name} is a setting's name, an alias or a plugin option of one. */
  public static boolean isSetting(String name) {
    return BY_NAME.containsKey(name);
  }

  /** All names under which a secret may stand in an environment. */
  public static Set<String> secretNames() {
    return SECRET_NAMES;
  }

  public Kind kind() {
    return kind;
  }

  public Reach reach() {
    return reach;
  }

  /** As it would be written; empty: nothing is set. */
  public String defaultValue() {
    return defaultValue;
  }

  /** What the setting does, in Markdown. */
  public String sentence() {
    return sentence;
  }

  /** Other names it goes by, without those of plugin options. */
  public List<String> aliases() {
    return aliases;
  }

  public boolean secret() {
    return kind == SECRET;
  }

  /** All names it goes by, in the order in which they win within one place. */
  List<String> names() {
    var all = new ArrayList<String>();
    all.add(name());
    all.addAll(aliases);
    if (reach == CALL) {
      List.copyOf(all).forEach(name -> all.add(PLUGIN_OPTION + name));
    }
    return all;
  }

  private static Map<String, Setting> byName() {
    var map = new HashMap<String, Setting>();
    for (Setting setting : values()) {
      for (String name : setting.names()) {
        if (map.put(name, setting) != null) {
          throw new IllegalStateException("two settings are named " + name);
        }
      }
    }
    return Map.copyOf(map);
  }

  private static Set<String> namesOfSecrets() {
    var names = new TreeSet<String>();
    for (Setting setting : values()) {
      if (setting.secret()) {
        names.addAll(setting.names());
      }
    }
    return Collections.unmodifiableSet(names);
  }
}
