package dev.turnpike.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import javax.net.ServerSocketFactory;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * A company's own authority and certificates it signed, made anew in a directory by this Java's
 * {@code keytool}.
 */
public final class Certificates {
  /** The name in the good certificate, besides {@code localhost} and {@code 127.0.0.1}. */
  public static final String COMPANY_HOST = "langfuse.company.test";

  private static final String WORD = "changeit";
  private static final String GOOD = "good";
  private static final String EXPIRED = "expired";
  private static final String OTHER_NAME = "other-name";
  private static final String GOOD_NAMES = "san=dns:localhost,ip:127.0.0.1,dns:" + COMPANY_HOST;

  private final Path directory;

  private Certificates(Path directory) {
    this.directory = directory;
  }

  /** Takes some seconds: five runs of {@code keytool}. */
  public static Certificates in(Path directory) {
    var made = new Certificates(directory);
    made.keytool(
        List.of("-genkeypair", "-alias", "ca", "-dname", "CN=Company Authority"),
        List.of("-ext", "bc:c=ca:true", "-keyalg", "EC", "-validity", "30"));
    made.signed(GOOD, List.of("-ext", GOOD_NAMES, "-validity", "20"));
    made.signed(EXPIRED, List.of("-ext", GOOD_NAMES, "-startdate", "-10d", "-validity", "5"));
    made.signed(OTHER_NAME, List.of("-ext", "san=dns:other.company.test", "-validity", "20"));
    made.keytool(
        List.of("-exportcert", "-rfc", "-alias", "ca"),
        List.of("-file", made.authority().toString()));
    return made;
  }

  /** The authority's certificate, PEM. */
  public Path authority() {
    return directory.resolve("ca.pem");
  }

  /** Listens with a certificate for the names above. */
  public ServerSocketFactory good() {
    return serving(GOOD);
  }

  public ServerSocketFactory expired() {
    return serving(EXPIRED);
  }

  /** With a certificate for none of the names above. */
  public ServerSocketFactory otherName() {
    return serving(OTHER_NAME);
  }

  private void signed(String alias, List<String> more) {
    keytool(
        List.of("-genkeypair", "-alias", alias, "-dname", "CN=" + alias, "-signer", "ca"), more);
  }

  private void keytool(List<String> what, List<String> more) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of("-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC"));
    command.addAll(what);
    command.addAll(more);
    if (what.contains("-genkeypair") && !more.contains("-keyalg")) {
      command.addAll(List.of("-keyalg", "EC"));
    }
    command.addAll(List.of("-keystore", store().toString(), "-storepass", WORD));
    try {
      Process run = new ProcessBuilder(command).redirectErrorStream(true).start();
      run.getOutputStream().close();
      String said = new String(run.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (run.waitFor() != 0) {
        throw new AssertionError(String.join(" ", command) + "\n" + said);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  private Path store() {
    return directory.resolve("certificates.p12");
  }

  private ServerSocketFactory serving(String alias) {
    try (InputStream in = Files.newInputStream(store())) {
      KeyStore all = KeyStore.getInstance("PKCS12");
      all.load(in, WORD.toCharArray());
      KeyStore only = KeyStore.getInstance("PKCS12");
      only.load(null, null);
      only.setKeyEntry(
          alias,
          all.getKey(alias, WORD.toCharArray()),
          WORD.toCharArray(),
          all.getCertificateChain(alias));
      var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(only, WORD.toCharArray());
      var context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), null, null);
      return context.getServerSocketFactory();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }
}
