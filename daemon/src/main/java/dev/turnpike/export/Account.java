package dev.turnpike.export;

import dev.turnpike.config.Credentials;
import dev.turnpike.config.Destination;
import dev.turnpike.model.DestinationId;
import java.util.Optional;

/** A destination with the keys to it. */
public record Account(Destination destination, Credentials credentials) {

  /** What is known when it is asked for. */
  public sealed interface Found {
    record Open(Account account) implements Found {}

    /** No keys are stored. */
    record NoKeys() implements Found {}

    /** There are keys, and nothing may go there yet. */
    record Held(String reason) implements Found {}

    /** Nothing may ever go there. */
    record Denied(String reason) implements Found {}

    static Found of(Optional<Account> account) {
      return account.<Found>map(Open::new).orElseGet(NoKeys::new);
    }
  }

  /**
   * Where delivery looks keys up, anew for every attempt, so that new ones, and the user's word on
   * a server, count at once.
   */
  public interface Lookup {
    Found find(DestinationId destination);
  }
}
