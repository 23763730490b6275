package dev.turnpike.privacy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.turnpike.config.PrivacyPolicy;
import dev.turnpike.model.AgentId;
import dev.turnpike.model.Content;
import dev.turnpike.model.ContentKind;
import dev.turnpike.model.Digest;
import dev.turnpike.model.Frame;
import dev.turnpike.model.Level;
import dev.turnpike.model.Message;
import dev.turnpike.model.Observation;
import dev.turnpike.model.Part;
import dev.turnpike.model.SpanId;
import dev.turnpike.model.Trace;
import dev.turnpike.model.TraceContext;
import dev.turnpike.model.TraceId;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PrivacyTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Instant START = Instant.parse("2026-11-20T10:00:00Z");
  private static final SpanId ROOT = new SpanId("00000000000000a1");
  private static final SpanId CHILD = new SpanId("00000000000000a2");
  private static final String TOKEN = Secrets.byKind().get("github_token").getFirst();
  private static final TraceContext CONTEXT =
      new TraceContext(
          new AgentId("claude-code"),
          "session-1",
          "dev@example.com",
          List.of("repo:shop"),
          "claude-code turn",
          null,
          null,
          null,
          Map.of("cwd", "/home/dev/shop"));

  private static Frame frame(
      SpanId id, @Nullable SpanId parent, @Nullable String status, Map<String, String> metadata) {
    return new Frame(
        id, parent, "name", START, START.plusSeconds(1), Level.DEFAULT, status, metadata);
  }

  private static Observation.AgentSpan root(Content input, Content output) {
    return new Observation.AgentSpan(frame(ROOT, null, null, Map.of()), input, output);
  }

  private static Observation.ToolCall tool(Content input, Content output, @Nullable String status) {
    return new Observation.ToolCall(frame(CHILD, ROOT, status, Map.of()), "call-1", input, output);
  }

  private static Observation.Generation generation(List<Message> input, Content output) {
    return new Observation.Generation(
        frame(CHILD, ROOT, null, Map.of()),
        new Content.Messages(input),
        output,
        "claude-opus-4-6",
        Map.of(),
        null,
        null,
        null);
  }

  private static List<Observation> seal(PrivacyPolicy policy, Observation... observations) {
    var trace = new Trace(new TraceId("0".repeat(31) + "1"), CONTEXT, List.of(observations));
    return Privacy.seal(trace, policy).trace().observations();
  }

  private static PrivacyPolicy limit(int chars) {
    return new PrivacyPolicy(chars, true, true, true, true, true, true);
  }

  private static PrivacyPolicy nothing() {
    return new PrivacyPolicy(100_000, false, false, false, false, false, true);
  }

  private static Content.Text text(Content content) {
    return assertInstanceOf(Content.Text.class, content);
  }

  private static Part part(Content content, int message, int part) {
    return assertInstanceOf(Content.Messages.class, content)
        .messages()
        .get(message)
        .parts()
        .get(part);
  }

  @Test
  void ordinaryTraceComesOutAsItWentIn() {
    var turn = root(Content.prompt("count the files"), Content.answer("twelve"));
    var call =
        tool(
            new Content.Json(ContentKind.TOOL_INPUT, "{ \"command\" : \"ls | wc -l\" }"),
            new Content.Text(ContentKind.TOOL_OUTPUT, "12\n"),
            null);
    assertEquals(List.of(turn, call), seal(PrivacyPolicy.defaults(), turn, call));
  }

  @Test
  void maskedSecretsAreCountedAtTheRoot() {
    var sealed =
        seal(
            PrivacyPolicy.defaults(),
            tool(
                new Content.Json(ContentKind.TOOL_INPUT, "{\"command\":\"echo " + TOKEN + "\"}"),
                new Content.Text(ContentKind.TOOL_OUTPUT, TOKEN),
                "failed with " + TOKEN),
            root(Content.prompt("use AKIA" + Secrets.upper(16)), Content.NONE));
    assertEquals(
        Map.of("masked", "4", "masked_github_token", "3", "masked_aws_key", "1"),
        sealed.get(1).frame().metadata());
    assertFalse(sealed.toString().contains(TOKEN));
    assertEquals("failed with [masked:github_token]", sealed.getFirst().frame().statusMessage());
  }

  @Test
  void partWithoutARootIsCountedAtItsFirstSpan() {
    var sealed =
        seal(
            PrivacyPolicy.defaults(),
            tool(Content.NONE, new Content.Text(ContentKind.TOOL_OUTPUT, TOKEN), null));
    assertEquals("1", sealed.getFirst().frame().metadata().get("masked"));
  }

  @Test
  void namesMetadataTagsAndParametersAreMaskedToo() {
    var frame =
        new Frame(
            CHILD, ROOT, "run " + TOKEN, START, START, Level.DEFAULT, null, Map.of("k", TOKEN));
    var generation =
        new Observation.Generation(
            frame, Content.NONE, Content.NONE, "m", Map.of("p", TOKEN), null, null, null);
    var context =
        new TraceContext(
            CONTEXT.agent(),
            "s",
            "u",
            List.of("t:" + TOKEN),
            "n",
            null,
            null,
            null,
            Map.of("branch", "feature/" + TOKEN));
    var trace = new Trace(new TraceId("0".repeat(31) + "1"), context, List.of(generation));
    var sealed = Privacy.seal(trace, PrivacyPolicy.defaults()).trace();
    assertFalse(sealed.toString().contains(TOKEN), sealed.toString());
  }

  @Test
  void maskingCanBeSwitchedOff() {
    var policy = new PrivacyPolicy(100_000, true, true, true, true, true, false);
    var turn = root(Content.prompt(TOKEN), Content.NONE);
    assertEquals(List.of(turn), seal(policy, turn));
  }

  @Test
  void longTextIsCutAndSaysSo() {
    String original = "ab\uD83D\uDE00".repeat(1_000);
    var sealed = seal(limit(11), root(Content.prompt(original), Content.NONE)).getFirst();
    assertEquals(
        "ab\uD83D\uDE00ab\uD83D\uDE00ab…[turnpike: cut, 10 of 4000 characters]",
        text(sealed.input()).text());
    assertEquals(
        Map.of("input_chars", "4000", "input_sha256", Digest.sha256Hex(original)),
        sealed.frame().metadata());
  }

  @Test
  void secretAtTheCutIsMaskedBeforeItIsCut() {
    var sealed = seal(limit(20), root(Content.prompt("0123456789" + "\n" + TOKEN), Content.NONE));
    assertEquals(
        "0123456789\n[masked:g…[turnpike: cut, 20 of 32 characters]",
        text(sealed.getFirst().input()).text());
  }

  @Test
  void longJsonIsCutInsideItsLongestStrings() throws Exception {
    var node = JSON.createObjectNode();
    node.put("path", "src/main/java/Shop.java");
    node.put("old", "a".repeat(300));
    node.put("new", "b".repeat(50_000));
    var sealed =
        seal(
            limit(2_000),
            tool(new Content.Json(ContentKind.TOOL_INPUT, node.toString()), Content.NONE, null));
    var json = assertInstanceOf(Content.Json.class, sealed.getFirst().input()).json();
    assertTrue(json.length() <= 2_000, json.length() + " characters");
    assertTrue(json.length() > 1_800, json.length() + " characters");
    var read = JSON.readTree(json);
    assertEquals("src/main/java/Shop.java", read.path("path").asText());
    assertEquals("a".repeat(300), read.path("old").asText());
    assertTrue(read.path("new").asText().endsWith("of 50000 characters]"));
    assertEquals(
        Integer.toString(node.toString().length()),
        sealed.getFirst().frame().metadata().get("input_chars"));
  }

  @Test
  void jsonOfManyShortThingsBecomesText() {
    String json = "[" + "1234567,".repeat(5_000) + "1]";
    var sealed =
        seal(
            limit(1_000), tool(new Content.Json(ContentKind.TOOL_INPUT, json), Content.NONE, null));
    assertTrue(
        text(sealed.getFirst().input()).text().endsWith("1000 of 40003 characters]"),
        "cut as text");
  }

  @Test
  void whatIsCalledJsonAndIsNoneIsText() {
    var sealed =
        seal(
            PrivacyPolicy.defaults(),
            tool(new Content.Json(ContentKind.TOOL_INPUT, "{broken " + TOKEN), Content.NONE, null));
    assertEquals("{broken [masked:github_token]", text(sealed.getFirst().input()).text());
  }

  @Test
  void fieldNeverTakesMoreThanItsShareWhateverTheSettingSays() throws Exception {
    String controls = "\u0001\u00e9\uD83D\uDE00\"\n".repeat(200_000);
    var node = JSON.createObjectNode();
    node.put("content", controls);
    var sealed =
        seal(
            limit(10_000_000),
            root(Content.prompt(controls), Content.answer("x".repeat(2_000_000))),
            tool(new Content.Json(ContentKind.TOOL_INPUT, node.toString()), Content.NONE, null));
    String input = text(sealed.getFirst().input()).text();
    assertTrue(JSON.writeValueAsBytes(input).length <= 512 * 1024 + 2);
    assertTrue(JSON.writeValueAsBytes(input).length > 500 * 1024, "as much as fits");
    String output = text(sealed.getFirst().output()).text();
    assertTrue(output.getBytes(StandardCharsets.UTF_8).length <= 512 * 1024);
    String json = assertInstanceOf(Content.Json.class, sealed.get(1).input()).json();
    assertTrue(json.getBytes(StandardCharsets.UTF_8).length <= 512 * 1024);
    assertNotNull(JSON.readTree(json));
  }

  @Test
  void oldestPartsOfALongConversationGiveWay() {
    var messages = new ArrayList<Message>();
    for (int i = 0; i < 100; i++) {
      messages.add(
          new Message(
              i % 2 == 0 ? "user" : "assistant",
              List.of(new Part.Text(ContentKind.PROMPT, i + ":" + "x".repeat(20_000)))));
    }
    var sealed = seal(PrivacyPolicy.defaults(), generation(messages, Content.NONE)).getFirst();
    var kept = assertInstanceOf(Content.Messages.class, sealed.input()).messages();
    long bytes = kept.stream().mapToLong(Fitting::bytes).sum();
    assertTrue(bytes <= 512 * 1024 && bytes > 450 * 1024, bytes + " bytes");
    int gone = 100 - kept.size();
    assertTrue(
        part(sealed.input(), 0, 0)
            .toString()
            .contains("[turnpike: " + gone + " earlier parts left out, "));
    assertEquals(messages.getLast(), kept.getLast());
    assertNotNull(sealed.frame().metadata().get("input_sha256"));
  }

  @Test
  void partsAreCutOneByOneAndToolArgumentsStayJson() throws Exception {
    var node = JSON.createObjectNode().put("content", "y".repeat(9_000)).put("path", "a/b");
    var message =
        new Message(
            "assistant",
            List.of(
                new Part.Text(ContentKind.ANSWER, "short"),
                new Part.ToolUse("t1", "Write", node.toString()),
                new Part.ToolResult("t1", "z".repeat(9_000), false),
                new Part.Media("image/png", 12_345)));
    var input = seal(limit(1_000), generation(List.of(message), Content.NONE)).getFirst().input();
    assertEquals(new Part.Text(ContentKind.ANSWER, "short"), part(input, 0, 0));
    var use = assertInstanceOf(Part.ToolUse.class, part(input, 0, 1));
    assertEquals("a/b", JSON.readTree(use.inputJson()).path("path").asText());
    assertTrue(use.inputJson().length() <= 1_000);
    var result = assertInstanceOf(Part.ToolResult.class, part(input, 0, 2));
    assertTrue(result.text().endsWith("[turnpike: cut, 1000 of 9000 characters]"));
    assertEquals(new Part.Media("image/png", 12_345), part(input, 0, 3));
  }

  @Test
  void whatIsNotCapturedIsNowhereInTheTrace() throws Exception {
    String prompt = "the prompt itself";
    String answer = "the answer itself";
    String arguments = "{\"command\":\"the command itself\"}";
    String result = "the result itself " + TOKEN;
    String thought = "the thought itself";
    var messages =
        List.of(
            new Message("user", List.of(new Part.Text(ContentKind.PROMPT, prompt))),
            new Message(
                "assistant",
                List.of(
                    new Part.Reasoning(thought),
                    new Part.Text(ContentKind.ANSWER, answer),
                    new Part.ToolUse("t1", "Bash", arguments))),
            new Message("user", List.of(new Part.ToolResult("t1", result, true))));
    var quoting =
        new Observation.Note(
            frame(
                CHILD,
                ROOT,
                null,
                Map.of("description", "the command itself", "quoted_prompt", prompt)),
            Content.NONE,
            Content.NONE);
    var sealed =
        seal(
            nothing(),
            root(Content.prompt(prompt), Content.answer(answer)),
            generation(messages, new Content.Messages(List.of(messages.get(1)))),
            tool(
                new Content.Json(ContentKind.TOOL_INPUT, arguments),
                new Content.Text(ContentKind.TOOL_OUTPUT, result),
                "error: " + result),
            quoting);
    assertFalse(sealed.toString().contains("itself"), sealed.toString());
    assertEquals(
        "[not captured: prompt, 17 characters, sha256 " + Digest.sha256Hex(prompt) + "]",
        text(sealed.getFirst().input()).text());
    var use = assertInstanceOf(Part.ToolUse.class, part(sealed.get(1).input(), 1, 2));
    assertTrue(JSON.readTree(use.inputJson()).isObject());
    assertEquals(
        new Part.ToolResult(
            "t1",
            "[not captured: tool output, %d characters, sha256 %s]"
                .formatted(result.length(), Digest.sha256Hex(result)),
            true),
        part(sealed.get(1).input(), 2, 0));
    assertFalse(sealed.getFirst().frame().metadata().containsKey("masked"));
  }

  @Test
  void everySwitchTurnsOffItsOwnKindOnly() {
    var message =
        new Message(
            "assistant",
            List.of(
                new Part.Text(ContentKind.PROMPT, "p"),
                new Part.Text(ContentKind.ANSWER, "a"),
                new Part.ToolUse("t", "n", "{}"),
                new Part.ToolResult("t", "o", false),
                new Part.Reasoning("r")));
    for (int off = 0; off < 5; off++) {
      var policy = new PrivacyPolicy(100, off != 0, off != 1, off != 2, off != 3, off != 4, true);
      var input = seal(policy, generation(List.of(message), Content.NONE)).getFirst().input();
      for (int part = 0; part < 5; part++) {
        assertEquals(part != off, message.parts().get(part).equals(part(input, 0, part)));
      }
    }
  }

  @Test
  void spanStaysBelowItsLimitHoweverItIsFilled() throws Exception {
    var metadata = new LinkedHashMap<String, String>();
    for (int i = 0; i < 5_000; i++) {
      metadata.put("k".repeat(500) + i, "\u0001".repeat(5_000));
    }
    String big = "\u0001".repeat(3_000_000);
    var span =
        new Observation.ToolCall(
            new Frame(CHILD, ROOT, big, START, START, Level.ERROR, big, metadata),
            big,
            new Content.Json(ContentKind.TOOL_INPUT, JSON.writeValueAsString(big)),
            new Content.Text(ContentKind.TOOL_OUTPUT, big));
    var sealed = seal(limit(10_000_000), span).getFirst();
    assertTrue(JSON.writeValueAsBytes(sealed.toString()).length < 4 * 1024 * 1024);
    assertEquals(200, sealed.frame().name().length());
    assertTrue(sealed.frame().metadata().size() <= 64 + 1 + 4 + 2);
    assertTrue(sealed.frame().metadata().values().stream().allMatch(v -> v.length() <= 1_000));
  }

  @Test
  void halvesOfCharactersAreReplacedBecauseEncodersRefuseThem() throws Exception {
    var sealed =
        seal(
            PrivacyPolicy.defaults(),
            root(Content.prompt("cut \uD83D"), Content.NONE),
            tool(
                new Content.Json(
                    ContentKind.TOOL_INPUT, "{\"a\":\"\\ud83d\",\"b\":\"" + TOKEN + "\"}"),
                Content.NONE,
                null));
    assertEquals("cut \uFFFD", text(sealed.getFirst().input()).text());
    JSON.writeValueAsBytes(sealed.get(1).input().toString());
  }
}
