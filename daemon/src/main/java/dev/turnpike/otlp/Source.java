package dev.turnpike.otlp;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Who sent spans: the attributes of the resource, and the instrumentation scope. */
public record Source(Map<String, Value> resource, String scope, String scopeVersion) {
  public Source {
    resource = Collections.unmodifiableMap(new LinkedHashMap<>(resource));
  }

  /** {@code service.name}, else empty. */
  public String service() {
    return text("service.name").orElse("");
  }

  public Optional<String> text(String key) {
    return Optional.ofNullable(resource.get(key))
        .flatMap(Value::scalar)
        .filter(text -> !text.isBlank());
  }
}
