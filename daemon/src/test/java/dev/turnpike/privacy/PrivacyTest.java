package dev.turnpike.privacy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.config.PrivacyPolicy;
import dev.turnpike.model.Content;
import dev.turnpike.model.ContentKind;
import dev.turnpike.model.Digest;
import dev.turnpike.model.Frame;
import dev.turnpike.model.Level;
import dev.turnpike.model.Message;
import dev.turnpike.model.Observation;
import dev.turnpike.model.Part;
import dev.turnpike.model.Trace;
import dev.turnpike.model.TraceContext;
import dev.turnpike.model.TraceId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PrivacyTest extends PrivacyCase {
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
  void whatIsCalledJsonAndIsNoneIsText() {
    var sealed =
        seal(
            PrivacyPolicy.defaults(),
            tool(new Content.Json(ContentKind.TOOL_INPUT, "{broken " + TOKEN), Content.NONE, null));
    assertEquals("{broken [masked:github_token]", text(sealed.getFirst().input()).text());
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
