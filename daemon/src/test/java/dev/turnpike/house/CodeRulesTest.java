package dev.turnpike.house;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Rules on what classes are called and what they call, read from the compiled classes. */
class CodeRulesTest {
  private static final Pattern BANNED_NAME =
      Pattern.compile(".*(Manager|Utils?|Impl|Data|Info|Helper)");

  /**
   * Time, randomness and waiting come in through the constructor, so that tests own them: {@code
   * InstantSource}, ids made of the source's own facts, a condition with a deadline.
   */
  private static final Map<String, String> BANNED_CALLS =
      Map.of(
          "java/lang/Thread.sleep", "waits without a condition",
          "java/lang/System.currentTimeMillis", "reads the clock: take an InstantSource",
          "java/time/Instant.now()", "reads the clock: take an InstantSource",
          "java/util/UUID.randomUUID", "makes an id that a retry cannot repeat",
          "java/lang/Class.forName", "is reflection");

  /** Class and call that may be, with the reason. */
  private static final Map<String, String> ALLOWED_CALLS =
      Map.of(
          "dev/turnpike/session/Router java/lang/Thread.sleep",
          "a hook that is being answered goes before the work it makes: 5 to 40 ms, on a thread of"
              + " its own",
          "dev/turnpike/session/Sessions java/lang/Thread.sleep",
          "the sweep's own pace: every 30 s, on a thread of its own",
          "dev/turnpike/daemon/FlushRun java/lang/Thread.sleep",
          "a flush that somebody waits for looks every 20 ms until its deadline");

  @Test
  void typeNamesSayWhatTheThingIs() throws Exception {
    List<CompiledClass> classes = new ArrayList<>(CompiledClass.below(SourceTree.mainClasses()));
    classes.addAll(CompiledClass.below(SourceTree.testClasses()));
    assertNone(classes.stream().map(CodeRulesTest::bannedName));
  }

  @Test
  void noClassReadsTheClockSleepsOrInventsIds() throws Exception {
    assertNone(shipped().flatMap(CodeRulesTest::bannedCalls));
  }

  @Test
  void everyExceptionIsStillNeeded() throws Exception {
    Set<String> found = new TreeSet<>();
    for (CompiledClass compiled : shipped().toList()) {
      BANNED_CALLS.keySet().stream()
          .filter(banned -> compiled.calls().stream().anyMatch(call -> call.startsWith(banned)))
          .forEach(banned -> found.add(compiled.name() + " " + banned));
    }
    assertNone(ALLOWED_CALLS.keySet().stream().filter(allowed -> !found.contains(allowed)));
  }

  @Test
  void noStaticFieldCanChange() throws Exception {
    assertNone(
        shipped()
            .flatMap(
                compiled ->
                    compiled.mutableStatics().stream()
                        .map(field -> compiled.name() + "." + field + " is static, not final")));
  }

  @Test
  void theRulesSeeWhatTheyForbid() {
    CompiledClass planted =
        new CompiledClass(
            "dev/turnpike/session/SessionManager",
            Set.of(),
            Set.of(
                "java/time/Instant.now()Ljava/time/Instant;",
                "java/time/Instant.now(Ljava/time/Clock;)Ljava/time/Instant;"),
            List.of());
    assertEquals(1, bannedCalls(planted).count());
    assertFalse(bannedName(planted).isEmpty());
    assertTrue(bannedName(named("dev/turnpike/model/Metadata")).isEmpty());
    assertFalse(bannedName(named("dev/turnpike/model/Trace$ExtraData")).isEmpty());
  }

  private static CompiledClass named(String name) {
    return new CompiledClass(name, Set.of(), Set.of(), List.of());
  }

  private static Stream<CompiledClass> shipped() throws Exception {
    Path classes = SourceTree.mainClasses();
    return CompiledClass.below(classes).stream();
  }

  private static Stream<String> bannedCalls(CompiledClass compiled) {
    return compiled.calls().stream()
        .flatMap(
            call ->
                BANNED_CALLS.entrySet().stream()
                    .filter(banned -> call.startsWith(banned.getKey()))
                    .filter(
                        banned ->
                            !ALLOWED_CALLS.containsKey(compiled.name() + " " + banned.getKey()))
                    .map(banned -> compiled.name() + ": " + call + " " + banned.getValue()));
  }

  /** The complaint, or an empty text. */
  private static String bannedName(CompiledClass compiled) {
    return BANNED_NAME.matcher(compiled.simpleName()).matches()
        ? compiled.name() + ": the last word of the name says nothing"
        : "";
  }

  private static void assertNone(Stream<String> complaints) {
    List<String> found = complaints.filter(complaint -> !complaint.isEmpty()).sorted().toList();
    assertTrue(found.isEmpty(), () -> "\n" + String.join("\n", found));
  }
}
