package dev.turnpike.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.turnpike.image.Image;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** A capture of Claude Code below {@code fixtures/claude-code}, whose README explains its files. */
record Fixture(Path folder) {
  static final JsonMapper JSON = new JsonMapper();

  /**
   * Where we tell it otherwise than expected.json, as the adapter's GoldenTest explains. All orders
   * must still agree.
   */
  private static final Set<String> OTHERWISE =
      Set.of("send-message", "web-search", "composed-partial-usage");

  private static final List<String> RECORDED_FIRST =
      List.of(
          "simple-turn",
          "multi-tool",
          "parallel-tools",
          "thinking",
          "subagent",
          "background-subagent",
          "resume",
          "mcp-tool",
          "slash-command",
          "stop-failure",
          "headless-sigint",
          "interactive",
          "native-otel");

  /** The captures that were recorded first: the whole breadth, in a few. */
  static List<Fixture> recordedFirst() {
    return RECORDED_FIRST.stream().map(Fixture::named).toList();
  }

  /** All, or those named in {@code -Dturnpike.fixtures=a,b}. */
  static List<Fixture> all() {
    String some = System.getProperty("turnpike.fixtures");
    if (some != null) {
      return Stream.of(some.split(",", -1)).map(Fixture::named).toList();
    }
    try (Stream<Path> folders = Files.list(root())) {
      return folders
          .filter(folder -> Files.exists(folder.resolve("hooks.jsonl")))
          .filter(folder -> Files.exists(folder.resolve("expected.json")))
          .sorted()
          .map(Fixture::new)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Fixture named(String name) {
    return new Fixture(root().resolve(name));
  }

  private static Path root() {
    return Image.project().resolve("fixtures/claude-code");
  }

  String name() {
    return folder.getFileName().toString();
  }

  /** What a right set of traces holds, with paths as a replay in {@code home} writes them. */
  JsonNode expected(Path home) {
    try {
      return JSON.readTree(
          Rewriting.to(home).text(Files.readString(folder.resolve("expected.json"))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The session ids in the order in which they begin. */
  List<String> sessions() {
    return expected(Path.of("/home/dev"))
        .path("turns")
        .valueStream()
        .map(turn -> turn.path("session_id").asText())
        .distinct()
        .toList();
  }

  boolean toldOtherwise() {
    return OTHERWISE.contains(name());
  }

  /** Whether its turns are known from hooks alone: then a lost hook is a lost fact. */
  boolean knownFromHooksOnly() {
    return expected(Path.of("/home/dev")).path("turns").path(0).path("hooks_only").asBoolean(false);
  }

  @Override
  public String toString() {
    return name();
  }
}
