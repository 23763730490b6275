package dev.turnpike.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The launcher's search and flags, with JDKs made of a release file and a script that prints its
 * arguments, one a line.
 */
class LauncherIT {
  private static final int UNAVAILABLE = 69;
  private static final String LOG_PROVIDER = "dev.turnpike.daemon.LogProvider";

  @TempDir Path temp;

  private Path image;
  private Path usualPlace;
  private final Map<String, String> environment = new HashMap<>();

  private record Answer(int exit, List<String> out, List<String> err) {}

  @BeforeEach
  void copyTheLauncher() throws IOException {
    image = Files.createDirectories(temp.toRealPath().resolve("the image"));
    Files.createDirectories(image.resolve("bin"));
    Files.createDirectories(image.resolve("lib"));
    Path launcher = image.resolve("bin/turnpike");
    Files.copy(
        Image.folder().resolve("bin/turnpike"), launcher, StandardCopyOption.COPY_ATTRIBUTES);
    // The JDKs this machine has would be found too: the copy looks for them below the test's
    // folder.
    usualPlace = Files.createDirectories(temp.toRealPath().resolve("jvm"));
    String text = Files.readString(launcher);
    assertTrue(text.contains(" /usr/lib/jvm/* "));
    Files.writeString(launcher, text.replace(" /usr/lib/jvm/* ", " " + usualPlace + "/* "));
    environment.put("PATH", tools());
    environment.put("HOME", temp.resolve("home").toString());
  }

  @Test
  void theBundledRuntimeComesFirst() throws Exception {
    jdk(image.resolve("runtime"), "25.0.3");
    environment.put("TURNPIKE_JAVA_HOME", jdk(temp.resolve("other"), "27").toString());
    assertEquals(image.resolve("runtime").toString(), used(run("status")));
  }

  @Test
  void theUsersChoiceGoesBeforeJavaHome() throws Exception {
    environment.put("TURNPIKE_JAVA_HOME", jdk(temp.resolve("mine"), "26").toString());
    environment.put("JAVA_HOME", jdk(temp.resolve("theirs"), "25").toString());
    assertEquals(temp.resolve("mine").toString(), used(run("status")));
  }

  @Test
  void anOldJavaIsPassedOver() throws Exception {
    environment.put("TURNPIKE_JAVA_HOME", jdk(temp.resolve("old"), "17.0.15").toString());
    environment.put("JAVA_HOME", jdk(temp.resolve("older"), "1.8.0_412").toString());
    jdk(usualPlace.resolve("a-17"), "17");
    Path modern = jdk(usualPlace.resolve("b-25"), "25.0.1");
    assertEquals(modern.toString(), used(run("status")));
  }

  @Test
  void aJavaOfSdkmanIsFound() throws Exception {
    Path modern = jdk(temp.resolve("home/.sdkman/candidates/java/25.0.1-tem"), "25.0.1");
    assertEquals(modern.toString(), used(run("status")));
  }

  @Test
  void theJavaOfThePathIsJudgedByItsRealHome() throws Exception {
    Path modern = jdk(temp.resolve("opt/jdk"), "25-ea");
    Files.createSymbolicLink(temp.resolve("tools/java"), modern.resolve("bin/java"));
    assertEquals(modern.toString(), used(run("status")));
  }

  @Test
  void itRunsThroughSymbolicLinksAndFromAnywhere() throws Exception {
    environment.put("JAVA_HOME", jdk(temp.resolve("jdk"), "25").toString());
    Path first = Files.createSymbolicLink(temp.resolve("absolute"), image.resolve("bin/turnpike"));
    Path folder = Files.createDirectories(temp.resolve("links"));
    Path second = Files.createSymbolicLink(folder.resolve("tp"), Path.of("../absolute"));
    for (Path link : List.of(first, second)) {
      Answer answer = run(link, "status");
      assertTrue(answer.out().contains(image.resolve("lib") + "/*"), answer.toString());
    }
  }

  @Test
  void argumentsArriveUntouched() throws Exception {
    environment.put("JAVA_HOME", jdk(temp.resolve("jdk"), "25").toString());
    List<String> out = run("show", "a b", "*", "").out();
    int main = out.indexOf("dev.turnpike.Turnpike");
    assertEquals(List.of("show", "a b", "*", ""), out.subList(main + 1, out.size()));
  }

  @Test
  void theDaemonIsKeptSmallAndCommandsStartFast() throws Exception {
    environment.put("JAVA_HOME", jdk(temp.resolve("jdk"), "25").toString());
    List<String> daemon = run("daemon").out();
    assertTrue(daemon.contains("-Xmx96m"));
    assertTrue(daemon.contains("-XX:+UseCompactObjectHeaders"));
    assertTrue(daemon.contains("-Dslf4j.provider=" + LOG_PROVIDER));
    assertNotNull(Class.forName(LOG_PROVIDER));
    List<String> command = run("status").out();
    assertTrue(command.contains("-Xmx64m"));
    assertTrue(command.contains("-Xshare:auto"));
  }

  @Test
  void theAotCacheIsUsedByTheDaemonOnceItIsThere() throws Exception {
    environment.put("JAVA_HOME", jdk(temp.resolve("jdk"), "25").toString());
    String flag = "-XX:AOTCache=" + image.resolve("turnpike.aot");
    assertTrue(run("daemon").out().stream().noneMatch(line -> line.contains("AOTCache")));
    Files.createFile(image.resolve("turnpike.aot"));
    assertTrue(run("daemon").out().contains(flag));
    assertTrue(run("status").out().stream().noneMatch(line -> line.contains("AOTCache")));
  }

  @Test
  void furtherFlagsComeAfterOurs() throws Exception {
    environment.put("JAVA_HOME", jdk(temp.resolve("jdk"), "25").toString());
    environment.put("TURNPIKE_JAVA_OPTS", "-Xmx200m -Da=*");
    List<String> out = run("status").out();
    assertTrue(out.indexOf("-Xmx200m") > out.indexOf("-Xmx64m"));
    assertTrue(out.contains("-Da=*"));
  }

  /** The JVM does not start where the objects of its cache do not fit into the heap it is given. */
  @Test
  void noAotCacheForAHeapItWasNotMadeFor() throws Exception {
    environment.put("JAVA_HOME", jdk(temp.resolve("jdk"), "25").toString());
    Files.createFile(image.resolve("turnpike.aot"));
    for (String heap : List.of("-Xmn16m", "-Da=b -Xmx200m", "-XX:+UseG1GC", "-XX:NewSize=9m")) {
      environment.put("TURNPIKE_JAVA_OPTS", heap);
      List<String> out = run("daemon").out();
      assertTrue(out.stream().noneMatch(line -> line.contains("AOTCache")), heap);
    }
    environment.put("TURNPIKE_JAVA_OPTS", "-Xlog:gc");
    assertTrue(run("daemon").out().stream().anyMatch(line -> line.contains("AOTCache")));
  }

  @Test
  void withoutAJavaItSaysInOneLineWhatToDo() throws Exception {
    environment.put("TURNPIKE_JAVA_HOME", jdk(temp.resolve("old"), "24.0.2").toString());
    Answer answer = run("status");
    assertEquals(UNAVAILABLE, answer.exit());
    assertEquals(List.of(), answer.out());
    assertEquals(1, answer.err().size(), answer.toString());
    assertTrue(answer.err().getFirst().contains("TURNPIKE_JAVA_HOME"));
  }

  /** A folder with the only tool the launcher needs, and no java: the real PATH may hold one. */
  private String tools() throws IOException {
    Path tools = Files.createDirectories(temp.resolve("tools"));
    script(tools.resolve("readlink"), "PATH=/bin:/usr/bin exec readlink \"$@\"");
    return tools.toString();
  }

  private static void script(Path file, String text) throws IOException {
    Files.writeString(file, "#!/bin/sh\n" + text + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** A JDK as far as the launcher looks at one. */
  private static Path jdk(Path home, String version) throws IOException {
    Files.createDirectories(home.resolve("bin"));
    Files.writeString(
        home.resolve("release"),
        "IMPLEMENTOR=\"nobody\"\nJAVA_VERSION=\"%s\"\nJAVA_VERSION_DATE=\"2025-01-01\"\n"
            .formatted(version));
    script(home.resolve("bin/java"), "echo \"$0\"\nfor a in \"$@\"; do echo \"$a\"; done");
    return home;
  }

  /** The home of the JDK that was started: the first line it printed is its own path. */
  private static String used(Answer answer) {
    return answer.out().getFirst().replace("/bin/java", "");
  }

  private Answer run(String... arguments) throws Exception {
    return run(image.resolve("bin/turnpike"), arguments);
  }

  private Answer run(Path program, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(program.toString()));
    command.addAll(List.of(arguments));
    Path out = temp.resolve("out");
    Path err = temp.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(temp.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    Process process = builder.start();
    if (!process.waitFor(20, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IllegalStateException("the launcher did not end: " + command);
    }
    return new Answer(process.exitValue(), Files.readAllLines(out), Files.readAllLines(err));
  }
}
