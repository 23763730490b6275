package dev.turnpike.index;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;

/**
 * Where the index's library is loaded from: {@code lib/index} beside our own jar. MapDB brings 17
 * MB of jars along; on the class path, their tables of contents alone would stay in the memory of
 * every daemon, also of one whose index nobody asks. For the same reason this loader makes the
 * classes that name the library itself, before its parent finds them in our own jar. Where there is
 * no such folder, in a test, all is on the class path.
 *
 * <p>lz4, loaded this way, does without its native code: no file is unpacked, and the JVM need not
 * allow it. Its classes on {@code sun.misc.Unsafe}, of which the JVM warns, are not found either;
 * it has others.
 */
final class IndexLibrary extends URLClassLoader {
  private static final String OWN = "dev.turnpike.index.MapdbStore";
  private static final String UNSAFE = "JavaUnsafe";
  private static final String FOLDER = "index";

  /** Loaded when the first index is opened, once. */
  private static final class Loaded {
    static final IndexStore.Opener OPENER =
        ServiceLoader.load(IndexStore.Opener.class, loader()).findFirst().orElseThrow();
  }

  private IndexLibrary(URL[] jars, ClassLoader parent) {
    super(jars, parent);
  }

  static IndexStore open(Path file) {
    return Loaded.OPENER.open(file);
  }

  private static ClassLoader loader() {
    ClassLoader own = IndexLibrary.class.getClassLoader();
    try {
      URL[] jars = jars();
      return jars.length == 0 ? own : new IndexLibrary(jars, own);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static URL[] jars() throws IOException {
    Path folder = ownPlace().resolveSibling(FOLDER);
    List<URL> jars = new ArrayList<>();
    if (Files.isDirectory(folder)) {
      try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, "*.jar")) {
        for (Path jar : found) {
          jars.add(jar.toUri().toURL());
        }
      }
    }
    return jars.toArray(URL[]::new);
  }

  /** Our own jar. */
  private static Path ownPlace() throws IOException {
    try {
      return Path.of(
          IndexLibrary.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IOException(e);
    }
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (name.endsWith(UNSAFE)) {
      throw new ClassNotFoundException(name);
    }
    if (!name.startsWith(OWN)) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      return loaded == null ? define(name) : loaded;
    }
  }

  private Class<?> define(String name) throws ClassNotFoundException {
    try (InputStream file = getResourceAsStream(name.replace('.', '/') + ".class")) {
      if (file == null) {
        throw new ClassNotFoundException(name);
      }
      byte[] bytes = file.readAllBytes();
      return defineClass(name, bytes, 0, bytes.length);
    } catch (IOException e) {
      throw new ClassNotFoundException(name, e);
    }
  }
}
