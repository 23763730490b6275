package dev.turnpike.config;

/**
 * The keys of one Langfuse project. Never in a log, the journal, or a body: {@link #toString} hides
 * the secret.
 */
public record Credentials(String publicKey, String secretKey) {
  @Override
  public String toString() {
    return "Credentials[" + publicKey + ", " + Masked.secret(secretKey) + "]";
  }
}
