package dev.turnpike.model;

import java.util.regex.Pattern;

/**
 * Where a trace goes, without any secret: {@code local}, or the first 16 hex digits of the SHA-256
 * of base URL and public key.
 */
public record DestinationId(String value) {
  private static final Pattern FORM = Pattern.compile("local|[0-9a-f]{16}");

  /** Traces stay on this machine: no keys were configured. */
  public static final DestinationId LOCAL = new DestinationId("local");

  public DestinationId {
    if (!FORM.matcher(value).matches()) {
      throw new IllegalArgumentException("not a destination id: " + value);
    }
  }

  public static DestinationId of(String baseUrl, String publicKey) {
    return new DestinationId(Digest.sha256Hex(baseUrl + "\n" + publicKey).substring(0, 16));
  }

  public boolean local() {
    return equals(LOCAL);
  }

  @Override
  public String toString() {
    return value;
  }
}
