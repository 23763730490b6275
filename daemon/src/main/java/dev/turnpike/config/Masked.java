package dev.turnpike.config;

/** How a secret is shown to people: enough to tell two apart, too little to use. */
final class Masked {
  private static final int SHOWN_CHARS = 4;
  private static final int SHOWN_FROM_CHARS = 20;
  private static final String LANGFUSE = "sk-lf-";

  private Masked() {}

  /** {@code sk-lf-...abcd}; of a short secret nothing is shown. */
  static String secret(String secret) {
    String head = secret.startsWith(LANGFUSE) ? LANGFUSE : "";
    return secret.length() < SHOWN_FROM_CHARS
        ? head + "..."
        : head + "..." + secret.substring(secret.length() - SHOWN_CHARS);
  }
}
