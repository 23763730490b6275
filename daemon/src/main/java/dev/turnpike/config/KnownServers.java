package dev.turnpike.config;

import java.util.Set;

/**
 * The servers the user named himself, outside of any call. A server is written as {@link
 * Destination#server} gives it.
 *
 * @param plain as written in {@code TURNPIKE_KNOWN_HOSTS}: they count for http too
 * @param inFile the default and those of the settings file
 * @param inEnvironment those of the daemon's environment
 */
record KnownServers(Set<String> plain, Set<String> inFile, Set<String> inEnvironment) {
  KnownServers {
    plain = Set.copyOf(plain);
    inFile = Set.copyOf(inFile);
    inEnvironment = Set.copyOf(inEnvironment);
  }

  boolean contain(String server) {
    return plain.contains(server)
        || plain.contains(BaseUrl.withoutScheme(server))
        || has(inFile, server)
        || has(inEnvironment, server);
  }

  /** Whether that may be remembered: an environment is gone with its process. */
  boolean containInFile(String server) {
    return has(inFile, server);
  }

  /** Who named a server with http may be spoken to with https; not the other way round. */
  private static boolean has(Set<String> servers, String server) {
    return servers.contains(server) || servers.contains(BaseUrl.PLAIN + server);
  }
}
