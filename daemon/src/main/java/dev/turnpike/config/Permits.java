package dev.turnpike.config;

import dev.turnpike.config.CredentialStore.Stored;
import dev.turnpike.config.SeenHosts.Ruling;
import dev.turnpike.config.SeenHosts.Seen;
import dev.turnpike.model.DestinationId;
import java.io.IOException;
import java.net.URI;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Whether traces may go to a server: those the user named himself are open, one that only an
 * agent's environment named is held until the user has said something. Asked when a call arrives
 * and again before every attempt, so that a word counts at once. Safe for all threads.
 */
public final class Permits {
  private final Config config;
  private final CredentialStore credentials;
  private final SeenHosts hosts;
  private final Object words = new Object();

  public Permits(Config config, CredentialStore credentials, SeenHosts hosts) {
    this.config = config;
    this.credentials = credentials;
    this.hosts = hosts;
  }

  /** What may be done with a destination now. */
  public sealed interface Permit {
    record Open(Stored stored) implements Permit {}

    /** No keys are known. */
    record Unknown() implements Permit {}

    /** Until the user says something. */
    record Held(String server) implements Permit {}

    /** Never: what is queued is to be dropped. */
    record Denied(String server) implements Permit {}
  }

  /** Why a server is as it is. */
  public enum Standing {
    /** The user's settings, or the daemon's environment, name it. */
    NAMED,
    ALLOWED,
    /** Everything is allowed that was not denied: {@code TURNPIKE_DESTINATIONS=all}. */
    ALL_ALLOWED,
    HELD,
    DENIED;

    boolean open() {
      return this == NAMED || this == ALLOWED || this == ALL_ALLOWED;
    }
  }

  public Permit of(DestinationId destination) {
    Optional<Stored> stored = credentials.get(destination);
    Optional<String> server =
        stored
            .map(one -> one.destination().server())
            .or(() -> hosts.of(destination).map(Seen::server));
    if (server.isEmpty()) {
      return new Permit.Unknown();
    }
    return switch (standing(server.get())) {
      case NAMED, ALLOWED, ALL_ALLOWED ->
          stored.<Permit>map(Permit.Open::new).orElseGet(Permit.Unknown::new);
      case HELD -> new Permit.Held(server.get());
      case DENIED -> new Permit.Denied(server.get());
    };
  }

  public Standing standing(String server) {
    if (config.look().knownServers().contain(server)) {
      return Standing.NAMED;
    }
    return switch (hosts.of(server).map(Seen::ruling).orElse(Ruling.HELD)) {
      case ALLOWED -> Standing.ALLOWED;
      case DENIED -> Standing.DENIED;
      case HELD -> config.allServers() ? Standing.ALL_ALLOWED : Standing.HELD;
    };
  }

  /** All servers that calls named or the user ruled on, the first one seen first. */
  public List<Seen> seen() {
    return hosts.all();
  }

  /**
   * The server somebody means: as the list shows it, or a host with or without a port, or an
   * address. Empty if it is none.
   */
  public Optional<String> named(String text) {
    String word = text.strip().toLowerCase(Locale.ROOT);
    for (String candidate : List.of(word, BaseUrl.PLAIN + word)) {
      if (hosts.of(candidate).isPresent()) {
        return Optional.of(candidate);
      }
    }
    return BaseUrl.normalise(word.contains("://") ? word : "https://" + word)
        .map(url -> BaseUrl.server(URI.create(url)));
  }

  /** From now on traces go there, and what was held does. */
  public void allow(String server) throws IOException {
    hosts.rule(server, Ruling.ALLOWED);
  }

  /**
   * From now on nothing goes there. Its keys are removed.
   *
   * @return the projects there, whose queues are to be emptied
   */
  public Set<DestinationId> deny(String server) throws IOException {
    synchronized (words) {
      hosts.rule(server, Ruling.DENIED);
      Set<DestinationId> ids = destinations(server);
      for (DestinationId id : ids) {
        // remembered first: a turn that is still open may be queued for it later
        hosts.note(server, id, "");
        credentials.forget(id);
      }
      return ids;
    }
  }

  /** The projects at a server. */
  public Set<DestinationId> destinations(String server) {
    var ids = new LinkedHashSet<DestinationId>();
    hosts.of(server).ifPresent(seen -> ids.addAll(seen.destinations()));
    credentials.all().stream()
        .map(Stored::destination)
        .filter(destination -> destination.server().equals(server))
        .forEach(destination -> ids.add(destination.id()));
    return ids;
  }

  /**
   * A call named this server. Its keys are kept if its traces may be queued.
   *
   * @param known the servers the user named, as of the look by which the call is judged
   * @return whether they may
   */
  boolean admit(Destination destination, Credentials keys, String cwd, KnownServers known)
      throws IOException {
    if (known.contain(destination.server())) {
      credentials.put(destination, keys);
      return true;
    }
    synchronized (words) { // a word said meanwhile must find the keys, or they come after it
      Standing standing = standing(destination.server());
      if (standing == Standing.DENIED
          || (!hosts.note(destination.server(), destination.id(), cwd) && !standing.open())) {
        return false;
      }
      credentials.put(destination, keys);
      return true;
    }
  }

  /** What the settings file names was said by the user, also after he takes it out again. */
  void remember(Destination destination) throws IOException {
    if (config.look().knownServers().containInFile(destination.server())) {
      hosts.rule(destination.server(), Ruling.ALLOWED);
    }
  }
}
