package dev.turnpike.agent.opencode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/** A recording of what the plugin was told, as batches such as the plugin makes of it. */
final class Recording {
  private static final JsonMapper JSON = new JsonMapper();

  private final Path fixture;

  Recording(Path fixture) {
    this.fixture = fixture;
  }

  JsonNode expected() throws IOException {
    return JSON.readTree(Files.readString(fixture.resolve("expected.json")));
  }

  /**
   * @param random how many lines go together; absent lines are alone
   * @return the batches of each run of the agent
   */
  List<List<String>> runs(Random random, int atMost) throws IOException {
    var runs = new ArrayList<List<String>>();
    try (Stream<Path> files = Files.list(fixture)) {
      for (Path file :
          files.filter(f -> f.getFileName().toString().startsWith("events-")).sorted().toList()) {
        runs.add(batches(file, random, atMost));
      }
    }
    return runs;
  }

  private static List<String> batches(Path file, Random random, int atMost) throws IOException {
    var roots = new HashMap<String, String>();
    var open = new LinkedHashMap<String, List<String>>();
    var counts = new HashMap<String, Integer>();
    var done = new ArrayList<String>();
    var turns = new HashMap<String, String>();
    for (String text : Files.readAllLines(file)) {
      JsonNode line = JSON.readTree(text);
      ObjectNode told = JSON.createObjectNode().put("t", line.path("t").asLong());
      String session;
      switch (line.path("hook").asText()) {
        case "event" -> {
          JsonNode said = line.path("input").path("properties");
          session = said.path("sessionID").asText();
          String parent = said.path("info").path("parentID").asText("");
          if (line.path("input").path("type").asText().equals("session.created")
              && !parent.isEmpty()) {
            roots.put(session, roots.getOrDefault(parent, parent));
          }
          told.set("event", line.path("input"));
        }
        case "chat.params" -> {
          session = line.path("input").path("sessionID").asText();
          ObjectNode request = told.putObject("request");
          request.put("sessionID", session);
          request.set("agent", line.path("input").path("agent"));
          request.setAll((ObjectNode) line.path("output"));
        }
        default -> session = "";
      }
      if (session.isEmpty() || wantless(told)) {
        continue;
      }
      String root = roots.getOrDefault(session, session);
      List<String> lines = open.computeIfAbsent(root, same -> new ArrayList<>());
      lines.add(told.toString());
      boolean idle = told.at("/event/type").asText().equals("session.idle");
      if (told.at("/event/properties/info/role").asText().equals("user")) {
        turns.put(root, told.at("/event/properties/info/id").asText());
      }
      if (idle || lines.size() > random.nextInt(atMost)) {
        int n = counts.merge(root, 1, Integer::sum);
        done.add(batch(root, file, n, turns.get(root), open.remove(root)));
      }
    }
    for (Map.Entry<String, List<String>> left : open.entrySet()) {
      int n = counts.merge(left.getKey(), 1, Integer::sum);
      done.add(batch(left.getKey(), file, n, turns.get(left.getKey()), left.getValue()));
    }
    return done;
  }

  /** What the plugin leaves out. */
  private static boolean wantless(JsonNode told) {
    String type = told.at("/event/type").asText();
    return type.equals("session.compacted")
        || (type.equals("session.status")
            && !told.at("/event/properties/status/type").asText().equals("retry"));
  }

  static String batch(String root, Path source, int n, String turn, List<String> lines) {
    ObjectNode head =
        JSON.createObjectNode()
            .put("v", 1)
            .put("root", root)
            .put("src", source.getFileName().toString())
            .put("n", n);
    if (turn != null) {
      head.put("turn", turn);
    }
    if (lines.stream().anyMatch(line -> line.contains("session.idle"))) {
      head.put("end", true);
    }
    return head + "\n" + String.join("\n", lines) + "\n";
  }
}
