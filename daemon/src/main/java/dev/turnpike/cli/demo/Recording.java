package dev.turnpike.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * A recorded session: the hooks in their order, and the transcripts by their path below the agent's
 * folder of projects. Each line of {@code hooks.jsonl}:
 *
 * <pre>
 *   {"rows_on_disk": {"-home-dev-shop/&lt;session&gt;.jsonl": 21}, "env": {"CLAUDECODE": "1"}, "payload": {...}}
 * </pre>
 *
 * @param files each with its lines, without line ends
 */
record Recording(List<Call> calls, Map<String, List<String>> files) {

  /**
   * @param rowsOnDisk how many whole lines of each file lay there when the hook was called
   * @param payload what the agent wrote to the hook's standard input
   */
  record Call(Map<String, Integer> rowsOnDisk, Map<String, String> environment, String payload) {
    Call {
      rowsOnDisk = Map.copyOf(rowsOnDisk);
      environment = Map.copyOf(environment);
    }
  }

  Recording {
    calls = List.copyOf(calls);
    files = Map.copyOf(files);
  }

  static Recording read(Path folder) throws IOException {
    var mapper = new ObjectMapper();
    var calls = new ArrayList<Call>();
    for (String line : Files.readAllLines(folder.resolve("hooks.jsonl"))) {
      JsonNode call = mapper.readTree(line);
      var rows = new TreeMap<String, Integer>();
      call.path("rows_on_disk")
          .properties()
          .forEach(file -> rows.put(file.getKey(), file.getValue().asInt()));
      var environment = new TreeMap<String, String>();
      call.path("env")
          .properties()
          .forEach(value -> environment.put(value.getKey(), value.getValue().asText()));
      calls.add(new Call(rows, environment, call.path("payload").toString()));
    }
    Path projects = folder.resolve("projects");
    var files = new TreeMap<String, List<String>>();
    try (Stream<Path> all = Files.walk(projects)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        files.put(projects.relativize(file).toString(), Files.readAllLines(file));
      }
    }
    return new Recording(calls, files);
  }

  /** With every text put through {@code rewriting}: names of files, rows, payloads, values. */
  Recording rewritten(UnaryOperator<String> rewriting) {
    var rewrittenCalls = new ArrayList<Call>();
    for (Call call : calls) {
      var rows = new TreeMap<String, Integer>();
      call.rowsOnDisk().forEach((file, count) -> rows.put(rewriting.apply(file), count));
      var environment = new TreeMap<String, String>();
      call.environment().forEach((name, value) -> environment.put(name, rewriting.apply(value)));
      rewrittenCalls.add(new Call(rows, environment, rewriting.apply(call.payload())));
    }
    var rewrittenFiles = new TreeMap<String, List<String>>();
    files.forEach(
        (name, rows) ->
            rewrittenFiles.put(rewriting.apply(name), rows.stream().map(rewriting).toList()));
    return new Recording(rewrittenCalls, rewrittenFiles);
  }
}
