package dev.turnpike.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Plays a capture as Claude Code produced it: before each hook the files have the rows they had
 * when it fired, afterwards they grow row by row to what the next hook found. The agent is a
 * process of its own, which ends when the capture does; one for each that was captured.
 */
final class Replay implements AutoCloseable {
  /** In what order. */
  enum Mode {
    NORMAL,
    /** Final files first, then all hooks back to back. */
    AT_ONCE,
    /** Every hook twice. */
    DUPLICATED,
    /** Neighbours that end nothing are swapped. */
    REORDERED,
    /** A third of the hooks that end nothing are lost. */
    DROPPED
  }

  /** How fast the captured time passes. */
  record Pace(int faster, Duration longest) {
    static final Pace WITHOUT_GAPS = new Pace(1, Duration.ZERO);
    static final Pace COMPRESSED = new Pace(50, Duration.ofMillis(40));

    private Duration of(Duration captured) {
      Duration shorter = captured.dividedBy(faster);
      return shorter.compareTo(longest) < 0 ? shorter : longest;
    }
  }

  /** One thing that happens: a row is written, a hook fires, an agent ends. */
  interface Happening {
    void happen() throws IOException, InterruptedException;
  }

  private static final List<String> ENDINGS =
      List.of("Stop", "StopFailure", "SubagentStop", "SessionEnd");

  private record Hook(
      String event,
      byte[] payload,
      Instant at,
      Map<String, Integer> rows,
      Map<String, String> environment,
      Path cwd,
      String agent,
      boolean fired) {
    Hook inPlaceOf(Hook other) {
      return new Hook(event, payload, other.at, other.rows, environment, cwd, agent, fired);
    }

    Hook lost() {
      return new Hook(event, payload, at, rows, environment, cwd, agent, false);
    }

    boolean ends() {
      return ENDINGS.contains(event);
    }
  }

  private final Path home;
  private final Rewriting rewriting;
  private final Mode mode;
  private final Random random;
  private Map<String, String> environment;
  private final HookClient client;
  private final Map<String, Growing> files = new TreeMap<>();
  private final Map<String, String> companions = new TreeMap<>();
  private final List<Hook> hooks = new ArrayList<>();
  private final Map<String, StandInAgent> agents = new HashMap<>();
  private Pace pace = Pace.COMPRESSED;

  /**
   * @param home the developer's home directory
   * @param seed of what the mode leaves to chance
   * @param environment variables of every hook call besides the captured ones
   */
  Replay(
      Fixture fixture,
      Path home,
      Mode mode,
      long seed,
      Path turnpikeHome,
      Map<String, String> environment)
      throws IOException {
    this.home = home;
    this.rewriting = Rewriting.to(home);
    this.mode = mode;
    this.random = new Random(seed);
    this.environment = Map.copyOf(environment);
    this.client = new HookClient(turnpikeHome);
    readFiles(fixture.folder().resolve("projects"));
    for (String line : Files.readAllLines(fixture.folder().resolve("hooks.jsonl"))) {
      if (!line.isBlank()) {
        hooks.add(hook(Fixture.JSON.readTree(line)));
      }
    }
    makeRepository();
  }

  Replay at(Pace other) {
    pace = other;
    return this;
  }

  /** Plays all of it and ends the agents. */
  void play() throws IOException, InterruptedException {
    play(happenings());
    close();
  }

  /** All of it but the end of the last agent, for whoever plays several at a time. */
  List<Happening> happenings() {
    return happenings(planned());
  }

  /**
   * What happens from one of the captured hooks, counted from 0, until before another: that one
   * finds its rows. What the files hold when the first fires is there at once. Agents stay alive.
   */
  List<Happening> part(int from, int until) {
    return betweenHooks(planned(), from, until);
  }

  /** The names of the captured events in their order. */
  List<String> events() {
    return hooks.stream().map(Hook::event).toList();
  }

  void play(List<Happening> some) throws IOException, InterruptedException {
    for (Happening happening : some) {
      happening.happen();
    }
  }

  /** The variables of all hook calls from now on, besides the captured ones. */
  void environment(Map<String, String> variables) {
    environment = Map.copyOf(variables);
  }

  private List<Happening> happenings(List<Hook> plan) {
    if (mode == Mode.AT_ONCE) {
      var all = new ArrayList<Happening>();
      all.add(this::growToEnd);
      plan.forEach(hook -> all.add(() -> fire(hook)));
      return all;
    }
    return betweenHooks(plan, 0, plan.size());
  }

  private List<Happening> betweenHooks(List<Hook> plan, int from, int until) {
    var all = new ArrayList<Happening>();
    Map<String, Integer> have = new TreeMap<>();
    plan.subList(0, from).forEach(hook -> raise(have, hook.rows()));
    for (int i = from; i < until; i++) {
      Hook hook = plan.get(i);
      raise(have, hook.rows());
      Map<String, Integer> found = Map.copyOf(have);
      all.add(() -> grow(found));
      all.add(() -> fire(hook));
      if (i + 1 < plan.size()) {
        Hook next = plan.get(i + 1);
        all.addAll(rowsUntil(found, next.rows()));
        Duration gap = Duration.between(hook.at(), next.at());
        all.add(() -> passTime(gap));
        List<Hook> later = plan.subList(i + 1, until);
        if (until == plan.size()
            && later.stream().noneMatch(other -> other.agent().equals(hook.agent()))) {
          all.add(() -> endAgent(hook.agent()));
        }
      }
    }
    if (until == plan.size()) {
      Map<String, Integer> last = Map.copyOf(have);
      var full = new TreeMap<String, Integer>();
      files.forEach((name, file) -> full.put(name, file.size()));
      all.addAll(rowsUntil(last, full));
      all.add(this::growToEnd);
    }
    return all;
  }

  private static void raise(Map<String, Integer> have, Map<String, Integer> to) {
    to.forEach((name, rows) -> have.merge(name, rows, Math::max));
  }

  private List<Hook> planned() {
    var plan = new ArrayList<>(hooks);
    if (mode == Mode.REORDERED) {
      for (int i = 0; i + 1 < plan.size(); i++) {
        Hook a = plan.get(i);
        Hook b = plan.get(i + 1);
        if (!a.ends() && !b.ends() && random.nextBoolean()) {
          plan.set(i, b.inPlaceOf(a));
          plan.set(i + 1, a.inPlaceOf(b));
          i++;
        }
      }
    }
    if (mode == Mode.DROPPED) {
      plan.replaceAll(hook -> !hook.ends() && random.nextInt(3) == 0 ? hook.lost() : hook);
    }
    return plan;
  }

  /** The rows that all files get until they have these, one by one in the order of their times. */
  private List<Happening> rowsUntil(Map<String, Integer> from, Map<String, Integer> to) {
    record Due(Growing file, int rows, Instant at) {}
    var due = new ArrayList<Due>();
    files.forEach(
        (name, file) -> {
          int last = Math.min(to.getOrDefault(name, 0), file.size());
          for (int row = from.getOrDefault(name, 0); row < last; row++) {
            due.add(new Due(file, row + 1, file.at(row)));
          }
        });
    due.sort(Comparator.comparing(Due::at));
    return due.stream()
        .<Happening>map(
            one ->
                () -> {
                  one.file().grow(one.rows());
                  writeCompanions(false);
                })
        .toList();
  }

  private void fire(Hook hook) throws IOException, InterruptedException {
    if (!hook.fired()) {
      return;
    }
    int times = mode == Mode.DUPLICATED ? 2 : 1;
    for (int i = 0; i < times; i++) {
      var all = new HashMap<>(hook.environment());
      all.putAll(environment);
      all.put("HOME", home.toString());
      if (!hook.agent().isEmpty()) {
        all.put("CLAUDE_PID", Long.toString(agent(hook.agent()).pid()));
      }
      client.call("claude-code", hook.payload(), all, hook.cwd());
    }
  }

  private StandInAgent agent(String captured) throws IOException {
    StandInAgent agent = agents.get(captured);
    if (agent == null) {
      agent = StandInAgent.start();
      agents.put(captured, agent);
    }
    return agent;
  }

  private void endAgent(String captured) {
    StandInAgent agent = agents.remove(captured);
    if (agent != null) {
      agent.close();
    }
  }

  private void passTime(Duration captured) throws InterruptedException {
    // the agent works
    Thread.sleep(pace.of(captured.isNegative() ? Duration.ZERO : captured));
  }

  private void grow(Map<String, Integer> rows) throws IOException {
    for (var file : files.entrySet()) {
      file.getValue().grow(rows.getOrDefault(file.getKey(), 0));
    }
    writeCompanions(false);
  }

  private void growToEnd() throws IOException {
    for (Growing file : files.values()) {
      file.growToEnd();
    }
    writeCompanions(true);
  }

  /** The small files beside a transcript; they say "finished" when it is whole. */
  private void writeCompanions(boolean end) throws IOException {
    for (var companion : companions.entrySet()) {
      String name = companion.getKey();
      String text = companion.getValue();
      Growing owner = files.get(name.replace(".meta.json", ".jsonl"));
      if (owner != null && name.endsWith(".meta.json")) {
        if (!owner.begun()) {
          continue;
        }
        ObjectNode facts = (ObjectNode) Fixture.JSON.readTree(text);
        if (facts.has("finished") && !owner.whole() && !end) {
          facts.put("finished", false);
        }
        text = facts.toString();
      }
      replace(target(name), text);
    }
  }

  private static void replace(Path file, String text) throws IOException {
    if (Files.exists(file) && Files.readString(file).equals(text)) {
      return;
    }
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private void readFiles(Path projects) throws IOException {
    if (!Files.isDirectory(projects)) {
      return;
    }
    try (Stream<Path> all = Files.walk(projects)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        String name = projects.relativize(file).toString();
        if (name.endsWith(".jsonl")) {
          files.put(name, new Growing(file, target(name), rewriting));
        } else {
          companions.put(name, rewriting.text(Files.readString(file)));
        }
      }
    }
  }

  private Path target(String name) {
    return home.resolve(".claude/projects").resolve(rewriting.text(name));
  }

  private Hook hook(JsonNode captured) {
    JsonNode payload = captured.path("payload");
    var rows = new TreeMap<String, Integer>();
    captured
        .path("rows_on_disk")
        .properties()
        .forEach(e -> rows.put(e.getKey(), e.getValue().asInt()));
    var variables = new LinkedHashMap<String, String>();
    captured
        .path("env")
        .properties()
        .forEach(e -> variables.put(e.getKey(), rewriting.text(e.getValue().asText())));
    return new Hook(
        payload.path("hook_event_name").asText(),
        rewriting.text(payload.toString()).getBytes(StandardCharsets.UTF_8),
        Instant.parse(captured.path("received_at").asText()),
        rows,
        variables,
        Path.of(rewriting.text(payload.path("cwd").asText("/home/dev/shop"))),
        captured.path("env").path("CLAUDE_PID").asText(""),
        true);
  }

  /** Enough of a repository for a reader of {@code .git}. */
  private void makeRepository() throws IOException {
    Path git = home.resolve("shop/.git");
    if (!Files.exists(git)) {
      Files.createDirectories(git.resolve("refs/heads"));
      Files.writeString(git.resolve("HEAD"), "ref: refs/heads/feature/checkout\n");
      Files.writeString(git.resolve("config"), "[core]\n\trepositoryformatversion = 0\n");
    }
  }

  /** Ends the agents that still run. */
  @Override
  public void close() {
    agents.values().forEach(StandInAgent::close);
    agents.clear();
  }
}
