package dev.turnpike.agent.claudecode;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnpike.agent.AgentJson;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

  /**
   * A folder that changed so lately may have got more within the same tick of the file system's
   * clock: it is listed again.
   */
  private static final Duration YOUNG = Duration.ofSeconds(3);

  private record Listing(FileTime modified, boolean young, List<Path> folders, List<Path> agents) {}

  private record KnownMeta(FileTime modified, long size, Optional<Meta> meta) {}

  private final Path slug;
  private final Path folder;
  private final InstantSource clock = InstantSource.system();
  private final Map<Path, Listing> listings = new HashMap<>();
  private final Map<Path, KnownMeta> metas = new HashMap<>();
  private List<AgentFile> agents = List.of();

  SessionFolder(Path mainFile) {
    String name = String.valueOf(mainFile.getFileName());
    this.slug = mainFile.resolveSibling(".").normalize();
    this.folder = mainFile.resolveSibling(name.substring(0, name.length() - ".jsonl".length()));
  }

  /**
   * Files of sub-agents, in the order of their ids. Asked at every look: lists a folder again only
   * when it has changed. What a file says of its agent may have been rewritten since: {@link
   * #fresh}.
   */
  List<AgentFile> agents() throws IOException {
    var now = new LinkedHashMap<Path, Listing>();
    boolean changed = walk(folder.resolve("subagents"), now, 0);
    if (changed || now.size() != listings.size()) {
      agents = found(now.values());
    }
    listings.clear();
    listings.putAll(now);
    return agents;
  }

  private List<AgentFile> found(Collection<Listing> listed) throws IOException {
    var found = new ArrayList<AgentFile>();
    for (Listing each : listed) {
      for (Path file : each.agents()) {
        if (found.size() < AGENT_LIMIT) {
          String id = id(file);
          KnownMeta known = metas.get(meta(file));
          found.add(
              known != null && known.meta().isPresent()
                  ? new AgentFile(id, file, known.meta())
                  : read(id, file));
        }
      }
    }
    found.sort(Comparator.comparing(AgentFile::id));
    return List.copyOf(found);
  }

  /** As its file says now. */
  AgentFile fresh(AgentFile agent) throws IOException {
    return read(agent.id(), agent.path());
  }

  /** Where versions before the folder kept a sub-agent, if it is there. */
  Optional<AgentFile> besides(String id) {
    Path path = slug.resolve("agent-" + id + ".jsonl");
    return Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)
        ? Optional.of(new AgentFile(id, path, Optional.empty()))
        : Optional.empty();
  }

  /** Whether anything there is other than it was. */
  private boolean walk(Path directory, Map<Path, Listing> now, int depth) throws IOException {
    if (depth > DEPTH_LIMIT || !Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    try {
      FileTime modified = Files.getLastModifiedTime(directory, LinkOption.NOFOLLOW_LINKS);
      Listing known = listings.get(directory);
      Listing listing =
          known != null && !known.young() && known.modified().equals(modified)
              ? known
              : list(directory, modified);
      now.put(directory, listing);
      boolean changed = !listing.equals(known);
      for (Path below : listing.folders()) {
        changed |= walk(below, now, depth + 1);
      }
      return changed;
    } catch (NoSuchFileException | NotDirectoryException e) {
      // Cleaned away between the look and the listing: then there is nothing to list.
      return true;
    }
  }

  private Listing list(Path directory, FileTime modified) throws IOException {
    boolean young = modified.toInstant().isAfter(clock.instant().minus(YOUNG));
    var folders = new ArrayList<Path>();
    var files = new ArrayList<Path>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        String name = String.valueOf(entry.getFileName());
        if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
          folders.add(entry);
        } else if (files.size() < AGENT_LIMIT
            && name.startsWith("agent-")
            && name.endsWith(".jsonl")
            && AgentName.isWellFormed(id(entry))
            && Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS)) {
          files.add(entry);
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return new Listing(modified, young, folders, files);
  }

  private static String id(Path file) {
    String name = String.valueOf(file.getFileName());
    return name.substring("agent-".length(), name.length() - ".jsonl".length());
  }

  private static Path meta(Path file) {
    return file.resolveSibling("agent-" + id(file) + ".meta.json");
  }

  private AgentFile read(String id, Path file) throws IOException {
    Path path = meta(file);
    BasicFileAttributes facts;
    try {
      facts = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return new AgentFile(id, file, Optional.empty());
    }
    KnownMeta known = metas.get(path);
    if (known == null
        || known.size() != facts.size()
        || !known.modified().equals(facts.lastModifiedTime())
        || known.meta().isEmpty()) {
      boolean ours = facts.isRegularFile() && facts.size() <= META_LIMIT_BYTES;
      Optional<Meta> meta = ours ? written(path) : Optional.empty();
      known = new KnownMeta(facts.lastModifiedTime(), facts.size(), meta);
      metas.put(path, known);
    }
    return new AgentFile(id, file, known.meta());
  }

  private static Optional<Meta> written(Path path) throws IOException {
    JsonNode meta;
    try {
      meta = AgentJson.MAPPER.readTree(Files.readAllBytes(path));
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
