package dev.turnpike.cli.doctor;

import dev.turnpike.cli.setup.Surroundings;
import dev.turnpike.config.Config;
import dev.turnpike.config.Settings;
import dev.turnpike.config.Target;
import dev.turnpike.export.Http;
import dev.turnpike.export.Trust;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The settings as they hold where the command is run, and the server they name. */
final class SettingsChecks {
  private final Surroundings world;
  private final Path directory;
  private final Duration patience;

  SettingsChecks(Surroundings world, Path directory, Duration patience) {
    this.world = world;
    this.directory = directory;
    this.patience = patience;
  }

  List<Finding> all() throws InterruptedException {
    var found = new ArrayList<Finding>();
    Config config = Config.of(world.paths(), world.environment());
    Path file = config.file();
    List<String> warnings = config.warnings();
    warnings.forEach(
        warning ->
            found.add(Finding.warning("settings", warning, "correct it; it counts at once")));
    if (warnings.isEmpty()) {
      found.add(
          Finding.ok(
              "settings",
              Files.exists(file) ? file.toString() : file + " (not there, defaults hold)"));
    }
    config
        .caFile()
        .flatMap(Trust::problem)
        .ifPresent(
            problem ->
                found.add(
                    Finding.problem(
                        "settings",
                        "TURNPIKE_CA_FILE: " + problem,
                        "where it is set: turnpike config explain TURNPIKE_CA_FILE")));
    Settings settings = config.resolve(directory.toString(), Map.of());
    if (!settings.traced()) {
      found.add(
          Finding.warning(
              "tracing",
              "switched off for " + directory,
              "if that is not meant: turnpike config explain TRACE_TO_LANGFUSE"));
    }
    switch (settings.target()) {
      case Target.Local() ->
          found.add(
              Finding.ok(
                  "keys",
                  "none: traces stay on this machine (to send them, set LANGFUSE_PUBLIC_KEY and"
                      + " LANGFUSE_SECRET_KEY in "
                      + file
                      + ")"));
      case Target.Unusable(var problem) ->
          found.add(
              Finding.problem(
                  "keys",
                  problem,
                  "where each comes from: turnpike config explain LANGFUSE_PUBLIC_KEY"));
      case Target.Remote remote -> {
        try (var http = new Http(world.environment(), config::caFile, world.clock())) {
          found.addAll(new Server(http, patience).judge(remote, world.clock().instant()));
        }
      }
    }
    return found;
  }
}
