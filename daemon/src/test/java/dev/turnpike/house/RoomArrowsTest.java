package dev.turnpike.house;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Data flows one way through the rooms: see the table in {@link Rooms}. */
class RoomArrowsTest {
  @Test
  void noClassUsesARoomItMayNot() throws Exception {
    Map<String, Set<String>> uses = new TreeMap<>();
    for (CompiledClass compiled : CompiledClass.below(SourceTree.mainClasses())) {
      uses.put(compiled.name(), compiled.uses());
    }
    assertTrue(uses.containsKey("dev/turnpike/model/Trace"), "read no classes");
    List<String> violations = Rooms.violations(uses);
    assertTrue(violations.isEmpty(), () -> "\n" + String.join("\n", violations));
  }

  @Test
  void theTableHasNoCycle() {
    assertEquals(List.of(), Rooms.cycle());
    assertEquals(Set.of(), Rooms.undescribed());
  }

  @Test
  void arrowsThatPointBackAreSeen() {
    assertForbidden("dev/turnpike/model/Trace", "dev/turnpike/agent/Agent");
    assertForbidden("dev/turnpike/agent/Agent", "dev/turnpike/agent/codex/Codex");
    assertForbidden("dev/turnpike/agent/codex/Codex", "dev/turnpike/agent/cursor/Rows");
    assertForbidden("dev/turnpike/genai/SpanTurns", "dev/turnpike/agent/SessionRef");
    assertForbidden("dev/turnpike/export/Delivery", "dev/turnpike/export/langfuse/Otlp");
    assertForbidden("dev/turnpike/export/local/Shelf", "dev/turnpike/export/langfuse/Otlp");
    assertForbidden("dev/turnpike/cli/Status", "dev/turnpike/gateway/Gateway");
    assertForbidden("dev/turnpike/gateway/api/StatusView", "dev/turnpike/gateway/Gateway");
    assertForbidden("dev/turnpike/daemon/Daemon", "dev/turnpike/agent/codex/Codex");
    assertForbidden("dev/turnpike/daemon/Daemon", "dev/turnpike/Turnpike");
    assertForbidden("dev/turnpike/daemon/Daemon", "dev/turnpike/cli/Status");
  }

  @Test
  void arrowsOfTheTableAreAllowed() {
    assertAllowed("dev/turnpike/agent/codex/rows/Row", "dev/turnpike/agent/codex/Codex");
    assertAllowed("dev/turnpike/agent/codex/Codex", "dev/turnpike/agent/Agent");
    assertAllowed("dev/turnpike/export/langfuse/Otlp", "dev/turnpike/export/Exporter");
    assertAllowed("dev/turnpike/gateway/Gateway", "dev/turnpike/gateway/api/StatusView");
    assertAllowed("dev/turnpike/cli/Status", "dev/turnpike/gateway/api/StatusView");
    assertAllowed("dev/turnpike/daemon/Daemon", "dev/turnpike/export/langfuse/Otlp");
    assertAllowed("dev/turnpike/Agents", "dev/turnpike/agent/codex/Codex");
  }

  @Test
  void aRoomNobodyDescribedIsRefused() {
    List<String> violations = Rooms.violations(Map.of("dev/turnpike/attic/Box", Set.of()));
    assertEquals(1, violations.size());
  }

  @Test
  void aTypeThatOnlyAppearsInASignatureIsSeen() {
    ClassDesc used = ClassDesc.of("dev.turnpike.cli.Status");
    byte[] bytes =
        ClassFile.of()
            .build(
                ClassDesc.of("dev.turnpike.model.Planted"),
                builder ->
                    builder.withMethodBody(
                        "take",
                        MethodTypeDesc.of(ConstantDescs.CD_void, used.arrayType()),
                        ClassFile.ACC_STATIC,
                        code -> code.return_()));
    CompiledClass planted = CompiledClass.of(ClassFile.of().parse(bytes));
    assertEquals(Set.of("dev/turnpike/cli/Status"), planted.uses());
  }

  private static void assertForbidden(String user, String used) {
    assertEquals(1, Rooms.violations(Map.of(user, Set.of(used))).size(), user + " -> " + used);
  }

  private static void assertAllowed(String user, String used) {
    assertEquals(List.of(), Rooms.violations(Map.of(user, Set.of(used))), user + " -> " + used);
  }
}
