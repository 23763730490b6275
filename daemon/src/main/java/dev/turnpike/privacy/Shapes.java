package dev.turnpike.privacy;

import static dev.turnpike.privacy.Chars.ALNUM;
import static dev.turnpike.privacy.Chars.UPPER_ALNUM;
import static dev.turnpike.privacy.Chars.URL_SAFE;
import static dev.turnpike.privacy.Chars.WORD;
import static dev.turnpike.privacy.TokenShape.atLeast;
import static dev.turnpike.privacy.TokenShape.exactly;
import static dev.turnpike.privacy.TokenShape.mixedAtLeast;

import java.util.ArrayList;
import java.util.List;

/**
 * All shapes we know, the more telling ones first: where two find the same text, the first one
 * names it.
 */
final class Shapes {
  private static final Chars DASHED = Chars.of("0-9A-Za-z-");

  private Shapes() {}

  static List<Shape> all() {
    var shapes = new ArrayList<Shape>();
    shapes.add(new PemShape());
    for (String prefix : List.of("AKIA", "ASIA", "ABIA", "ACCA")) {
      shapes.add(exactly("aws_key", prefix, UPPER_ALNUM, 16));
    }
    for (String prefix : List.of("ghp_", "gho_", "ghu_", "ghs_", "ghr_")) {
      shapes.add(atLeast("github_token", prefix, ALNUM, 36));
    }
    shapes.add(atLeast("github_token", "github_pat_", WORD, 22));
    for (String prefix : List.of("glpat-", "gldt-", "glrt-", "glptt-")) {
      shapes.add(atLeast("gitlab_token", prefix, URL_SAFE, 20));
    }
    for (String prefix :
        List.of("xoxa-", "xoxb-", "xoxe-", "xoxo-", "xoxp-", "xoxr-", "xoxs-", "xapp-")) {
      shapes.add(mixedAtLeast("slack_token", prefix, DASHED, 10));
    }
    shapes.add(atLeast("slack_webhook", "https://hooks.slack.com/", Chars.of("0-9A-Za-z/"), 20));
    shapes.add(exactly("google_key", "AIza", URL_SAFE, 35));
    shapes.add(mixedAtLeast("google_token", "ya29.", URL_SAFE, 20));
    shapes.add(exactly("google_key", "GOCSPX-", URL_SAFE, 28));
    for (String prefix : List.of("sk_live_", "rk_live_", "sk_test_", "rk_test_")) {
      shapes.add(mixedAtLeast("stripe_key", prefix, ALNUM, 16));
    }
    shapes.add(mixedAtLeast("anthropic_key", "sk-ant-", URL_SAFE, 20));
    shapes.add(mixedAtLeast("langfuse_key", "sk-lf-", DASHED, 8));
    for (String prefix : List.of("sk-proj-", "sk-svcacct-", "sk-admin-", "sk-or-v1-")) {
      shapes.add(mixedAtLeast("openai_key", prefix, URL_SAFE, 20));
    }
    shapes.add(mixedAtLeast("openai_key", "sk-", ALNUM, 20));
    shapes.add(mixedAtLeast("npm_token", "npm_", ALNUM, 36));
    shapes.add(mixedAtLeast("pypi_token", "pypi-", URL_SAFE, 50));
    shapes.add(mixedAtLeast("huggingface_token", "hf_", ALNUM, 30));
    shapes.add(new JwtShape());
    shapes.add(new UrlPasswordShape());
    shapes.add(new AuthorizationShape());
    shapes.add(new AssignmentShape());
    return List.copyOf(shapes);
  }
}
