package dev.turnpike.export;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Whose certificates count: those of Java's own list, and of a file the user names, for a server
 * behind a company's own authority. The file adds and never replaces, as {@code
 * NODE_EXTRA_CA_CERTS} does.
 *
 * @param sockets makes TLS connections that trust accordingly
 */
public record Trust(SSLSocketFactory sockets, X509TrustManager judge) {
  /** The system's whole list has 250 KiB. */
  private static final int LIMIT_FILE_BYTES = 4 * 1024 * 1024;

  private static final int LIMIT_CERTIFICATES = 5_000;

  /** A file as it was: another means that the certificates have to be read again. */
  record Stamp(Path file, @Nullable FileTime changed, long bytes) {
    static Stamp of(Path file) {
      try {
        return new Stamp(file, Files.getLastModifiedTime(file), Files.size(file));
      } catch (IOException e) {
        return new Stamp(file, null, -1);
      }
    }
  }

  /**
   * What is wrong with a file of certificates, in one line; empty: it can be used.
   *
   * @param file PEM, one certificate or more, or a single one in DER
   */
  public static Optional<String> problem(Path file) {
    try {
      certificates(file);
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /**
   * @throws IOException if the file cannot be read or holds no certificate
   */
  static Trust with(Path file) throws IOException {
    Collection<X509Certificate> more = certificates(file);
    try {
      KeyStore all = KeyStore.getInstance(KeyStore.getDefaultType());
      all.load(null, null);
      int n = 0;
      for (X509Certificate known : judgeOver(null).getAcceptedIssuers()) {
        all.setCertificateEntry("java-" + n++, known);
      }
      for (X509Certificate named : more) {
        all.setCertificateEntry("named-" + n++, named);
      }
      X509TrustManager judge = judgeOver(all);
      var context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {judge}, null);
      return new Trust(context.getSocketFactory(), judge);
    } catch (GeneralSecurityException e) {
      throw new IOException(file + " cannot be used: " + e.getMessage(), e);
    }
  }

  /** Null: over Java's own list. */
  private static X509TrustManager judgeOver(@Nullable KeyStore store)
      throws GeneralSecurityException {
    var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    for (TrustManager one : factory.getTrustManagers()) {
      if (one instanceof X509TrustManager judge) {
        return judge;
      }
    }
    throw new GeneralSecurityException("this Java judges no certificates");
  }

  private static List<X509Certificate> certificates(Path file) throws IOException {
    byte[] bytes;
    try (var in = new BufferedInputStream(Files.newInputStream(file))) {
      bytes = in.readNBytes(LIMIT_FILE_BYTES + 1);
    } catch (NoSuchFileException e) {
      throw new IOException(file + " is not there", e);
    } catch (IOException e) {
      throw new IOException(file + " cannot be read: " + e.getMessage(), e);
    }
    if (bytes.length > LIMIT_FILE_BYTES) {
      throw new IOException(file + " is no file of certificates: it is too large");
    }
    var found = new ArrayList<X509Certificate>();
    try {
      for (Certificate one :
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(bytes))) {
        if (one instanceof X509Certificate certificate) {
          found.add(certificate);
        }
      }
    } catch (GeneralSecurityException e) {
      throw new IOException(file + " is no file of certificates (PEM)", e);
    }
    if (found.isEmpty() || found.size() > LIMIT_CERTIFICATES) {
      throw new IOException(
          "%s holds %d certificates: it should hold those of your authority, as PEM"
              .formatted(file, found.size()));
    }
    return found;
  }
}
