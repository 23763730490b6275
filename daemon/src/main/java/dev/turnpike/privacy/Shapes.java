package dev.turnpike.privacy;

import static dev.turnpike.privacy.Chars.ALNUM;
import static dev.turnpike.privacy.Chars.UPPER_ALNUM;
import static dev.turnpike.privacy.Chars.URL_SAFE;
import static dev.turnpike.privacy.Chars.WORD;
import static dev.turnpike.privacy.Token.atLeast;
import static dev.turnpike.privacy.Token.exactly;
import static dev.turnpike.privacy.Token.mixedAtLeast;

import java.util.ArrayList;
import java.util.List;

/**
 * All shapes we know, the more telling ones first: where two find the same text, the first one
 * names it.
 *
 * @param anchors of these shapes, in this order
 */
record Shapes(List<Shape> all, Anchors anchors) {
  private static final Chars DASHED = Chars.of("0-9A-Za-z-");

  static Shapes known() {
    return of(
        List.of(
            new PemShape(),
            new TokenShape(tokens()),
            new JwtShape(),
            new UrlPasswordShape(),
            new AuthorizationShape(),
            new AssignmentShape()));
  }

  static Shapes of(List<Shape> shapes) {
    return new Shapes(List.copyOf(shapes), new Anchors(shapes));
  }

  private static List<Token> tokens() {
    var tokens = new ArrayList<Token>();
    for (String prefix : List.of("AKIA", "ASIA", "ABIA", "ACCA")) {
      tokens.add(exactly("aws_key", prefix, UPPER_ALNUM, 16));
    }
    for (String prefix : List.of("ghp_", "gho_", "ghu_", "ghs_", "ghr_")) {
      tokens.add(atLeast("github_token", prefix, ALNUM, 36));
    }
    tokens.add(atLeast("github_token", "github_pat_", WORD, 22));
    for (String prefix : List.of("glpat-", "gldt-", "glrt-", "glptt-")) {
      tokens.add(atLeast("gitlab_token", prefix, URL_SAFE, 20));
    }
    for (String prefix :
        List.of("xoxa-", "xoxb-", "xoxe-", "xoxo-", "xoxp-", "xoxr-", "xoxs-", "xapp-")) {
      tokens.add(mixedAtLeast("slack_token", prefix, DASHED, 10));
    }
    tokens.add(atLeast("slack_webhook", "https://hooks.slack.com/", Chars.of("0-9A-Za-z/"), 20));
    tokens.add(exactly("google_key", "AIza", URL_SAFE, 35));
    tokens.add(mixedAtLeast("google_token", "ya29.", URL_SAFE, 20));
    tokens.add(exactly("google_key", "GOCSPX-", URL_SAFE, 28));
    for (String prefix : List.of("sk_live_", "rk_live_", "sk_test_", "rk_test_")) {
      tokens.add(mixedAtLeast("stripe_key", prefix, ALNUM, 16));
    }
    tokens.add(mixedAtLeast("anthropic_key", "sk-ant-", URL_SAFE, 20));
    tokens.add(mixedAtLeast("langfuse_key", "sk-lf-", DASHED, 8));
    for (String prefix : List.of("sk-proj-", "sk-svcacct-", "sk-admin-", "sk-or-v1-")) {
      tokens.add(mixedAtLeast("openai_key", prefix, URL_SAFE, 20));
    }
    tokens.add(mixedAtLeast("openai_key", "sk-", ALNUM, 20));
    tokens.add(mixedAtLeast("npm_token", "npm_", ALNUM, 36));
    tokens.add(mixedAtLeast("pypi_token", "pypi-", URL_SAFE, 50));
    tokens.add(mixedAtLeast("huggingface_token", "hf_", ALNUM, 30));
    return tokens;
  }
}
