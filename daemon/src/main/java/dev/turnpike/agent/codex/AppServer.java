package dev.turnpike.agent.codex;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.turnpike.agent.AgentJson;
import dev.turnpike.agent.Installer.Machine;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Codex's own {@code codex app-server}, asked for {@code hooks/list}: JSON-RPC, a message a line
 * over stdio. Works offline and without a login, takes about a second (Codex 0.169.0).
 */
final class AppServer implements HookReview {
  private static final int PATIENCE_SECONDS = 15;
  private static final int LIMIT_BYTES = 4 * 1024 * 1024;

  @Override
  public Optional<Map<String, Verdict>> of(Machine machine) {
    return machine.program(Places.PROGRAM).flatMap(program -> asked(program, machine));
  }

  private static Optional<Map<String, Verdict>> asked(Path program, Machine machine) {
    var starting =
        new ProcessBuilder(program.toString(), "app-server")
            .directory(machine.home().toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    starting.environment().clear();
    starting.environment().putAll(machine.environment());
    starting.environment().put("HOME", machine.home().toString());
    Process process;
    try {
      process = starting.start();
    } catch (IOException e) {
      return Optional.empty();
    }
    try {
      var answer = CompletableFuture.supplyAsync(() -> answer(process, machine));
      return answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    } finally {
      // npm's codex is a launcher with the program as its child
      process.descendants().forEach(ProcessHandle::destroy);
      process.destroy();
    }
  }

  private static Optional<Map<String, Verdict>> answer(Process process, Machine machine) {
    try (var to = process.getOutputStream();
        var from = lines(process.getInputStream())) {
      String asking =
          """
          {"id":1,"method":"initialize","params":{"clientInfo":{"name":"turnpike","version":"1"}}}
          {"method":"initialized"}
          {"id":2,"method":"hooks/list","params":{"cwds":[%s]}}
          """
              .formatted(AgentJson.MAPPER.writeValueAsString(machine.home().toString()));
      to.write(asking.getBytes(StandardCharsets.UTF_8));
      to.flush();
      for (String line = from.readLine(); line != null; line = from.readLine()) {
        JsonNode message = parsed(line);
        if (message.path("id").asInt() == 2) {
          return message.has("result") ? Optional.of(verdicts(message)) : Optional.empty();
        }
      }
    } catch (IOException e) {
      return Optional.empty();
    }
    return Optional.empty();
  }

  private static BufferedReader lines(InputStream from) {
    return new BufferedReader(
        new InputStreamReader(new Bounded(from, LIMIT_BYTES), StandardCharsets.UTF_8));
  }

  private static JsonNode parsed(String line) {
    try {
      return AgentJson.MAPPER.readTree(line);
    } catch (JsonProcessingException e) {
      return AgentJson.MAPPER.missingNode();
    }
  }

  private static Map<String, Verdict> verdicts(JsonNode message) {
    var verdicts = new HashMap<String, Verdict>();
    for (JsonNode folder : message.at("/result/data")) {
      for (JsonNode hook : folder.path("hooks")) {
        boolean trusted = Set.of("trusted", "managed").contains(hook.path("trustStatus").asText());
        verdicts.put(
            hook.path("key").asText(), new Verdict(trusted, hook.path("enabled").asBoolean(true)));
      }
    }
    return verdicts;
  }

  /** The beginning of a stream. */
  private static final class Bounded extends InputStream {
    private final InputStream from;
    private int left;

    Bounded(InputStream from, int limit) {
      this.from = from;
      this.left = limit;
    }

    @Override
    public int read() throws IOException {
      return left-- > 0 ? from.read() : -1;
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
      int read = left <= 0 ? -1 : from.read(to, offset, Math.min(length, left));
      left -= Math.max(0, read);
      return read;
    }

    @Override
    public void close() throws IOException {
      from.close();
    }
  }
}
