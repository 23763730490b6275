package dev.turnpike.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The image holds what docs and installer count on. */
class ImageIT {
  private final Path image = Image.folder();

  @Test
  void programsCanBeRunByEverybody() throws Exception {
    try (Stream<Path> programs = Files.list(image.resolve("bin"))) {
      for (Path program : programs.toList()) {
        assertEquals(
            "rwxr-xr-x",
            PosixFilePermissions.toString(Files.getPosixFilePermissions(program)),
            program.toString());
      }
    }
    assertTrue(Files.exists(image.resolve("bin/turnpike")));
  }

  @Test
  void theLibraryFolderHoldsJarsOnly() throws Exception {
    List<String> names = new ArrayList<>(names(image.resolve("lib")));
    assertTrue(names.remove("index"), names.toString());
    assertTrue(names.stream().allMatch(name -> name.endsWith(".jar")), names.toString());
    assertTrue(names.stream().anyMatch(name -> name.startsWith("turnpike-daemon-")));
  }

  /** What the index needs and nothing else: each jar of the class path costs every daemon. */
  @Test
  void theIndexHasItsLibrariesToItself() throws Exception {
    List<String> all = names(image.resolve("lib"));
    List<String> index = names(image.resolve("lib/index"));
    for (String needed : List.of("mapdb-", "elsa-", "eclipse-collections-1", "guava-", "lz4-")) {
      assertTrue(index.stream().anyMatch(name -> name.startsWith(needed)), index.toString());
      assertTrue(all.stream().noneMatch(name -> name.startsWith(needed)), all.toString());
    }
  }

  @Test
  void nothingOfTheTestsIsShipped() throws Exception {
    List<String> names = names(image.resolve("lib"));
    for (String absent : List.of("junit", "jqwik", "mockwebserver", "protobuf")) {
      assertTrue(names.stream().noneMatch(name -> name.contains(absent)), absent);
    }
  }

  @Test
  void theLicenceComesAlong() {
    assertTrue(Files.exists(image.resolve("LICENSE")));
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
