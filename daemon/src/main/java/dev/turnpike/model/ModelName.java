package dev.turnpike.model;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A model's name in the form Langfuse prices it, beside the name the agent reported
 * (contracts/langfuse.md section 5, rules 1 to 3).
 *
 * <pre>
 *   claude-opus-4-6[1m]               claude-opus-4-6
 *   openrouter/claude-sonnet-4.5      claude-sonnet-4-5
 *   claude-4.5-sonnet-thinking        claude-sonnet-4-5
 *   claude-opus-4-6-20260205          claude-opus-4-6     from 4-6 on only the undated name is priced
 *   gpt-5.2                           gpt-5.2             only Claude's names are rewritten
 * </pre>
 *
 * @param raw as reported; goes to metadata {@code model_raw} where it differs
 */
public record ModelName(String raw, String normal) {
  private static final Pattern VARIANT = Pattern.compile("\\[[^\\]]*\\]$");
  private static final Pattern PRICED_PREFIX =
      Pattern.compile("^(anthropic|openai|google|googleai)/", Pattern.CASE_INSENSITIVE);
  private static final List<String> GATEWAYS =
      List.of("github-copilot/", "openrouter/", "opencode/", "vertex_ai/", "bedrock/", "azure/");
  private static final Pattern DOT_IN_VERSION = Pattern.compile("(?<=\\d)\\.(?=\\d)");
  private static final Pattern EFFORT =
      Pattern.compile("-(thinking|high|low|medium|max|fast)(?=(-|$)).*$", Pattern.CASE_INSENSITIVE);
  private static final Pattern VERSION_FIRST =
      Pattern.compile(
          "^claude-(\\d+(?:-\\d{1,2})?)-(opus|sonnet|haiku|fable)(.*)$", Pattern.CASE_INSENSITIVE);
  private static final Pattern DATED =
      Pattern.compile(
          "^(claude-[a-z]+-(\\d{1,3})(?:-(\\d{1,2}))?)-(20\\d{6})$", Pattern.CASE_INSENSITIVE);

  public static ModelName of(String reported) {
    String name = VARIANT.matcher(reported.strip()).replaceFirst("");
    if (name.startsWith("models/")) {
      name = name.substring("models/".length());
    }
    return new ModelName(reported, withoutGateway(name));
  }

  public boolean changed() {
    return !raw.equals(normal);
  }

  private static String withoutGateway(String name) {
    if (!PRICED_PREFIX.matcher(name).find()) {
      String lower = name.toLowerCase(Locale.ROOT);
      for (String gateway : GATEWAYS) {
        if (lower.startsWith(gateway)) {
          return withoutGateway(name.substring(gateway.length()));
        }
      }
    }
    String prefix = name.regionMatches(true, 0, "anthropic/", 0, 10) ? name.substring(0, 10) : "";
    String rest = name.substring(prefix.length());
    return rest.regionMatches(true, 0, "claude-", 0, 7) ? prefix + claude(rest) : name;
  }

  private static String claude(String name) {
    String dashed = DOT_IN_VERSION.matcher(name).replaceAll("-");
    String plain = EFFORT.matcher(dashed).replaceFirst("");
    var reversed = VERSION_FIRST.matcher(plain);
    if (reversed.matches()) {
      plain = "claude-" + reversed.group(2) + "-" + reversed.group(1) + reversed.group(3);
    }
    var dated = DATED.matcher(plain);
    if (dated.matches()) {
      int major = Integer.parseInt(dated.group(2));
      int minor = dated.group(3) == null ? 0 : Integer.parseInt(dated.group(3));
      if (major > 4 || (major == 4 && minor >= 6)) {
        return dated.group(1);
      }
    }
    return plain;
  }
}
