package dev.turnpike.daemon;

import dev.turnpike.config.CredentialStore;
import dev.turnpike.inbox.Consent;
import dev.turnpike.inbox.Terms;
import dev.turnpike.model.Caller;
import dev.turnpike.outbox.Outbox;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Judges like another consent and, when a call brought new keys, lets what was parked for want of
 * them try again.
 */
final class NewKeys implements Consent {
  private final Consent consent;
  private final CredentialStore credentials;
  private final Outbox outbox;
  private final AtomicLong generation;

  NewKeys(Consent consent, CredentialStore credentials, Outbox outbox) {
    this.consent = consent;
    this.credentials = credentials;
    this.outbox = outbox;
    this.generation = new AtomicLong(credentials.generation());
  }

  @Override
  public Terms judge(Caller caller, Map<String, String> environment) {
    Terms terms = consent.judge(caller, environment);
    long now = credentials.generation();
    if (terms instanceof Terms.Traced(var destination) && generation.getAndSet(now) != now) {
      outbox.unpark(destination);
      // the change may have been another's: once too often costs one request
      outbox.destinations().forEach(outbox::unpark);
    }
    return terms;
  }
}
