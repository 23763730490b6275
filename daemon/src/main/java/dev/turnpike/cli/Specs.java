package dev.turnpike.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * The pieces command descriptions are made of. Written out, not annotated: picocli then reflects on
 * nothing, which is also faster.
 */
final class Specs {
  private Specs() {}

  /**
   * @param examples whole lines, shown below the options
   */
  static CommandSpec command(Command command, String name, String description, String... examples) {
    var spec = CommandSpec.wrapWithoutInspection(command).name(name);
    spec.usageMessage().description(description).sortOptions(false);
    if (examples.length > 0) {
      var footer = new String[examples.length + 2];
      footer[0] = "";
      footer[1] = "Examples:";
      for (int i = 0; i < examples.length; i++) {
        footer[i + 2] = "  " + examples[i];
      }
      spec.usageMessage().footer(footer);
    }
    return spec.addOption(
        OptionSpec.builder("-h", "--help").usageHelp(true).description("Show this help.").build());
  }

  static OptionSpec json() {
    return flag("--json", "Print JSON, as the daemon gave it (docs/socket-api.md).");
  }

  static OptionSpec flag(String name, String description) {
    return OptionSpec.builder(name).type(boolean.class).description(description).build();
  }

  static OptionSpec value(String name, String label, String otherwise, String description) {
    var option =
        OptionSpec.builder(name).type(String.class).paramLabel(label).description(description);
    return otherwise.isEmpty() ? option.build() : option.defaultValue(otherwise).build();
  }

  static OptionSpec count(String name, int otherwise, String description) {
    return OptionSpec.builder(name.split("\\|"))
        .type(int.class)
        .paramLabel("N")
        .defaultValue(Integer.toString(otherwise))
        .description(description)
        .build();
  }

  static PositionalParamSpec argument(int index, String label, String description) {
    return PositionalParamSpec.builder()
        .index(Integer.toString(index))
        .type(String.class)
        .paramLabel(label)
        .required(true)
        .description(description)
        .build();
  }
}
