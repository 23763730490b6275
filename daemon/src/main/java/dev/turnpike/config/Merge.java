package dev.turnpike.config;

import dev.turnpike.config.Explained.Candidate;
import dev.turnpike.config.Layer.Entry;
import dev.turnpike.config.Layer.Rank;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The layers laid over each other: for every setting which value holds, where it stands, and what
 * else was said.
 */
final class Merge {
  /** One layer's word on one setting. */
  record Said(Layer layer, Entry entry, String name, Value value) {
    Rank rank() {
      return layer.rank();
    }

    String source() {
      return layer.source(entry);
    }
  }

  private final List<Layer> layers;
  private final Map<Setting, List<Said>> said = new EnumMap<>(Setting.class);
  private final Map<Setting, Said> holds = new EnumMap<>(Setting.class);

  Merge(List<Layer> strongestFirst) {
    this.layers = List.copyOf(strongestFirst);
    for (Setting setting : Setting.values()) {
      var all = new ArrayList<Said>();
      for (Layer layer : layers) {
        say(setting, layer).ifPresent(all::add);
      }
      said.put(setting, all);
      all.stream()
          .filter(one -> one.value().text() != null)
          .findFirst()
          .ifPresent(one -> holds.put(setting, one));
    }
  }

  private static Optional<Said> say(Setting setting, Layer layer) {
    if (layer.rank() == Rank.CALL && setting.reach() != Setting.Reach.CALL) {
      return Optional.empty();
    }
    for (String name : setting.names()) {
      Entry entry = layer.entries().get(name);
      if (entry != null && !(entry.value().isBlank() && !mayBeEmpty(setting))) {
        return Optional.of(new Said(layer, entry, name, Value.of(setting, entry.value())));
      }
    }
    return Optional.empty();
  }

  /**
   * In a file an empty value says "none", which is something else than not to mention the setting.
   */
  private static boolean mayBeEmpty(Setting setting) {
    return switch (setting.kind()) {
      case TEXT, LIST, SECRET, URL -> true;
      case BOOLEAN, INTEGER, PORT, RATE, DURATION, SIZE, CHOICE -> false;
    };
  }

  /** Who says what holds; empty: the default does. */
  Optional<Said> holder(Setting setting) {
    return Optional.ofNullable(holds.get(setting));
  }

  /** What this layer itself says of a setting. */
  Optional<Said> in(Layer layer, Setting setting) {
    return all(setting).stream().filter(one -> one.layer().equals(layer)).findFirst();
  }

  List<Said> all(Setting setting) {
    return said.getOrDefault(setting, List.of());
  }

  /** The value that holds, in its plain form; an empty text if there is none. */
  String text(Setting setting) {
    Said holder = holds.get(setting);
    @Nullable String text = holder == null ? null : holder.value().text();
    return text == null || (text.isEmpty() && setting == Setting.LANGFUSE_BASE_URL)
        ? setting.defaultValue()
        : text;
  }

  Optional<String> optional(Setting setting) {
    return Optional.of(text(setting)).filter(text -> !text.isEmpty());
  }

  boolean on(Setting setting) {
    return Value.asBoolean(text(setting))
        .orElseThrow(() -> new IllegalStateException(setting + " has no boolean default"));
  }

  /** One line for every value something is wrong with. */
  List<String> problems() {
    var problems = new ArrayList<String>();
    said.forEach(
        (setting, all) ->
            all.forEach(
                one -> {
                  if (one.value().problem() != null) {
                    problems.add(
                        "%s (%s): %s".formatted(one.name(), one.source(), one.value().problem()));
                  }
                }));
    return problems;
  }

  Map<Setting, Explained> explained() {
    var explained = new EnumMap<Setting, Explained>(Setting.class);
    for (Setting setting : Setting.values()) {
      explained.put(setting, explain(setting));
    }
    return explained;
  }

  private Explained explain(Setting setting) {
    var candidates = new ArrayList<Candidate>();
    Said holder = holds.get(setting);
    for (Said one : all(setting)) {
      candidates.add(
          new Candidate(
              one.source(),
              one.name(),
              Value.shown(setting, one.entry().value()),
              Optional.ofNullable(one.value().problem()),
              one.equals(holder)));
    }
    candidates.add(
        new Candidate(
            "default", setting.name(), setting.defaultValue(), Optional.empty(), holder == null));
    return new Explained(
        setting,
        Value.shown(setting, text(setting)),
        holder == null ? "default" : holder.source(),
        candidates);
  }
}
