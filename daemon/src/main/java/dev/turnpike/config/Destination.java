package dev.turnpike.config;

import dev.turnpike.model.DestinationId;
import java.net.URI;

/**
 * One Langfuse project as we address it, without its secret.
 *
 * @param baseUrl normalised: no slash at the end, no path of the API
 * @param server what the user allows or denies: the host as {@link #host} has it, with {@code
 *     http://} before it if there is no TLS
 */
public record Destination(
    DestinationId id, String baseUrl, String publicKey, ExporterChoice exporter, String server) {

  public static Destination of(String baseUrl, String publicKey, ExporterChoice exporter) {
    return new Destination(
        DestinationId.of(baseUrl, publicKey),
        baseUrl,
        publicKey,
        exporter,
        BaseUrl.server(URI.create(baseUrl)));
  }

  /**
   * Host and, if it is not the usual one, port: {@code cloud.langfuse.com}, {@code localhost:3000}.
   */
  public String host() {
    return BaseUrl.host(URI.create(baseUrl));
  }
}
