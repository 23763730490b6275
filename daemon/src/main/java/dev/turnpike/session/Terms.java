package dev.turnpike.session;

import dev.turnpike.config.Setting;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.Event;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** On what terms a turn is traced, as judged when the events of its prompt arrived. */
sealed interface Terms {
  static Terms of(Event event) {
    var settings = new TreeMap<>(event.caller().environment());
    settings.keySet().removeIf(name -> !Setting.isSetting(name));
    return new Traced(event.destination(), event.caller().cwd(), settings);
  }

  /** The user switched tracing off for this prompt: its rows are accounted for and never sent. */
  record Declined() implements Terms {}

  /**
   * @param cwd the agent's working directory, for repository facts and project settings
   * @param environment the settings among the hook's environment, without secrets
   */
  record Traced(DestinationId destination, @Nullable String cwd, Map<String, String> environment)
      implements Terms {
    public Traced {
      environment = Collections.unmodifiableMap(new TreeMap<>(environment));
    }
  }
}
