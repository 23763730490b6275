package dev.turnpike.agent.claudecode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.agent.claudecode.SessionFolder.AgentFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SessionFolderTest {
  @TempDir Path home;
  private Path agents;
  private SessionFolder folder;

  @BeforeEach
  void begin() throws IOException {
    agents = Files.createDirectories(home.resolve("session/subagents"));
    folder = new SessionFolder(home.resolve("session.jsonl"));
  }

  private void agent(String id) throws IOException {
    Files.writeString(agents.resolve("agent-" + id + ".jsonl"), "{}\n");
  }

  private void meta(String id, String json) throws IOException {
    Files.writeString(agents.resolve("agent-" + id + ".meta.json"), json);
  }

  private void changed(Duration ago) throws IOException {
    Files.setLastModifiedTime(agents, FileTime.from(Instant.now().minus(ago)));
  }

  private List<String> ids() throws IOException {
    return folder.agents().stream().map(AgentFile::id).toList();
  }

  @Test
  void aFolderThatHasNotChangedIsNotListedAgain() throws IOException {
    agent("a1");
    changed(Duration.ofHours(1));
    List<AgentFile> before = folder.agents();
    assertSame(before, folder.agents());
    agent("a2");
    changed(Duration.ofMinutes(30));
    assertEquals(List.of("a1", "a2"), ids());
  }

  @Test
  void aFolderThatHasOnlyJustChangedIsListedUntilThatIsAWhileAgo() throws IOException {
    agent("a1");
    FileTime tick = FileTime.from(Instant.now());
    Files.setLastModifiedTime(agents, tick);
    assertEquals(List.of("a1"), ids());
    agent("a2");
    Files.setLastModifiedTime(agents, tick); // the same tick of a coarse clock
    assertEquals(List.of("a1", "a2"), ids());
  }

  @Test
  void whatAFileSaysOfItsAgentIsReadAnewWhenItWasRewritten() throws IOException {
    agent("a1");
    meta("a1", "{\"toolUseId\":\"t1\",\"finished\":false}");
    changed(Duration.ofHours(1));
    AgentFile listed = folder.agents().getFirst();
    assertFalse(listed.meta().orElseThrow().finished());
    meta("a1", "{\"toolUseId\":\"t1\",\"finished\":true}");
    changed(Duration.ofHours(1));
    assertTrue(folder.fresh(listed).meta().orElseThrow().finished());
  }

  @Test
  void whatIsOnlyHalfThereIsLookedAtAgain() throws IOException {
    agent("a1");
    meta("a1", "{\"toolUseId\":\"t");
    changed(Duration.ofHours(1));
    AgentFile listed = folder.agents().getFirst();
    assertTrue(listed.meta().isEmpty());
    meta("a1", "{\"toolUseId\":\"t1\"}");
    assertEquals("t1", folder.fresh(listed).meta().orElseThrow().toolUseId());
  }

  @Test
  void agentsOfAWorkflowAreFoundWhenTheirFolderComes() throws IOException {
    agent("a1");
    changed(Duration.ofHours(1));
    assertEquals(List.of("a1"), ids());
    Path flow = Files.createDirectories(agents.resolve("workflows/wf-1"));
    Files.writeString(flow.resolve("agent-a2.jsonl"), "{}\n");
    assertEquals(List.of("a1", "a2"), ids());
    Files.delete(flow.resolve("agent-a2.jsonl"));
    Files.delete(flow);
    assertEquals(List.of("a1"), ids());
  }
}
