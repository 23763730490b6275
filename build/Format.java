import com.google.googlejavaformat.java.Main;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Checks or applies google-java-format over every Java source of the project. Run by the root pom
 * as a single source file, on the JDK of the toolchain:
 *
 * <pre>java ... build/Format.java check|apply ROOT VERSION</pre>
 *
 * What was found in order is remembered by its hash in {@code target/formatted}, so that a build
 * looks only at what has changed since.
 */
final class Format {
  private Format() {}

  public static void main(String[] args) throws Exception {
    boolean apply = args[0].equals("apply");
    Path root = Path.of(args[1]);
    String version = args[2];
    Path memory = root.resolve("target/formatted");
    Set<String> known = Files.exists(memory) ? new HashSet<>(Files.readAllLines(memory)) : Set.of();

    List<Path> unknown = new ArrayList<>();
    for (Path source : sources(root)) {
      if (!known.contains(mark(root, source, version))) {
        unknown.add(source);
      }
    }
    if (!unknown.isEmpty() && !format(root, unknown, apply)) {
      System.exit(1);
    }
    Set<String> now = new TreeSet<>();
    for (Path source : sources(root)) {
      now.add(mark(root, source, version));
    }
    if (!now.equals(known)) {
      Files.createDirectories(memory.getParent());
      Files.write(memory, now);
    }
  }

  /** True when all is in order, or has been put in order. */
  private static boolean format(Path root, List<Path> files, boolean apply) throws Exception {
    List<String> options =
        apply ? List.of("--replace") : List.of("--dry-run", "--set-exit-if-changed");
    List<String> command = new ArrayList<>(options);
    files.forEach(file -> command.add(file.toString()));
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exit =
        new Main(new PrintWriter(out), new PrintWriter(err), InputStream.nullInputStream())
            .format(command.toArray(String[]::new));
    if (exit != 0) {
      out.toString()
          .lines()
          .map(line -> "not formatted: " + root.relativize(Path.of(line)))
          .forEach(System.err::println);
      System.err.print(err);
      System.err.println("to format: mvn -q -N -Pformat process-sources");
    }
    return exit == 0;
  }

  private static List<Path> sources(Path root) throws IOException {
    List<Path> found = new ArrayList<>();
    try (Stream<Path> modules = Files.list(root)) {
      for (Path module : modules.sorted().toList()) {
        for (String kind : List.of("main", "test")) {
          Path folder = module.resolve("src").resolve(kind).resolve("java");
          if (Files.isDirectory(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
              files.filter(file -> file.toString().endsWith(".java")).sorted().forEach(found::add);
            }
          }
        }
      }
    }
    found.add(root.resolve("build/Format.java"));
    return found;
  }

  private static String mark(Path root, Path source, String version)
      throws IOException, NoSuchAlgorithmException {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    digest.update(version.getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(digest.digest(Files.readAllBytes(source)))
        + " "
        + root.relativize(source);
  }
}
