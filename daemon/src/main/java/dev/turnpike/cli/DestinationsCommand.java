package dev.turnpike.cli;

import java.io.IOException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code turnpike destinations}, and below it {@code allow} and {@code deny}. */
final class DestinationsCommand implements Command {
  private static final String SOCKET_PATH = "/v1/destinations";

  private final CommandSpec spec;
  private final Asking asking;

  DestinationsCommand(Context context) {
    this.asking = new Asking(context);
    this.spec =
        Specs.command(
                this,
                "destinations",
                "List the servers that agents' environments named, and what may go there.",
                "turnpike destinations",
                "turnpike destinations allow langfuse.example.com",
                "turnpike destinations deny langfuse.example.com")
            .addOption(Specs.json());
    add(
        new Ruling(
            asking,
            "allow",
            "Let traces go to a server. What was held for it goes out now, with the keys that came"
                + " with it."));
    add(
        new Ruling(
            asking,
            "deny",
            "Let no traces go to a server. What was held for it is removed, and so are its keys;"
                + " later turns stay on this machine."));
  }

  private void add(Ruling ruling) {
    spec.addSubcommand(ruling.spec().name(), ruling.spec());
  }

  @Override
  public CommandSpec spec() {
    return spec;
  }

  @Override
  public int run(ParseResult parsed) throws IOException {
    return asking.get(SOCKET_PATH, parsed.hasMatchedOption("--json"));
  }

  /** The user's word on one server. */
  private static final class Ruling implements Command {
    private final CommandSpec spec;
    private final Asking asking;
    private final String word;

    Ruling(Asking asking, String word, String description) {
      this.asking = asking;
      this.word = word;
      this.spec =
          Specs.command(
                  this,
                  word,
                  description,
                  "turnpike destinations " + word + " langfuse.example.com")
              .addPositional(
                  Specs.argument(0, "HOST", "The server, as 'turnpike destinations' lists it."))
              .addOption(Specs.json());
    }

    @Override
    public CommandSpec spec() {
      return spec;
    }

    @Override
    public int run(ParseResult parsed) throws IOException {
      String host = Asking.encoded(parsed.matchedPositionalValue(0, ""));
      return asking.post(
          SOCKET_PATH + "/" + word + "?host=" + host, parsed.hasMatchedOption("--json"));
    }
  }
}
