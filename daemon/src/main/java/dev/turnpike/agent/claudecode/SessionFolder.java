package dev.turnpike.agent.claudecode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What lies beside a session's main file {@code <slug>/<session>.jsonl}: the folder {@code
 * <slug>/<session>/} with the files of its sub-agents and tool outputs that were too long for a
 * row. Follows no symbolic link, leaves the folder for nothing, reads no file beyond a limit.
 */
final class SessionFolder {
  static final int AGENT_LIMIT = 2000;
  static final long META_LIMIT_BYTES = 64 * 1024;
  static final int OUTPUT_LIMIT_BYTES = 1024 * 1024;
  private static final int DEPTH_LIMIT = 4;

  /**
   * @param meta what {@code agent-<id>.meta.json} says; older versions have none
   */
  record AgentFile(String id, Path path, Optional<Meta> meta) {}

  record Meta(
      @Nullable String type,
      @Nullable String description,
      @Nullable String toolUseId,
      @Nullable String parentAgent,
      int depth,
      boolean background,
      boolean finished) {}

  private final Path slug;
  private final Path folder;
  private final JsonMapper mapper = new JsonMapper();

  SessionFolder(Path mainFile) {
    String name = String.valueOf(mainFile.getFileName());
    this.slug = mainFile.resolveSibling(".").normalize();
    this.folder = mainFile.resolveSibling(name.substring(0, name.length() - ".jsonl".length()));
  }

  /** Files of sub-agents, in the order of their ids. */
  List<AgentFile> agents() throws IOException {
    var found = new ArrayList<AgentFile>();
    walk(folder.resolve("subagents"), found, 0);
    found.sort(Comparator.comparing(AgentFile::id));
    return found;
  }

  /** Where versions before the folder kept a sub-agent, if it is there. */
  Optional<AgentFile> besides(String id) {
    Path path = slug.resolve("agent-" + id + ".jsonl");
    return Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)
        ? Optional.of(new AgentFile(id, path, Optional.empty()))
        : Optional.empty();
  }

  private void walk(Path directory, List<AgentFile> found, int depth) throws IOException {
    if (depth > DEPTH_LIMIT || !Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        String name = String.valueOf(entry.getFileName());
        if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
          walk(entry, found, depth + 1);
        } else if (found.size() < AGENT_LIMIT
            && name.startsWith("agent-")
            && name.endsWith(".jsonl")
            && AgentName.isWellFormed(name.substring(6, name.length() - 6))
            && Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS)) {
          String id = name.substring(6, name.length() - 6);
          found.add(
              new AgentFile(id, entry, meta(entry.resolveSibling("agent-" + id + ".meta.json"))));
        }
      }
    } catch (NoSuchFileException | NotDirectoryException e) {
      // Cleaned away between the look and the listing: then there is nothing to list.
      return;
    }
  }

  private Optional<Meta> meta(Path path) throws IOException {
    if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)
        || Files.size(path) > META_LIMIT_BYTES) {
      return Optional.empty();
    }
    JsonNode meta;
    try {
      meta = mapper.readTree(Files.readAllBytes(path));
    } catch (com.fasterxml.jackson.core.JacksonException e) {
      // It is rewritten in place: half of it may be there. The next look sees the whole.
      return Optional.empty();
    }
    return Optional.of(
        new Meta(
            LineParser.text(meta, "agentType"),
            LineParser.text(meta, "description"),
            LineParser.text(meta, "toolUseId"),
            LineParser.text(meta, "parentAgentId"),
            meta.path("spawnDepth").asInt(0),
            "background".equals(LineParser.text(meta, "requestShape")),
            meta.path("finished").asBoolean(false)));
  }

  /**
   * A tool's whole output, where a row names a file for it that lies in this session's folder; cut
   * at the limit.
   */
  Optional<String> output(String named) throws IOException {
    Path file;
    try {
      file = Path.of(named).normalize();
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
    Path outputs = folder.resolve("tool-results");
    // A moved or copied session names its old place: the file's own name is what counts.
    Path own = outputs.resolve(String.valueOf(file.getFileName())).normalize();
    if (!outputs.equals(own.getParent())
        || !Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
        || !Files.isDirectory(outputs, LinkOption.NOFOLLOW_LINKS)
        || !Files.isRegularFile(own, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.empty();
    }
    try (InputStream in = Files.newInputStream(own, LinkOption.NOFOLLOW_LINKS)) {
      byte[] bytes = in.readNBytes(OUTPUT_LIMIT_BYTES);
      return Optional.of(new String(bytes, StandardCharsets.UTF_8));
    }
  }
}
