package dev.turnpike.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Replays every request of {@code docs/socket-api.md} and compares the answer with the one printed
 * there. With {@code -Dturnpike.docs=write} the answers are written into the page instead, to be
 * read as a diff.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class SocketApiDocTest {
  private static final Path PAGE = page();
  private static final Pattern EXAMPLE =
      Pattern.compile("```http\\n(.*?)\\n```\\n\\n```http\\n(.*?)\\n```", Pattern.DOTALL);
  private static final List<String> SHOWN =
      List.of(
          "Turnpike-Version",
          "Content-Type",
          "Transfer-Encoding",
          "Turnpike-Event-Id",
          "Allow",
          "Connection");
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path directory;

  @Test
  void everyExampleIsAnsweredAsThePageSays() throws Exception {
    var page = Files.readString(PAGE);
    boolean write = "write".equals(System.getProperty("turnpike.docs"));
    try (var fixture = new GatewayFixture(directory)) {
      Files.writeString(fixture.log, "10:00:00.000 INFO  gateway listening on turnpike.sock\n");
      if (write) {
        Files.writeString(
            PAGE,
            EXAMPLE
                .matcher(page)
                .replaceAll(
                    example ->
                        Matcher.quoteReplacement(
                            "```http\n%s\n```\n\n```http\n%s\n```"
                                .formatted(example.group(1), answer(fixture, example)))));
        return;
      }
      for (var example : EXAMPLE.matcher(page).results().toList()) {
        assertEquals(example.group(2), answer(fixture, example), example.group(1));
      }
    }
  }

  @Test
  void everyRouteHasAnExample() throws Exception {
    var page = Files.readString(PAGE);
    var missing = new ArrayList<String>();
    for (var entry :
        new ControlRoutes(new FakeHouse().controls(directory), GatewayFixture.LIMITS).entries()) {
      var path =
          String.join("/", entry.pattern())
              .replace("{agent}", "[^/ ]+")
              .replace("{id}", "[^/ ]+")
              .replace("resume", "(?:pause|resume)");
      if (!Pattern.compile(entry.method() + " /" + path + "[ ?]").matcher(page).find()) {
        missing.add(entry.method() + " " + path);
      }
    }
    assertTrue(missing.isEmpty(), missing.toString());
  }

  private static String answer(GatewayFixture fixture, MatchResult example) {
    var request = example.group(1);
    boolean body = request.contains("\n\n");
    try (var caller = fixture.caller()) {
      return shown(caller.say(request + (body ? "" : "\n\n")).hear());
    } catch (IOException e) {
      throw new UncheckedIOException(request, e);
    }
  }

  private static String shown(RawCaller.Heard heard) throws IOException {
    var text = new StringBuilder("HTTP/1.1 " + heard.status() + " " + heard.reason() + "\n");
    for (var name : SHOWN) {
      if (!heard.header(name).isEmpty()) {
        text.append(name).append(": ").append(heard.header(name)).append('\n');
      }
    }
    if (heard.body().length > 0) {
      var json = heard.header("Content-Type").equals("application/json");
      text.append('\n').append(json ? pretty(heard.body()) : heard.text().stripTrailing());
    }
    return text.toString().stripTrailing();
  }

  private static String pretty(byte[] json) throws IOException {
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(JSON.readTree(json));
  }

  private static Path page() {
    var inModule = Path.of("../docs/socket-api.md");
    return Files.exists(inModule) ? inModule : Path.of("docs/socket-api.md");
  }
}
