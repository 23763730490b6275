package dev.turnpike.config;

import java.util.stream.Collectors;

/** {@code docs/settings.md}, made from {@link Setting}. */
public final class SettingsTable {
  private static final String HEAD =
      """
      # Settings

      Made from `Setting.java`; a test fails when this page is stale
      (`mvn -pl daemon test -Dtest=SettingsTableTest -Dturnpike.rewriteDocs=true` writes it anew).

      ## Where settings are made

      | strongest first | |
      |---|---|
      | the agent's environment | what the hook client hands over: a shell's variables, `env` in an agent's own settings, a plugin's options |
      | `[project /path]` | a section of the settings file; holds for that directory and all below, the longest path wins |
      | the settings file | `~/.config/turnpike/config` (`$XDG_CONFIG_HOME`), or `$TURNPIKE_HOME/config` |
      | the daemon's environment | what its service or shell gives it |
      | default | |

      `turnpike config explain NAME` shows what each of them says. The file is read again when it changes.

          # ~/.config/turnpike/config
          LANGFUSE_PUBLIC_KEY=pk-lf-...
          LANGFUSE_SECRET_KEY=sk-lf-...
          LANGFUSE_BASE_URL=https://cloud.langfuse.com

          [project ~/projects/confidential]
          TRACE_TO_LANGFUSE=false

      - One `NAME=value` a line; `#` begins a comment; quotes and a leading `export` are allowed. At most 256 KiB.
      - An empty value in the file means *none*; an empty environment variable counts as not set.
      - An unknown name or a bad value is a warning in `turnpike status`, and the next weaker place counts. A switch that decides what
        leaves the machine and can be read neither as true nor as false counts as the careful choice.
      - A file that holds a secret key must be closed to others (`chmod 600`). If it is not, its keys do not count; the rest does.
      - If the file cannot be read, what it said before stays in force. If it never could, traces stay on this machine.
      - Without a file of ours, that of code-trace (`~/.config/code-trace/config`) counts.
      - Claude Code's plugin options count under `CLAUDE_PLUGIN_OPTION_<name>`.

      ## Keys and servers

      Without keys, and while keys or address are wrong, traces stay on this machine (`turnpike traces`); nothing is lost. `turnpike status`
      says what is wrong, also with what an agent's environment says, and in which folder. Wrong are: swapped keys, only one of the two, a
      placeholder, an address that is none, and

      - a public and a secret key of two different pairs. Langfuse goes by the secret alone, so the traces would land in the wrong project;
      - a server that only the agent's environment names, with keys that are set elsewhere. A cloned repository can set variables; it
        cannot have your keys sent to its server. Name the server in your settings file and it works;
      - with `TURNPIKE_DESTINATIONS=known`, any server you did not name yourself.

      A server that only an agent's environment names, with keys from there, is *held*: its traces are queued and nothing is sent until you
      say `turnpike destinations allow HOST`; `deny HOST` removes what waits, and the keys, and later turns stay on this machine. The same
      host on another port, or without TLS where you named it with, is another server. Not held are `cloud.langfuse.com` and servers named
      in the settings file (once named there, always), in the daemon's environment unless a hook client started it, or in
      `TURNPIKE_KNOWN_HOSTS`. Why: [security.md](security.md).

      ## A company's network

      - *Proxy*: `HTTPS_PROXY` (for servers with `https://`), `HTTP_PROXY` (for `http://`), `ALL_PROXY`, in either case, with `user:password@` if it wants a
        log-in; `NO_PROXY` lists names that go directly, with all below them: `.company.com, langfuse.lan:3000, *`. Loopback always does. They count in
        the daemon's environment, not in the settings file: `turnpike install` hands `HTTPS_PROXY` and `NO_PROXY` on to the service it makes.
        A daemon that the hook client starts goes by `HTTPS_PROXY` and `NO_PROXY` only.
      - *Certificates*: Java's own list counts and the file that `TURNPIKE_CA_FILE` names, read again when it changes.

      `turnpike doctor` goes the same way and says where it ends.

      ## All settings

      | name | value | default | |
      |---|---|---|---|
      """;

  private SettingsTable() {}

  /** The whole page. */
  public static String markdown() {
    var page = new StringBuilder(HEAD);
    for (Setting setting : Setting.values()) {
      page.append(
          "| `%s`%s | %s | %s | %s%s |\n"
              .formatted(
                  setting.name(),
                  aliases(setting),
                  setting.kind().word(),
                  setting.defaultValue().isEmpty() ? "" : "`" + setting.defaultValue() + "`",
                  setting.sentence(),
                  reach(setting)));
    }
    return page.toString();
  }

  private static String aliases(Setting setting) {
    return setting.aliases().isEmpty()
        ? ""
        : setting.aliases().stream()
            .map(alias -> "`" + alias + "`")
            .collect(Collectors.joining(", ", "<br>also ", ""));
  }

  private static String reach(Setting setting) {
    return switch (setting.reach()) {
      case CALL -> "";
      case MACHINE, PROCESS -> " *(%s only)*".formatted(setting.reach().word());
    };
  }
}
