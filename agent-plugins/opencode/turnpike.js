// Turnpike's plugin for OpenCode: hands the agent's events to the Turnpike daemon, and never hurts.
//
// One file, no dependencies, nothing but node: modules, so that it runs in whatever runtime OpenCode is built on. `turnpike install`
// puts it into ~/.config/opencode/plugins/. What is sent, and how, is described in docs/agents/opencode.md and docs/socket-api.md.
//
// The promises: no hook throws, rejects or waits (dispose waits, within a budget); what the daemon does not take goes to its spool; a
// process that is killed has already sent all but the last few milliseconds; the memory held is bounded.
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";

const CLIENT = "0.1.0";
// `turnpike install` writes the path of its own program here; a file placed by hand finds it on PATH.
const PROGRAM = "";

const GATHER_MS = 30; // events that come close together go in one request
const POST_MS = 1500; // one request, altogether
const DISPOSE_MS = 1500; // what an orderly exit may wait for a daemon that answers
const DISPOSE_UNPROVEN_MS = 250; // and for one that never did
const REST_FIRST_MS = 1000; // after a failure the daemon is left alone, twice as long each time
const REST_LAST_MS = 30_000;
const REST_ABSENT_MS = 2_000; // where nobody listens, asking again costs nothing
const BATCH_BYTES = 512 * 1024;
const QUEUE_BYTES = 8 * 1024 * 1024; // beyond it the oldest batches go to the spool
const BODY_LIMIT = 15 * 1024 * 1024; // the daemon takes 17 MiB, of a spool file 16 MiB
const LINE_LIMIT = 4 * 1024 * 1024;
const CUT_CHARS = 100_000; // of each text of a line that is longer than its limit
const SESSIONS_LIMIT = 4096;
const OUTPUT_FIRST_MS = 250; // how soon a running tool's grown output is told again, twice as long each time
const OUTPUT_LAST_MS = 30_000;

const SPOOL_FILES = 10_000;
const SPOOL_BYTES = 64 * 1024 * 1024;
const DROPPED_BYTES = 1024 * 1024;
const START_INTERVAL_MS = 10_000;

const ENV_VALUE_BYTES = 8 * 1024;
const ENV_TOTAL_BYTES = 64 * 1024;
const ENV_COUNT = 256;

const WANTED = new Set([
  "session.created", "session.updated", "session.deleted", "session.idle", "session.status", "session.error",
  "message.updated", "message.removed", "message.part.updated", "message.part.removed",
  "permission.asked", "permission.replied",
]);
const PART_TYPES = new Set(["text", "reasoning", "tool", "step-start", "step-finish", "file", "agent", "subtask", "compaction"]);

// ------------------------------------------------------------------------------------------------ places

/** Where daemon and client meet: docs/hook-client.md. */
function places(env = process.env) {
  const home = env.HOME || os.homedir();
  const mac = process.platform === "darwin";
  const absolute = (value) => (value && value.startsWith("/") ? value : undefined);
  const xdgState = path.join(absolute(env.XDG_STATE_HOME) ?? path.join(home, ".local/state"), "turnpike");
  const library = path.join(home, "Library/Application Support/turnpike");
  const own = env.TURNPIKE_HOME?.trim() ? path.resolve(env.TURNPIKE_HOME) : undefined;
  const state = own ? path.join(own, "state") : mac ? library : xdgState;
  let sockets;
  if (env.TURNPIKE_SOCKET?.trim()) sockets = [path.resolve(env.TURNPIKE_SOCKET)];
  else if (own) sockets = [path.join(own, "turnpike.sock")];
  else if (mac) sockets = [path.join(library, "turnpike.sock")];
  else {
    const uid = process.getuid?.() ?? 0;
    const runtime = absolute(env.XDG_RUNTIME_DIR);
    sockets = [
      ...(runtime ? [path.join(runtime, "turnpike/turnpike.sock")] : []),
      `/run/user/${uid}/turnpike/turnpike.sock`,
      path.join(xdgState, "turnpike.sock"),
      path.join(home, ".local/state/turnpike/turnpike.sock"),
    ];
  }
  return { state, spool: path.join(state, "spool"), sockets: [...new Set(sockets)], home };
}

// ------------------------------------------------------------------------------------------------ the request

const encoded = (value) => {
  let text = "";
  for (const byte of Buffer.from(String(value))) {
    const c = String.fromCharCode(byte);
    text += /[A-Za-z0-9._~/:@+,=-]/.test(c) ? c : "%" + byte.toString(16).toUpperCase().padStart(2, "0");
  }
  return text;
};

/** The allow-listed variables as header lines. Never a key, token or URL of the agent's own. */
function environmentLines(env = process.env) {
  let lines = "";
  let left = ENV_COUNT;
  let dropped = 0;
  for (const [name, value] of Object.entries(env)) {
    const ours = name === "TRACE_TO_LANGFUSE" || name === "OTEL_RESOURCE_ATTRIBUTES" || /^(LANGFUSE_|CC_LANGFUSE_|TURNPIKE_)[A-Za-z0-9_]*$/.test(name);
    if (!ours || value === undefined) continue;
    const line = `Turnpike-Env: ${name}=${encoded(value)}\r\n`;
    if (left === 0 || Buffer.byteLength(value) > ENV_VALUE_BYTES || lines.length + line.length > ENV_TOTAL_BYTES) dropped++;
    else {
      lines += line;
      left--;
    }
  }
  return dropped ? `${lines}Turnpike-Env-Dropped: ${dropped}\r\n` : lines;
}

let lastNs = 0n;
/** The time in nanoseconds, and never the same twice: spool files are named and ordered by it. */
function nowNs() {
  const now = BigInt(new Date().getTime()) * 1_000_000n;
  lastNs = now > lastNs ? now : lastNs + 1n;
  return lastNs;
}

function request(batch, constant) {
  const body = Buffer.from(batch.text);
  const ns = nowNs();
  const id = `${ns.toString(16).padStart(16, "0")}-${process.pid.toString(16).padStart(8, "0")}-${randomBytes(4).toString("hex")}`;
  const head =
    "POST /v1/events/opencode HTTP/1.1\r\nHost: turnpike\r\nConnection: close\r\nContent-Type: application/x-ndjson\r\n" +
    `Content-Length: ${body.length}\r\nTurnpike-Protocol: 1\r\nTurnpike-Client: ${CLIENT}\r\nTurnpike-Event-Id: ${id}\r\n` +
    `Turnpike-Time: ${ns}\r\n${constant}\r\n`;
  return { ns, bytes: Buffer.concat([Buffer.from(head), body]) };
}

/** Gives the status of the answer; 0 if there was nobody, -1 if somebody did not answer in time or broke off. */
function post(socketPath, bytes, limitMs) {
  return new Promise((done) => {
    let socket;
    let connected = false;
    let text = "";
    const finish = (status) => {
      clearTimeout(timer);
      try {
        socket?.destroy();
      } catch {}
      done(status);
    };
    const timer = setTimeout(() => finish(-1), limitMs);
    timer.unref?.();
    try {
      socket = net.connect({ path: socketPath });
      socket.on("connect", () => {
        connected = true;
        socket.write(bytes);
      });
      socket.on("data", (piece) => {
        text += piece.toString("latin1");
        const status = /^HTTP\/1\.[01] (\d{3})[ \r]/.exec(text)?.[1];
        if (status) finish(Number(status));
        else if (text.length > 4096) finish(-1);
      });
      socket.on("error", () => finish(connected ? -1 : 0));
      socket.on("close", () => finish(connected ? -1 : 0));
    } catch {
      finish(0);
    }
  });
}

/** Nothing goes to a socket that another user made. */
function isOurs(socketPath) {
  try {
    const facts = fs.lstatSync(socketPath);
    return facts.isSocket() && (process.getuid === undefined || facts.uid === process.getuid());
  } catch {
    return false;
  }
}

// ------------------------------------------------------------------------------------------------ the spool

const NO_FOLLOW = fs.constants.O_NOFOLLOW ?? 0;

function measure(spool) {
  let files = 0;
  let bytes = 0;
  for (const name of fs.readdirSync(spool)) {
    if (!/\.(evt|tmp)$/.test(name)) continue;
    try {
      bytes += fs.lstatSync(path.join(spool, name)).size;
      files++;
    } catch {}
  }
  return { files, bytes };
}

/** As the hook client counts: the length of `usage` is an upper estimate in 1/10,000 of the caps. */
function hasRoom(spool, size) {
  const share = SPOOL_BYTES / SPOOL_FILES;
  const weight = 1 + Math.floor(size / share);
  const tally = path.join(spool, "usage");
  const fd = fs.openSync(tally, fs.constants.O_WRONLY | fs.constants.O_APPEND | fs.constants.O_CREAT | NO_FOLLOW, 0o600);
  try {
    const length = fs.fstatSync(fd).size;
    let room = length > 0 && length + weight <= SPOOL_FILES;
    if (!room) {
      const used = measure(spool);
      fs.ftruncateSync(fd, Math.max(used.files, Math.floor(used.bytes / share)));
      room = used.files < SPOOL_FILES && used.bytes + size <= SPOOL_BYTES;
    }
    if (room) fs.writeSync(fd, Buffer.alloc(weight));
    return room;
  } finally {
    fs.closeSync(fd);
  }
}

function noteDrop(spool, ns, size, reason) {
  try {
    const fd = fs.openSync(path.join(spool, "dropped"), fs.constants.O_WRONLY | fs.constants.O_APPEND | fs.constants.O_CREAT | NO_FOLLOW, 0o600);
    try {
      if (fs.fstatSync(fd).size < DROPPED_BYTES) fs.writeSync(fd, `${ns} opencode ${size} ${reason}\n`);
    } finally {
      fs.closeSync(fd);
    }
  } catch {}
}

/** Leaves the request for the daemon. Gives the file, or undefined if there was no place for it. */
function keepInSpool(where, made) {
  try {
    fs.mkdirSync(where.spool, { recursive: true, mode: 0o700 });
    const facts = fs.lstatSync(where.spool);
    if (!facts.isDirectory() || (process.getuid && facts.uid !== process.getuid())) return undefined;
    if (facts.mode & 0o077) fs.chmodSync(where.spool, 0o700);
    if (!hasRoom(where.spool, made.bytes.length)) {
      noteDrop(where.spool, made.ns, made.bytes.length, "spool-full");
      return undefined;
    }
    const file = path.join(where.spool, `${made.ns}-${process.pid}`);
    try {
      fs.writeFileSync(file + ".tmp", made.bytes, { mode: 0o600, flag: "wx" });
      fs.renameSync(file + ".tmp", file + ".evt");
      return file + ".evt";
    } catch {
      try {
        fs.unlinkSync(file + ".tmp");
      } catch {}
      noteDrop(where.spool, made.ns, made.bytes.length, "write-failed");
      return undefined;
    }
  } catch {
    return undefined;
  }
}

// ------------------------------------------------------------------------------------------------ starting the daemon

function program(where) {
  const named = PROGRAM ? [PROGRAM] : [];
  const found = [
    ...named,
    ...(process.env.PATH ?? "").split(":").filter((folder) => folder.startsWith("/")).map((folder) => path.join(folder, "turnpike")),
    path.join(where.home, ".local/bin/turnpike"),
  ];
  return found.find((file) => {
    try {
      fs.accessSync(file, fs.constants.X_OK);
      return fs.statSync(file).isFile();
    } catch {
      return false;
    }
  });
}

/** One of many clients wins: who creates the lock, or renews one that has grown old. */
function mayStartNow(where) {
  const lock = path.join(where.state, "autostart.lock");
  try {
    fs.closeSync(fs.openSync(lock, "wx", 0o600));
    return true;
  } catch {
    try {
      if (Math.abs(Date.now() - fs.lstatSync(lock).mtimeMs) <= START_INTERVAL_MS) return false;
      const now = new Date();
      fs.utimesSync(lock, now, now);
      return true;
    } catch {
      return false;
    }
  }
}

/** As the hook client does it, and under the same conditions: docs/hook-client.md. */
function startDaemon(where) {
  try {
    if (/^(0|false)$/i.test(process.env.TURNPIKE_AUTOSTART ?? "") || fs.existsSync(path.join(where.state, "service"))) return;
    const file = program(where);
    if (!file || !mayStartNow(where)) return;
    const child = spawn(file, ["daemon"], {
      cwd: "/", detached: true, stdio: "ignore", env: { ...process.env, TURNPIKE_STARTED_BY: "turnpike-hook" },
    });
    child.on("error", () => {});
    child.unref();
  } catch {}
}

// ------------------------------------------------------------------------------------------------ what is told of an event

const stubOf = (url) => (typeof url === "string" && url.startsWith("data:") ? `data:,${url.length}` : url);

function cut(value, depth = 0) {
  if (typeof value === "string") return value.length > CUT_CHARS ? `${value.slice(0, CUT_CHARS)}… [${value.length - CUT_CHARS} characters more]` : value;
  if (value === null || typeof value !== "object" || depth > 20) return value;
  if (Array.isArray(value)) return value.slice(0, 1000).map((item) => cut(item, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, cut(item, depth + 1)]));
}

/** Without bytes of images, diffs and copies of what stands elsewhere in the same part. */
function slimPart(part) {
  if (part.type === "file") return { ...part, url: stubOf(part.url), source: undefined };
  if (part.type === "step-start" || part.type === "step-finish") return { ...part, snapshot: undefined };
  if (part.type !== "tool" || !part.state) return part;
  const state = { ...part.state };
  const said = state.metadata;
  if (said && typeof said === "object") {
    state.metadata = { exit: said.exit, truncated: said.truncated, outputPath: said.outputPath, sessionId: said.sessionId, parentSessionId: said.parentSessionId, interrupted: said.interrupted };
    if (state.status !== "completed" && typeof said.output === "string") state.metadata.output = said.output;
  }
  if (Array.isArray(state.attachments)) state.attachments = state.attachments.slice(0, 50).map((file) => ({ mime: file?.mime, filename: file?.filename, url: stubOf(file?.url) }));
  return { ...part, state };
}

function slimInfo(info) {
  // a user message's summary is the diffs of its turn; an assistant message's says that it is a compaction
  return { ...info, summary: info.summary === true || undefined, system: undefined, tools: undefined, structured: undefined };
}

function slimSession(info) {
  return { id: info.id, parentID: info.parentID, directory: info.directory, version: info.version, title: info.title, time: info.time };
}

function slimError(error) {
  const { message, statusCode, isRetryable } = error?.data ?? {};
  return { name: error?.name, data: { message, statusCode, isRetryable } };
}

// ------------------------------------------------------------------------------------------------ one instance

const LOADED = Symbol.for("dev.turnpike.opencode");

function instance(ctx) {
  const where = places();
  const source = `${process.pid}-${Date.now().toString(36)}-${randomBytes(3).toString("hex")}`;
  const constant = `Turnpike-Cwd: ${encoded(ctx?.directory ?? process.cwd())}\r\nTurnpike-Parent-Pid: ${process.pid}\r\n${environmentLines()}`;

  const roots = new Map(); // session -> the session it is a sub-agent of, or itself
  const told = new Map(); // session -> what session.updated said last, of what counts
  const turns = new Map(); // root -> { id, created } of its latest user message
  const counts = new Map(); // root -> batches made
  const outputs = new Map(); // running tool part -> { at, wait, event, timer }
  const open = new Map(); // root -> the batch that is being gathered
  let ready = []; // requests in order
  let readyBytes = 0;
  let sending; // the request under way
  let pumping;
  let timer;
  let disposed = false;
  let answered = false; // the daemon took something
  let restUntil = 0;
  let restMs = REST_FIRST_MS;
  let absent = false; // nobody listened the last time
  let spooled = []; // files we left, in order: they are sent before anything newer

  const remember = (map, key, value) => {
    map.delete(key);
    map.set(key, value);
    if (map.size > SESSIONS_LIMIT) map.delete(map.keys().next().value);
  };
  const rootOf = (session) => {
    let at = session;
    for (let i = 0; i < 32; i++) {
      const above = roots.get(at);
      if (!above || above === at) return at;
      at = above;
    }
    return at;
  };

  // ---- from lines to requests

  const seal = (root) => {
    const batch = open.get(root);
    if (!batch) return;
    open.delete(root);
    const n = (counts.get(root) ?? 0) + 1;
    remember(counts, root, n);
    const head = { v: 1, root, src: source, n, lines: batch.lines.length, turn: batch.turn, end: batch.end || undefined, directory: ctx?.directory, worktree: ctx?.worktree };
    const made = request({ text: `${JSON.stringify(head)}\n${batch.lines.join("")}` }, constant);
    ready.push(made);
    readyBytes += made.bytes.length;
    while (readyBytes > QUEUE_BYTES && ready.length > 1) spoolOldest();
  };

  const spoolOldest = () => {
    const made = ready.shift();
    readyBytes -= made.bytes.length;
    leave(made);
  };

  const leave = (made) => {
    const file = keepInSpool(where, made);
    if (file) spooled.push(file);
    if (spooled.length > SPOOL_FILES) spooled.shift();
  };

  const add = (root, data, { urgent = false, end = false, turn } = {}) => {
    let line = `${JSON.stringify({ t: Date.now(), ...data })}\n`;
    if (line.length > LINE_LIMIT) line = `${JSON.stringify({ t: Date.now(), ...cut(data) })}\n`;
    if (line.length > BODY_LIMIT / 4) return;
    if (turn && open.has(root)) seal(root); // a batch speaks of one prompt
    let batch = open.get(root);
    if (!batch) {
      batch = { lines: [], bytes: 0, end: false, turn: turns.get(root)?.id };
      open.set(root, batch);
    }
    batch.lines.push(line);
    batch.bytes += line.length;
    batch.end ||= end;
    if (batch.bytes > BATCH_BYTES) seal(root);
    if (disposed) {
      sealAll();
      while (ready.length) spoolOldest();
    } else if (urgent) flush();
    else if (timer === undefined) {
      timer = setTimeout(flush, GATHER_MS);
      timer.unref?.();
    }
  };

  const sealAll = () => {
    for (const root of [...open.keys()]) seal(root);
  };
  const flush = () => {
    try {
      clearTimeout(timer);
      timer = undefined;
      sealAll();
      void pump();
    } catch {}
  };

  // ---- sending

  /** Whether the daemon has it now. */
  const offer = async (bytes) => {
    if (performance.now() < restUntil) return false;
    let status = 0;
    for (const socket of where.sockets) {
      if (!isOurs(socket)) continue;
      status = await post(socket, bytes, POST_MS);
      if (status !== 0) break;
    }
    if (status === 202 || status === 204) {
      answered = true;
      restUntil = 0;
      restMs = REST_FIRST_MS;
      return true;
    }
    if (status === 404 || status === 413 || status === 400) return false; // ours is wrong, the daemon is well
    if (status === 0) startDaemon(where);
    absent = status === 0;
    restUntil = performance.now() + (absent ? Math.min(restMs, REST_ABSENT_MS) : restMs);
    restMs = Math.min(2 * restMs, REST_LAST_MS);
    return false;
  };

  /** What we had to leave goes first, if the daemon has not taken it from the spool by now. */
  const reclaim = async () => {
    while (spooled.length && !disposed) {
      let bytes;
      try {
        bytes = fs.readFileSync(spooled[0]);
      } catch {
        spooled.shift();
        continue;
      }
      if (!(await offer(bytes))) return false;
      try {
        fs.unlinkSync(spooled[0]);
      } catch {}
      spooled.shift();
    }
    return spooled.length === 0;
  };

  const pump = () => {
    pumping ??= (async () => {
      await undefined; // so that what ends without waiting ends after `pumping` is set
      try {
        while (ready.length && !disposed) {
          const before = spooled.length === 0 || (performance.now() >= restUntil && (await reclaim()));
          const made = ready.shift();
          if (!made) break; // spooled meanwhile
          readyBytes -= made.bytes.length;
          sending = made;
          const kept = before && (await offer(made.bytes));
          if (sending !== made) break; // dispose has left it in the spool
          sending = undefined;
          if (!kept) leave(made);
        }
      } catch {
      } finally {
        pumping = undefined;
      }
    })();
    return pumping;
  };

  /** Everything that is not sent yet goes to the spool. Synchronous: nothing may run after it. */
  const abandon = () => {
    try {
      for (const held of outputs.values()) clearTimeout(held.timer);
      outputs.clear();
      clearTimeout(timer);
      disposed = true;
      if (sending) {
        const made = sending;
        sending = undefined;
        leave(made); // sent twice it counts once
      }
      sealAll();
      while (ready.length) spoolOldest();
    } catch {}
  };

  // ---- what OpenCode tells

  /** A running tool tells its growing output again and again: the first time at once, then ever more rarely. */
  const running = (root, event, part) => {
    const now = performance.now();
    const held = outputs.get(part.id);
    if (!held) {
      outputs.set(part.id, { at: now, wait: OUTPUT_FIRST_MS });
      if (outputs.size > SESSIONS_LIMIT) settled(outputs.keys().next().value);
      return true;
    }
    held.event = event;
    if (held.timer === undefined) {
      held.timer = setTimeout(() => {
        try {
          const latest = held.event;
          held.timer = undefined;
          held.at = performance.now();
          held.wait = Math.min(2 * held.wait, OUTPUT_LAST_MS);
          if (outputs.get(part.id) === held) add(root, { event: slim(latest) });
        } catch {}
      }, Math.max(0, held.at + held.wait - now));
      held.timer.unref?.();
    }
    return false;
  };
  const settled = (part) => {
    clearTimeout(outputs.get(part)?.timer);
    outputs.delete(part);
  };

  const slim = ({ id, type, properties: p }) => {
    const properties = { ...p };
    if (p.part) properties.part = slimPart(p.part);
    if (p.info) properties.info = type === "message.updated" ? slimInfo(p.info) : slimSession(p.info);
    if (p.error) properties.error = slimError(p.error);
    if (properties.info?.error) properties.info.error = slimError(properties.info.error);
    if (type === "permission.asked") properties.metadata = undefined;
    return { id, type, properties };
  };

  const onEvent = (event) => {
    const p = event?.properties;
    if (!p || !WANTED.has(event.type)) return;
    const session = p.sessionID ?? p.info?.id;
    if (typeof session !== "string") return;
    const part = event.type === "message.part.updated" ? p.part : undefined;
    if (part && !PART_TYPES.has(part.type)) return;
    if (event.type === "session.status" && p.status?.type !== "retry") return;
    if (event.type === "session.created" || event.type === "session.updated") {
      remember(roots, session, p.info?.parentID ?? session);
      const facts = JSON.stringify([p.info?.parentID, p.info?.directory, p.info?.version, p.info?.time?.created]);
      if (told.get(session) === facts) return;
      remember(told, session, facts);
    }
    const child = part?.type === "tool" ? part.state?.metadata?.sessionId : undefined;
    if (typeof child === "string" && child !== session && !roots.has(child)) remember(roots, child, session);

    const root = rootOf(session);
    if (part?.type === "tool") {
      if (part.state?.status === "running") {
        if (!running(root, event, part)) return;
      } else settled(part.id);
    }
    let turn;
    if (event.type === "message.updated" && p.info?.role === "user" && session === root) {
      const before = turns.get(root);
      const created = p.info.time?.created ?? 0;
      if (!before || (before.id !== p.info.id && created >= before.created)) {
        turn = p.info.id;
        if (open.has(root)) seal(root);
        remember(turns, root, { id: turn, created });
      }
    }
    const end = event.type === "session.idle" && session === root;
    add(root, { event: slim(event) }, { urgent: end || event.type === "session.error", end, turn });
  };

  const onRequest = (input, output) => {
    if (typeof input?.sessionID !== "string" || input.agent === "title") return;
    const options = {};
    for (const [key, value] of Object.entries(output?.options ?? {})) if (["string", "number", "boolean"].includes(typeof value)) options[key] = value;
    add(rootOf(input.sessionID), {
      request: {
        sessionID: input.sessionID, agent: typeof input.agent === "string" ? input.agent : input.agent?.name, providerID: input.model?.providerID, modelID: input.model?.id,
        userMessageID: input.message?.id, temperature: output?.temperature, topP: output?.topP, topK: output?.topK, maxOutputTokens: output?.maxOutputTokens, options,
      },
    });
  };

  const dispose = async () => {
    clearTimeout(timer);
    timer = undefined;
    for (const [id, held] of outputs) if (held.event && held.timer !== undefined) add(rootOf(held.event.properties.sessionID), { event: slim(held.event) }), settled(id);
    sealAll();
    if (absent) restUntil = 0;
    if (performance.now() >= restUntil && (ready.length || sending)) {
      let limit;
      await Promise.race([
        // twice: the first may be the end of one that was under way
        pump().then(pump),
        new Promise((done) => {
          limit = setTimeout(done, answered ? DISPOSE_MS : DISPOSE_UNPROVEN_MS);
        }),
      ]);
      clearTimeout(limit);
    }
    abandon();
  };

  return { onEvent, onRequest, dispose, abandon };
}

const server = async (ctx) => {
  try {
    // the same file in two folders is loaded twice, and would tell everything twice
    const loaded = (globalThis[LOADED] ??= new Set());
    const key = ctx?.directory ?? "";
    if (loaded.has(key)) return {};
    loaded.add(key);
    const one = instance(ctx);
    const atExit = () => one.abandon();
    process.on("exit", atExit);
    return {
      event: async (input) => {
        try {
          one.onEvent(input?.event);
        } catch {}
      },
      "chat.params": async (input, output) => {
        try {
          one.onRequest(input, output);
        } catch {}
      },
      dispose: async () => {
        try {
          await one.dispose();
        } catch {}
        process.off("exit", atExit);
        loaded.delete(key);
      },
    };
  } catch {
    return {};
  }
};

export default { id: "turnpike", server };
