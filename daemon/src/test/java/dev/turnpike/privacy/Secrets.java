package dev.turnpike.privacy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Texts that are secrets, put together when the test runs: none of them stands in this repository.
 */
final class Secrets {
  private Secrets() {}

  /** Letters and digits in no order, always the same. */
  static String drawn(int length) {
    String all = "q7Zk2Lw9Xc4Vb8Nm1Ra5Tg3Yh6Uj0PdSfGeHiKoQ";
    var text = new StringBuilder();
    while (text.length() < length) {
      text.append(all);
    }
    return text.substring(0, length);
  }

  static String upper(int length) {
    return "Q7ZK2LW9XC4VB8NM".repeat(length / 16 + 1).substring(0, length);
  }

  static String pem(String label, String lineBreak) {
    String dashes = "-".repeat(5);
    return dashes
        + "BEGIN "
        + label
        + dashes
        + lineBreak
        + (drawn(64) + lineBreak).repeat(8)
        + drawn(22)
        + "=="
        + lineBreak
        + dashes
        + "END "
        + label
        + dashes;
  }

  static String jwt() {
    var encoder = Base64.getUrlEncoder().withoutPadding();
    return encoder.encodeToString("{\"alg\":\"HS256\"}".getBytes(StandardCharsets.UTF_8))
        + "."
        + encoder.encodeToString("{\"sub\":\"1234567890\"}".getBytes(StandardCharsets.UTF_8))
        + "."
        + drawn(43);
  }

  static String basic() {
    return Base64.getEncoder()
        .encodeToString(("dev:" + drawn(12)).getBytes(StandardCharsets.UTF_8));
  }

  /** Secrets, and pieces of which shapes are made, to be glued together as they come. */
  static List<String> pieces() {
    var pieces = new ArrayList<String>();
    byKind().values().forEach(pieces::addAll);
    pieces.addAll(
        List.of(
            "-----BEGIN ",
            "RSA PRIVATE KEY-----",
            "-----END ",
            "ghp_",
            "sk-",
            "sk-ant-",
            "eyJ",
            ".",
            "://",
            "user:",
            "@",
            "password",
            "=",
            ":",
            "\"",
            "'",
            "\\",
            "\\n",
            "\n",
            " ",
            "{",
            "}",
            "[",
            "]",
            ",",
            "Authorization: ",
            "Bearer ",
            "Basic ",
            "api_key",
            drawn(20),
            "%3D",
            "AKIA",
            "é",
            "\uD83D\uDE00",
            "\uD83D",
            "\u0000"));
    return pieces;
  }

  /** A secret by the kind it must be found as. */
  static Map<String, List<String>> byKind() {
    var all = new LinkedHashMap<String, List<String>>();
    all.put(
        "private_key",
        List.of(
            pem("RSA PRIVATE KEY", "\n"),
            pem("OPENSSH PRIVATE KEY", "\r\n"),
            pem("PRIVATE KEY", "\\n"),
            pem("PGP PRIVATE KEY BLOCK", "\n")));
    all.put("aws_key", List.of("AKIA" + upper(16), "ASIA" + upper(16)));
    all.put(
        "github_token",
        List.of(
            "ghp" + "_" + drawn(36),
            "gho" + "_" + drawn(36),
            "ghs" + "_" + drawn(40),
            "github" + "_pat_" + drawn(22) + "_" + drawn(59)));
    all.put("gitlab_token", List.of("glpat" + "-" + drawn(20)));
    all.put(
        "slack_token", List.of("xoxb" + "-123456789012-" + drawn(24), "xapp" + "-1-" + drawn(30)));
    all.put(
        "slack_webhook",
        List.of("https://hooks.slack" + ".com/services/T0AB12CD3/B0EF45GH6/" + drawn(24)));
    all.put("google_key", List.of("AI" + "za" + drawn(35), "GOC" + "SPX-" + drawn(28)));
    all.put("google_token", List.of("ya" + "29." + drawn(60)));
    all.put("stripe_key", List.of("sk" + "_live_" + drawn(24), "rk" + "_live_" + drawn(24)));
    all.put("anthropic_key", List.of("sk-" + "ant-api03-" + drawn(90) + "-" + drawn(6)));
    all.put(
        "openai_key", List.of("sk-" + drawn(48), "sk-" + "proj-" + drawn(40) + "_" + drawn(30)));
    all.put("langfuse_key", List.of("sk-" + "lf-0af31b2c-4d5e-6f70-8a9b-0c1d2e3f4a5b"));
    all.put("npm_token", List.of("npm" + "_" + drawn(36)));
    all.put("pypi_token", List.of("pypi" + "-AgEIcHlwaS5vcmc" + drawn(60)));
    all.put("huggingface_token", List.of("hf" + "_" + drawn(34)));
    all.put("jwt", List.of(jwt()));
    return all;
  }
}
