package dev.turnpike.export.langfuse;

import dev.turnpike.config.Credentials;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The headers of our requests. The names of Langfuse's own SDKs are never used: they switch on
 * behaviour meant for those.
 */
final class Headers {
  private final String version;

  Headers(String version) {
    this.version = version;
  }

  /**
   * Reasons reach the log, the journal and the status page: a server that echoes the key must not
   * bring it there.
   */
  static String withoutSecret(String text, Credentials credentials) {
    String secret = credentials.secretKey();
    return secret.isEmpty() ? text : text.replace(secret, "***");
  }

  Map<String, String> anonymous() {
    return Map.of("User-Agent", "turnpike/" + version);
  }

  Map<String, String> with(Credentials credentials) {
    byte[] login =
        (credentials.publicKey() + ":" + credentials.secretKey()).getBytes(StandardCharsets.UTF_8);
    var headers = new LinkedHashMap<>(anonymous());
    headers.put("Authorization", "Basic " + Base64.getEncoder().encodeToString(login));
    headers.put("x-langfuse-sdk-name", "turnpike");
    headers.put("x-langfuse-sdk-version", version);
    return headers;
  }
}
