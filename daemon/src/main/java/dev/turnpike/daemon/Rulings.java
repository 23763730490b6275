package dev.turnpike.daemon;

import dev.turnpike.config.Consents;
import dev.turnpike.config.Permits.Permit;
import dev.turnpike.export.Account;
import dev.turnpike.inbox.Terms;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What one room says, in the words of another that may not know it. */
final class Rulings {
  private Rulings() {}

  static Terms judge(Consents consents, @Nullable String cwd, Map<String, String> environment) {
    try {
      return switch (consents.judge(cwd, environment)) {
        case dev.turnpike.config.Consent.Declined(_) -> new Terms.Off();
        case dev.turnpike.config.Consent.Given(var destination) -> new Terms.Traced(destination);
      };
    } catch (IOException e) {
      return new Terms.Later("its credentials cannot be kept: " + e.getMessage());
    }
  }

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
