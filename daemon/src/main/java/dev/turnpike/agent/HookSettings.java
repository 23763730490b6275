package dev.turnpike.agent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.turnpike.agent.Installer.FileChange;
import dev.turnpike.agent.Installer.UnreadableSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * An agent's settings file with an eye on our hooks in it, for agents that have hooks in groups as
 * Claude Code has: {@code {"hooks":{"Stop":[{"matcher":"*","hooks":[{…}]}]}}}. A change gives a new
 * one.
 */
public record HookSettings(JsonDocument document, Entries entries) {
  private static final String HOOKS = "/hooks";

  /** What an agent's settings look like where they differ, and what an entry of ours is. */
  public interface Entries {
    /** The agent reads comments in its settings. */
    boolean comments();

    /** "Claude Code reads plain JSON only". */
    String dialect();

    /** Keys beside the events, which hold no groups. */
    Set<String> others();

    /** Whether an entry starts our client, whatever version wrote it. */
    boolean ours(JsonNode handler);

    ObjectNode handler(String event, String program);

    /** Whether an entry does what {@link #handler} asks for, with what the user may choose. */
    boolean serves(JsonNode handler, String event, String program);

    /** The keys that must not be in the entry for {@code event}. */
    List<String> notOf(String event);
  }

  /**
   * One entry of ours.
   *
   * @param limited it is not called for everything
   */
  public record Found(String event, int group, int index, JsonNode handler, boolean limited) {
    String pointer() {
      return "%s/%s/%d/hooks/%d".formatted(HOOKS, pointed(event), group, index);
    }
  }

  /**
   * @throws UnreadableSettings if it is no JSON, or has another shape where hooks stand
   */
  public static HookSettings of(SettingsText settings, Entries entries) throws UnreadableSettings {
    Path file = settings.file();
    try {
      String text = settings.text().orElse("{}\n");
      var read =
          new HookSettings(
              entries.comments() ? JsonDocument.parseCommented(text) : JsonDocument.parse(text),
              entries);
      read.requireShape(file);
      return read;
    } catch (JsonDocument.Malformed e) {
      throw new UnreadableSettings(
          "%s, line %d: %s. %s: correct the file and try again. Nothing was changed."
              .formatted(file, e.line(), e.getMessage(), entries.dialect()));
    }
  }

  private void requireShape(Path file) throws UnreadableSettings {
    require(at("").isObject(), file, "the whole", "an object");
    JsonNode hooks = at(HOOKS);
    require(hooks.isMissingNode() || hooks.isObject(), file, "\"hooks\"", "an object");
    for (Map.Entry<String, JsonNode> event : hooks.properties()) {
      require(
          event.getValue().isArray() || entries.others().contains(event.getKey()),
          file,
          "\"hooks." + event.getKey() + "\"",
          "an array");
    }
  }

  private static void require(boolean holds, Path file, String what, String wanted)
      throws UnreadableSettings {
    if (!holds) {
      throw new UnreadableSettings(
          "%s: %s is not %s, so hooks cannot be added: correct the file and try again. Nothing was changed."
              .formatted(file, what, wanted));
    }
  }

  /** Every entry of ours, in the order of the file. */
  public List<Found> ours() {
    var found = new ArrayList<Found>();
    for (Map.Entry<String, JsonNode> event : at(HOOKS).properties()) {
      found.addAll(ours(event.getKey()));
    }
    return found;
  }

  private List<Found> ours(String event) {
    var found = new ArrayList<Found>();
    JsonNode groups = at(HOOKS).path(event);
    for (int group = 0; group < groups.size(); group++) {
      String matcher = groups.get(group).path("matcher").asText("");
      boolean limited = !matcher.isEmpty() && !matcher.equals("*");
      JsonNode handlers = groups.get(group).path("hooks");
      for (int index = 0; index < handlers.size(); index++) {
        if (entries.ours(handlers.get(index))) {
          found.add(new Found(event, group, index, handlers.get(index), limited));
        }
      }
    }
    return found;
  }

  /**
   * What is not as {@link #registered} would make it, in words.
   *
   * @param program our client
   */
  public List<String> problems(List<String> wanted, String program) {
    var missing = new ArrayList<String>();
    var problems = new ArrayList<String>();
    for (String event : wanted) {
      List<Found> there = ours(event);
      if (there.isEmpty()) {
        missing.add(event);
      } else if (there.size() > 1) {
        problems.add("the hook for %s is registered %d times".formatted(event, there.size()));
      } else if (there.getFirst().limited()
          || !entries.serves(there.getFirst().handler(), event, program)) {
        String command = there.getFirst().handler().path("command").asText("");
        problems.add(
            "the hook for %s is not as it should be".formatted(event)
                + (command.contains(program) ? "" : ": it starts " + command));
      }
    }
    if (!missing.isEmpty()) {
      problems.addFirst("no hook for " + String.join(", ", missing));
    }
    return problems;
  }

  /**
   * What makes {@code text}, which this was read from, into {@code after}; nothing if it is that
   * already.
   *
   * @throws UnreadableSettings if the file may not be written
   */
  public List<FileChange> change(SettingsText text, HookSettings after, String description)
      throws UnreadableSettings {
    if (after.document().text().equals(document.text())) {
      return List.of();
    }
    text.requireWritable();
    return List.of(new FileChange(text.file(), Optional.of(after.document().text()), description));
  }

  /** With exactly one entry for each wanted event, and none for others. */
  public HookSettings registered(List<String> wanted, String program) {
    HookSettings settings = this;
    for (Found found : ours().reversed()) {
      if (!wanted.contains(found.event())) {
        settings = settings.without(found);
      }
    }
    for (String event : wanted) {
      settings = settings.registered(event, program);
    }
    return settings;
  }

  private HookSettings registered(String event, String program) {
    HookSettings single = withoutSuperfluous(event);
    Optional<Found> kept = single.kept(event);
    return kept.isPresent()
        ? single.corrected(kept.get(), event, program)
        : single.added(event, program);
  }

  /** The entry that stays if there are several: the first that is for all, not for some tools. */
  private Optional<Found> kept(String event) {
    return ours(event).stream().filter(found -> !found.limited()).findFirst();
  }

  private HookSettings withoutSuperfluous(String event) {
    Optional<Found> kept = kept(event);
    return ours(event).reversed().stream()
        .filter(found -> !Optional.of(found).equals(kept))
        .findFirst()
        // positions change with each that goes, so the next is looked for anew
        .map(found -> without(found).withoutSuperfluous(event))
        .orElse(this);
  }

  private HookSettings corrected(Found found, String event, String program) {
    if (entries.serves(found.handler(), event, program)) {
      return this;
    }
    String pointer = found.pointer();
    JsonDocument changed = document;
    for (String key : entries.notOf(event)) {
      if (found.handler().has(key)) {
        changed = changed.remove(pointer + "/" + key);
      }
    }
    for (Map.Entry<String, JsonNode> wanted : entries.handler(event, program).properties()) {
      JsonNode now = changed.at(pointer).orElseThrow().path(wanted.getKey());
      boolean chosen = wanted.getKey().equals("timeout") && now.isNumber();
      if (!chosen && !now.equals(wanted.getValue())) {
        changed = changed.put(pointer, wanted.getKey(), wanted.getValue());
      }
    }
    return new HookSettings(changed, entries);
  }

  private HookSettings added(String event, String program) {
    JsonDocument changed = document;
    if (at(HOOKS).isMissingNode()) {
      changed = changed.put("", "hooks", JsonNodeFactory.instance.objectNode());
    }
    if (at(HOOKS).path(event).isMissingNode()) {
      var groups = JsonNodeFactory.instance.arrayNode().add(group(event, program));
      return new HookSettings(changed.put(HOOKS, event, groups), entries);
    }
    return new HookSettings(
        changed.append(HOOKS + "/" + pointed(event), group(event, program)), entries);
  }

  /** The entry in a group of its own, which matches everything. */
  private ObjectNode group(String event, String program) {
    ObjectNode group = JsonNodeFactory.instance.objectNode();
    group.putArray("hooks").add(entries.handler(event, program));
    return group;
  }

  /** Without any entry of ours, and without what is empty because of that. */
  public HookSettings unregistered() {
    HookSettings settings = this;
    for (Found found : ours().reversed()) {
      settings = settings.without(found);
    }
    return settings;
  }

  private HookSettings without(Found found) {
    String event = HOOKS + "/" + pointed(found.event());
    String group = event + "/" + found.group();
    String pointer = found.pointer();
    if (at(group).path("hooks").size() == 1) {
      pointer = group;
      if (at(event).size() == 1) {
        pointer = event;
        if (at(HOOKS).size() == 1) {
          pointer = HOOKS;
        }
      }
    }
    return new HookSettings(document.remove(pointer), entries);
  }

  /** The value at a pointer; a missing node if there is none. */
  public JsonNode at(String pointer) {
    return document.at(pointer).orElseGet(JsonNodeFactory.instance::missingNode);
  }

  private static String pointed(String key) {
    return key.replace("~", "~0").replace("/", "~1");
  }
}
