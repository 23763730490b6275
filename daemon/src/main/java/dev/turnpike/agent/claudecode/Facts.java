package dev.turnpike.agent.claudecode;

import dev.turnpike.agent.TurnFacts;
import dev.turnpike.agent.claudecode.ClaudeLine.Chain;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a turn says of itself as a whole. */
final class Facts {
  private static final Pattern SKILL =
      Pattern.compile("\"(?:skill|command)\"\\s*:\\s*\"([^\"\\\\]{1,100})\"");

  private Facts() {}

  static TurnFacts of(OpenTurn turn, int number) {
    Chain chain = turn.work.opener.chain();
    return new TurnFacts(
        number,
        Optional.ofNullable(turn.promptId()),
        Optional.ofNullable(chain.version()),
        Optional.ofNullable(chain.cwd()),
        // "HEAD" stands for a detached head and for no repository at all.
        Optional.ofNullable(chain.branch()).filter(b -> !b.isBlank() && !b.equals("HEAD")),
        tags(turn.work, chain.version()),
        Map.of());
  }

  private static List<String> tags(Work work, @Nullable String version) {
    var tags = new ArrayList<String>();
    if (version != null) {
      tags.add("cc-version:" + version);
    }
    var skills = new TreeSet<String>();
    for (ModelCall call : work.calls()) {
      if (call.skill() != null) {
        skills.add(call.skill());
      }
    }
    for (ToolRun tool : work.tools()) {
      if (tool.name.equals("Skill")) {
        var name = SKILL.matcher(tool.inputJson);
        if (name.find()) {
          skills.add(name.group(1));
        }
      }
    }
    skills.forEach(skill -> tags.add("skill:" + skill));
    return tags;
  }
}
