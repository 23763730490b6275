package dev.turnpike.agent.claudecode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.turnpike.agent.Installer.UnreadableSettings;
import dev.turnpike.agent.JsonDocument;
import dev.turnpike.agent.SettingsText;
import dev.turnpike.agent.claudecode.HookTable.Hook;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Claude Code's {@code settings.json} with an eye on our hooks in it. A change gives a new one. */
record HookSettings(JsonDocument document) {
  private static final String HOOKS = "/hooks";

  /** One entry of ours. */
  record Found(String event, int group, int index, JsonNode handler, boolean limited) {
    String pointer() {
      return "%s/%s/%d/hooks/%d".formatted(HOOKS, pointed(event), group, index);
    }
  }

  /**
   * @throws UnreadableSettings if it is no JSON, or has another shape where hooks stand
   */
  static HookSettings of(SettingsText settings) throws UnreadableSettings {
    Path file = settings.file();
    try {
      var read = new HookSettings(JsonDocument.parse(settings.text().orElse("{}\n")));
      read.requireShape(file);
      return read;
    } catch (JsonDocument.Malformed e) {
      throw new UnreadableSettings(
          "%s, line %d: %s. Claude Code reads plain JSON only: correct the file and try again. Nothing was changed."
              .formatted(file, e.line(), e.getMessage()));
    }
  }

  private void requireShape(Path file) throws UnreadableSettings {
    require(at("").isObject(), file, "the whole", "an object");
    JsonNode hooks = at(HOOKS);
    require(hooks.isMissingNode() || hooks.isObject(), file, "\"hooks\"", "an object");
    for (Map.Entry<String, JsonNode> event : hooks.properties()) {
      require(event.getValue().isArray(), file, "\"hooks." + event.getKey() + "\"", "an array");
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
  List<Found> ours() {
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
        if (HookTable.ours(handlers.get(index))) {
          found.add(new Found(event, group, index, handlers.get(index), limited));
        }
      }
    }
    return found;
  }

  /** With exactly one entry for each wanted event, and none for others. */
  HookSettings registered(List<Hook> wanted, String program) {
    HookSettings settings = this;
    for (Found found : ours().reversed()) {
      if (wanted.stream().noneMatch(hook -> hook.event().equals(found.event()))) {
        settings = settings.without(found);
      }
    }
    for (Hook hook : wanted) {
      settings = settings.registered(hook, program);
    }
    return settings;
  }

  private HookSettings registered(Hook hook, String program) {
    HookSettings single = withoutSuperfluous(hook.event());
    Optional<Found> kept = single.kept(hook.event());
    return kept.isPresent()
        ? single.corrected(kept.get(), hook, program)
        : single.added(hook, program);
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

  private HookSettings corrected(Found found, Hook hook, String program) {
    if (HookTable.serves(found.handler(), hook, program)) {
      return this;
    }
    String pointer = found.pointer();
    JsonDocument changed = document;
    for (String key : HookTable.notOf(hook)) {
      if (found.handler().has(key)) {
        changed = changed.remove(pointer + "/" + key);
      }
    }
    for (Map.Entry<String, JsonNode> wanted : HookTable.handler(hook, program).properties()) {
      JsonNode now = changed.at(pointer).orElseThrow().path(wanted.getKey());
      boolean chosen = wanted.getKey().equals("timeout") && now.isNumber();
      if (!chosen && !now.equals(wanted.getValue())) {
        changed = changed.put(pointer, wanted.getKey(), wanted.getValue());
      }
    }
    return new HookSettings(changed);
  }

  private HookSettings added(Hook hook, String program) {
    JsonDocument changed = document;
    if (at(HOOKS).isMissingNode()) {
      changed = changed.put("", "hooks", JsonNodeFactory.instance.objectNode());
    }
    if (at(HOOKS).path(hook.event()).isMissingNode()) {
      var groups = JsonNodeFactory.instance.arrayNode().add(HookTable.group(hook, program));
      return new HookSettings(changed.put(HOOKS, hook.event(), groups));
    }
    return new HookSettings(
        changed.append(HOOKS + "/" + pointed(hook.event()), HookTable.group(hook, program)));
  }

  /** Without any entry of ours, and without what is empty because of that. */
  HookSettings unregistered() {
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
    return new HookSettings(document.remove(pointer));
  }

  /** The plugins of this name that are switched on, as {@code name@marketplace}. */
  List<String> enabledPlugins(String name) {
    JsonNode plugins = at("").path("enabledPlugins");
    return plugins.properties().stream()
        .filter(plugin -> plugin.getKey().startsWith(name + "@"))
        .filter(plugin -> !plugin.getValue().isNull() && !plugin.getValue().equals(no()))
        .map(Map.Entry::getKey)
        .toList();
  }

  boolean says(String key) {
    return at("").path(key).asBoolean();
  }

  private static JsonNode no() {
    return JsonNodeFactory.instance.booleanNode(false);
  }

  private JsonNode at(String pointer) {
    return document.at(pointer).orElseGet(JsonNodeFactory.instance::missingNode);
  }

  private static String pointed(String key) {
    return key.replace("~", "~0").replace("/", "~1");
  }
}
