package dev.turnpike.export;

import dev.turnpike.config.Credentials;
import dev.turnpike.config.Destination;
import dev.turnpike.model.DestinationId;
import java.util.Optional;

/** A destination with the keys to it. */
public record Account(Destination destination, Credentials credentials) {

  /** Where delivery looks keys up, anew for every attempt, so that new ones count at once. */
  public interface Lookup {
    Optional<Account> find(DestinationId destination);
  }
}
