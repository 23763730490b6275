package dev.turnpike.it;

import dev.turnpike.image.Image;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.Stream;

/** The built image as another version: the same programs, which call themselves otherwise. */
final class OtherVersion {
  private static final String FACTS = "turnpike.properties";

  private OtherVersion() {}

  static Path image(Path folder, String version) throws IOException {
    Path built = Image.folder();
    Path bin = Files.createDirectories(folder.resolve("bin"));
    Path lib = Files.createDirectories(folder.resolve("lib"));
    for (String program : new String[] {"turnpike", "turnpike-hook"}) {
      Files.copy(
          built.resolve("bin").resolve(program),
          bin.resolve(program),
          StandardCopyOption.COPY_ATTRIBUTES);
    }
    try (Stream<Path> jars = Files.list(built.resolve("lib"))) {
      for (Path jar : jars.toList()) {
        Path other = lib.resolve(jar.getFileName());
        Files.copy(jar, other);
        if (jar.getFileName().toString().startsWith("turnpike-daemon")) {
          rename(other, version);
        }
      }
    }
    return folder;
  }

  private static void rename(Path jar, String version) throws IOException {
    try (FileSystem inside = FileSystems.newFileSystem(jar)) {
      Path facts = inside.getPath(FACTS);
      String text = Files.readString(facts);
      String other = text.replaceAll("(?m)^(version\\s*[=:]\\s*).*$", "$1" + version);
      if (other.equals(text)) {
        throw new IOException("no version in " + FACTS + ": " + text);
      }
      Files.writeString(facts, other);
    }
  }
}
