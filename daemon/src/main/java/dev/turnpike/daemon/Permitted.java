package dev.turnpike.daemon;

import dev.turnpike.config.Permits.Permit;
import dev.turnpike.export.Account;

/** What a permit means for delivery, in words that {@code status} shows. */
final class Permitted {
  private Permitted() {}

  static Account.Found account(Permit permit) {
    return switch (permit) {
      case Permit.Open(var stored) ->
          new Account.Found.Open(new Account(stored.destination(), stored.credentials()));
      case Permit.Unknown() -> new Account.Found.NoKeys();
      case Permit.Held(var server) ->
          new Account.Found.Held(
              "held back, since only an agent's environment names %1$s: turnpike destinations allow %1$s, or deny %1$s"
                  .formatted(server));
      case Permit.Denied(var server) ->
          new Account.Found.Denied("you denied " + server + " (turnpike destinations)");
    };
  }
}
