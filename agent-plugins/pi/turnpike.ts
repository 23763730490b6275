// Turnpike's extension for the Pi coding agent: tells the Turnpike daemon what happens in a session, for Langfuse.
//
// Place it in ~/.pi/agent/extensions/ (`turnpike install pi` does). One file, nothing but node: modules, no types that need compiling.
// It never throws into Pi, returns no value from any handler, starts no timer that would hold Pi open, and waits for the daemon at one
// place only: when a session ends, at most END_MS. What the daemon did not take lies in its spool then.
//
// A request is one event of docs/socket-api.md for the agent "pi". Its body:
//   {"v":1,"session":"<id>","chain":["<id of the session that launched it>"...],"file":"<session file>"?,"push":true?,"turn":<ms>?,
//    "n":<number of this request in its session>,"pid":1,"mode":"print","cwd":"/...","pi":"0.87.1"?,"moment":"settled","records":[...]}
//   turn      timestamp of the user message that opened the turn the records belong to; all of a request are of one turn
//   push      the session has no file, or another agent process launched it: messages come whole. Else the file has them
//   records   {"k":kind,"t":ms,...}: start prompt said request answer first tool toolend message compacting entry settled end
// @ts-check
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { randomBytes } from "node:crypto";
import { spawn } from "node:child_process";

const CLIENT = "pi-extension/0.1.0";
const TURNPIKE = ""; // the program to start if no daemon answers; `turnpike install` fills it in

const ANSWER_MS = 1000; // for an answer while Pi runs on; nobody waits for it
const END_MS = 200; // what the end of a session may cost
const AWAY_MS = 5000; // after no answer in time: straight to the spool for so long
const BODY_LIMIT = 1024 * 1024; // of one request, about; one record may be longer
const WAITING_LIMIT = 8 * 1024 * 1024; // of requests that wait while one is under way
const TEXT_LIMIT = 200_000; // characters of one text of a pushed message
const SPOOL_FILES = 10_000;
const SPOOL_BYTES = 64 * 1024 * 1024;
const ENV_VALUE_LIMIT = 8 * 1024;
const ENV_TOTAL_LIMIT = 64 * 1024;

// ---- Places (docs/socket-api.md, docs/hook-client.md) ----------------------------------------------------------

const env = (/** @type {string} */ name) => process.env[name] || "";
const absolute = (/** @type {string} */ name) => (env(name).startsWith("/") ? env(name) : "");

function stateDirectory() {
  if (env("TURNPIKE_HOME")) return path.join(env("TURNPIKE_HOME"), "state");
  if (absolute("XDG_STATE_HOME")) return path.join(absolute("XDG_STATE_HOME"), "turnpike");
  const below = process.platform === "darwin" ? "Library/Application Support/turnpike" : ".local/state/turnpike";
  return path.join(absolute("HOME") || os.homedir(), below);
}

/** The socket, or "" if there is none of this user's. Only the file is looked at, so that a missing daemon costs nothing. */
function socketPath() {
  const uid = process.getuid?.();
  const all = env("TURNPIKE_SOCKET") ? [env("TURNPIKE_SOCKET")]
    : env("TURNPIKE_HOME") ? [path.join(env("TURNPIKE_HOME"), "turnpike.sock")]
    : [absolute("XDG_RUNTIME_DIR") && path.join(absolute("XDG_RUNTIME_DIR"), "turnpike/turnpike.sock"),
       process.platform === "darwin" ? "" : `/run/user/${uid}/turnpike/turnpike.sock`,
       path.join(stateDirectory(), "turnpike.sock")];
  for (const each of all) {
    try {
      const facts = each ? fs.statSync(each) : undefined;
      if (facts?.isSocket() && (uid === undefined || facts.uid === uid)) return each;
    } catch {
      // the next one
    }
  }
  return "";
}

// ---- Requests ---------------------------------------------------------------------------------------------------

const encoded = (/** @type {string} */ text) =>
  Buffer.from(text).toString("latin1").replace(/[^A-Za-z0-9._~/:@+,=-]/g, (c) => "%" + c.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0"));

/** Settings only: never a key or URL of a model provider. */
const listed = (/** @type {string} */ name) =>
  /^[A-Za-z0-9_]+$/.test(name) && /^(TRACE_TO_LANGFUSE$|LANGFUSE_|CC_LANGFUSE_|TURNPIKE_|OTEL_RESOURCE_ATTRIBUTES$)/.test(name);

function environmentLines() {
  let lines = "", dropped = 0;
  for (const name of Object.keys(process.env).filter(listed)) {
    const value = process.env[name] ?? "";
    const line = `Turnpike-Env: ${name}=${encoded(value)}\r\n`;
    if (Buffer.byteLength(value) > ENV_VALUE_LIMIT || lines.length + line.length > ENV_TOTAL_LIMIT) dropped++;
    else lines += line;
  }
  return lines + (dropped ? `Turnpike-Env-Dropped: ${dropped}\r\n` : "");
}

/** Nanoseconds since 1970, never the same twice in this process: names of spool files are made of it. */
let lastNanos = 0n;
function nanos() {
  const now = BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n;
  lastNanos = now > lastNanos ? now : lastNanos + 1n;
  return lastNanos;
}

/** @param {string} body @param {string} cwd */
function requestOf(body, cwd) {
  const time = nanos();
  const bytes = Buffer.from(body);
  const head = "POST /v1/events/pi HTTP/1.1\r\nHost: turnpike\r\nConnection: close\r\nContent-Type: application/json\r\n"
    + `Content-Length: ${bytes.length}\r\nTurnpike-Protocol: 1\r\nTurnpike-Client: ${CLIENT}\r\n`
    + `Turnpike-Event-Id: ${time.toString(16)}-${process.pid.toString(16)}-${randomBytes(4).toString("hex")}\r\n`
    + `Turnpike-Time: ${time}\r\nTurnpike-Parent-Pid: ${process.pid}\r\n`
    + (cwd ? `Turnpike-Cwd: ${encoded(cwd)}\r\n` : "") + environmentLines() + "\r\n";
  return { time, bytes: Buffer.concat([Buffer.from(head, "latin1"), bytes]), length: bytes.length, kept: false };
}

/** @typedef {ReturnType<typeof requestOf>} Request */

/**
 * True once the daemon has it (202) or does not want it (204); false if not, "late" if nobody answered in time.
 * @param {Request} request @returns {Promise<boolean | "late">}
 */
function post(request) {
  return new Promise((done) => {
    let answer = "", socket = /** @type {net.Socket | undefined} */ (undefined);
    const limit = setTimeout(() => end("late"), ANSWER_MS);
    limit.unref?.();
    const end = (/** @type {boolean | "late"} */ result) => {
      clearTimeout(limit);
      socket?.destroy();
      done(result);
    };
    try {
      const at = socketPath();
      if (!at) return end(false);
      socket = net.createConnection(at);
      socket.unref(); // Pi may end whenever it likes
      socket.on("error", () => end(false));
      socket.on("close", () => end(false));
      socket.on("data", (data) => {
        answer += data.toString("latin1");
        const status = /^HTTP\/1\.\d (\d\d\d)[ \r]/.exec(answer);
        if (status) end(status[1] === "202" || status[1] === "204");
        else if (answer.length > 64) end(false);
      });
      socket.write(request.bytes);
    } catch {
      end(false);
    }
  });
}

// ---- The spool ----------------------------------------------------------------------------------------------------

/** The daemon's own tally of the spool: its length is an upper estimate of the use in 1/10,000 of the caps. */
function hasRoom(/** @type {string} */ spool, /** @type {number} */ length) {
  const share = SPOOL_BYTES / SPOOL_FILES, weight = 1 + Math.floor(length / share), tally = path.join(spool, "usage");
  let used = 0;
  try {
    used = fs.lstatSync(tally).size;
  } catch {
    // nobody has counted yet
  }
  if (used === 0 || used + weight > SPOOL_FILES) {
    let files = 0, bytes = 0;
    for (const name of fs.readdirSync(spool)) {
      if (!/\.(evt|tmp)$/.test(name)) continue;
      files++;
      bytes += fs.lstatSync(path.join(spool, name)).size;
    }
    used = Math.max(files, Math.ceil(bytes / share));
    if (files >= SPOOL_FILES || bytes + length > SPOOL_BYTES) return false;
    fs.writeFileSync(tally, Buffer.alloc(used), { mode: 0o600 });
  }
  fs.appendFileSync(tally, Buffer.alloc(weight), { mode: 0o600 });
  return true;
}

/** Synchronous: what is in the spool survives a signal in the next moment. */
function keep(/** @type {Request} */ request) {
  if (request.kept) return;
  request.kept = true;
  try {
    const spool = path.join(stateDirectory(), "spool");
    fs.mkdirSync(spool, { recursive: true, mode: 0o700 });
    const facts = fs.lstatSync(spool), uid = process.getuid?.();
    if (!facts.isDirectory() || (uid !== undefined && facts.uid !== uid)) return;
    if (facts.mode & 0o077) fs.chmodSync(spool, 0o700);
    if (!hasRoom(spool, request.bytes.length)) return drop(spool, request, "spool-full");
    const name = path.join(spool, `${request.time}-${process.pid}`);
    try {
      fs.writeFileSync(name + ".tmp", request.bytes, { mode: 0o600, flag: "wx" });
      fs.renameSync(name + ".tmp", name + ".evt");
    } catch {
      fs.rmSync(name + ".tmp", { force: true });
      drop(spool, request, "write-failed");
    }
  } catch {
    // no place to keep it: Pi must not notice
  }
}

function drop(/** @type {string} */ spool, /** @type {Request} */ request, /** @type {string} */ reason) {
  const list = path.join(spool, "dropped");
  try {
    if (fs.existsSync(list) && fs.lstatSync(list).size >= 1024 * 1024) return;
    fs.appendFileSync(list, `${request.time} pi ${request.length} ${reason}\n`, { mode: 0o600 });
  } catch {
    // a disk too full for this line is one the daemon itself reports
  }
}

/** As the hook client does it; at most once a process, since it costs a fork. */
let startTried = false;
function startDaemon() {
  if (startTried || !TURNPIKE || /^(0|false)$/i.test(env("TURNPIKE_AUTOSTART"))) return;
  startTried = true;
  try {
    const state = stateDirectory(), lock = path.join(state, "autostart.lock");
    if (fs.existsSync(path.join(state, "service"))) return;
    try {
      fs.closeSync(fs.openSync(lock, "wx", 0o600));
    } catch {
      if (Math.abs(Date.now() - fs.statSync(lock).mtimeMs) < 10_000) return;
      fs.utimesSync(lock, new Date(), new Date());
    }
    const child = spawn(TURNPIKE, ["daemon"], { cwd: "/", detached: true, stdio: "ignore", env: { ...process.env, TURNPIKE_STARTED_BY: "turnpike-hook" } });
    child.on("error", () => {});
    child.unref();
  } catch {
    // then somebody else has to start it
  }
}

// ---- Sending ------------------------------------------------------------------------------------------------------

/** One request under way at a time; records that come meanwhile make the next one. Nothing in here is awaited by Pi but end(). */
class Sender {
  /** @type {{ turn: unknown, head: object, moment: string, records: string[], size: number, cwd: string }[]} */
  batches = [];
  waiting = 0;
  number = 0;
  awayUntil = 0;
  /** @type {Request | undefined} */ underWay;
  /** @type {Promise<void> | undefined} */ pumping;
  atExit = () => this.keepAll();

  constructor() {
    process.on("exit", this.atExit);
  }

  /** @param {any} head @param {string} record @param {string} moment */
  add(head, record, moment) {
    let last = this.batches.at(-1);
    if (!last || last.turn !== head.turn || last.head.file !== head.file || last.size + record.length > BODY_LIMIT) {
      last = { turn: head.turn, head, moment: "activity", records: [], size: 0, cwd: head.cwd };
      this.batches.push(last);
    }
    last.records.push(record);
    last.size += record.length;
    if (moment !== "activity") last.moment = moment;
    this.waiting += record.length;
    if (this.waiting > WAITING_LIMIT) this.keepWaiting();
    this.pumping ??= this.pump();
  }

  /** @returns {Request} */
  next() {
    const { head, moment, records, size, cwd } = /** @type {any} */ (this.batches.shift());
    this.waiting -= size;
    const body = `${JSON.stringify({ ...head, n: ++this.number, moment }).slice(0, -1)},"records":[${records.join(",")}]}`;
    return requestOf(body, cwd);
  }

  async pump() {
    try {
      await new Promise((r) => setImmediate(r)); // what happens in one moment goes in one request
      while (this.batches.length) {
        const request = this.next();
        this.underWay = request;
        const taken = performance.now() < this.awayUntil ? false : await post(request);
        this.underWay = undefined;
        if (taken === "late") this.awayUntil = performance.now() + AWAY_MS;
        if (taken === true) continue;
        keep(request);
        if (taken === false && !socketPath()) startDaemon();
      }
    } catch {
      // nothing of ours may reach Pi
    } finally {
      this.pumping = undefined;
    }
  }

  keepWaiting() {
    while (this.batches.length) keep(this.next());
  }

  /** Also what is under way: it has an id, so that it counts once if the daemon takes it after all. */
  keepAll() {
    try {
      if (this.underWay) keep(this.underWay);
      this.keepWaiting();
    } catch {
      // the process ends
    }
  }

  /** What is left goes out side by side: the daemon does not mind the order. */
  async end() {
    const rest = [];
    while (this.batches.length) rest.push(this.next());
    const sent = performance.now() < this.awayUntil ? []
      : rest.map(async (request) => { if ((await post(request)) === true) request.kept = true; });
    let /** @type {any} */ timer;
    await Promise.race([Promise.all([this.pumping, ...sent]), new Promise((r) => { timer = setTimeout(r, END_MS); })]);
    clearTimeout(timer);
    rest.forEach(keep);
    this.keepAll();
    process.removeListener("exit", this.atExit);
  }
}

// ---- Who launched this process ----------------------------------------------------------------------------------

// Sub-agent extensions start Pi as a child process, which inherits the environment: pi:<session>[/<session>...]@<pid>. The value this
// process was started with is remembered, because each of its own sessions writes its own.
const PARENT = "PI_TURNPIKE_PARENT";
const INHERITED = Symbol.for("dev.turnpike.pi.parent");
const shared = /** @type {any} */ (globalThis);
if (shared[INHERITED] === undefined) shared[INHERITED] = env(PARENT);

/** Sessions above this one, the outermost first. A terminal that somebody opened from Pi's shell is nobody's sub-agent. */
function chainOf(/** @type {string} */ mode) {
  const said = /^pi:([^@\s]{1,2000})@(\d+)$/.exec(shared[INHERITED]);
  if (!said || Number(said[2]) === process.pid || mode === "tui") return [];
  try {
    return said[1].split("/").slice(0, 8).map(decodeURIComponent);
  } catch {
    return [];
  }
}

/** Pi does not tell its version to extensions: it is in the package.json above its program. Read once a process. */
let version = "";
function piVersion() {
  try {
    let folder = version ? "" : path.dirname(fs.realpathSync(process.argv[1]));
    for (let i = 0; i < 6 && folder.length > 1; i++, folder = path.dirname(folder)) {
      const file = path.join(folder, "package.json");
      if (!fs.existsSync(file)) continue;
      const facts = JSON.parse(fs.readFileSync(file, "utf8"));
      if (!String(facts.name).includes("pi-coding-agent")) continue;
      version = String(facts.version);
      break;
    }
  } catch {
    // a program of another shape
  }
  return version || undefined;
}

// ---- The extension ------------------------------------------------------------------------------------------------

const cut = (/** @type {string} */ text) => (text.length > TEXT_LIMIT ? text.slice(0, TEXT_LIMIT) : text);

/** Whole messages, but no bytes of images and no text without end. @this {any} */
function slim(/** @type {string} */ key, /** @type {any} */ value) {
  if (typeof value !== "string") return value;
  return key === "data" && this?.mimeType ? `base64:${value.length}` : cut(value);
}

function textOf(/** @type {any} */ content) {
  if (typeof content === "string") return content;
  return Array.isArray(content) ? content.filter((c) => c?.type === "text").map((c) => c.text).join("\n") : "";
}

export default function (/** @type {any} */ pi) {
  const sender = new Sender();
  const model = (/** @type {any} */ ctx) => (ctx?.model ? { model: ctx.model.id, provider: ctx.model.provider } : {});
  let /** @type {string[] | undefined} */ chain;
  let /** @type {number | undefined} */ turn; // of the turn that runs
  let opening = ""; // what a message must be to open a turn: "user", "any", or nothing
  let firstWaits = false;

  const push = (/** @type {any} */ ctx) => !ctx.sessionManager.getSessionFile?.() || (chain?.length ?? 0) > 0;

  const send = (/** @type {any} */ ctx, /** @type {string} */ kind, /** @type {object} */ data, moment = "activity") => {
    const sessions = ctx.sessionManager;
    chain ??= chainOf(ctx.mode);
    const session = sessions.getSessionId(), pushed = push(ctx);
    const head = { v: 1, session, ...(chain.length ? { chain } : {}), ...(pushed ? { push: true } : { file: sessions.getSessionFile() }),
      ...(turn === undefined ? {} : { turn }), pid: process.pid, mode: ctx.mode, cwd: ctx.cwd, pi: piVersion() };
    sender.add(head, JSON.stringify({ k: kind, t: Date.now(), ...data }, slim), moment);
  };
  // Pi awaits its handlers one after another: they enqueue and return nothing, since a value could change the run.
  const on = (/** @type {string} */ event, /** @type {(e: any, ctx: any) => void} */ handle) => {
    pi.on(event, (/** @type {any} */ e, /** @type {any} */ ctx) => {
      try {
        handle(e, ctx);
      } catch {
        // nothing of ours may reach Pi
      }
    });
  };

  on("session_start", (e, ctx) => {
    chain = chainOf(ctx.mode);
    const own = ctx.sessionManager.getSessionId();
    process.env[PARENT] = `pi:${[...chain, own].map(encodeURIComponent).join("/")}@${process.pid}`;
    send(ctx, "start", { reason: e.reason }, "start");
  });
  on("before_agent_start", (e) => {
    turn = undefined;
    opening = e.messageType === "custom" ? "any" : "user";
  });
  on("agent_start", () => {
    if (turn === undefined && !opening) opening = "any"; // an extension started the run
  });
  on("message_start", (e, ctx) => {
    const message = e.message;
    if (message?.role === "assistant") {
      firstWaits = true;
      send(ctx, "answer", { m: message.timestamp, ...model(ctx) });
    } else if (opening && (message?.role === "user" || (opening === "any" && message?.role === "custom"))) {
      opening = "";
      turn = message.timestamp;
      send(ctx, "prompt", { m: message.timestamp, role: message.role, text: textOf(message.content) }, "prompt");
    } else if (turn !== undefined && message?.role === "user") {
      send(ctx, "said", { m: message.timestamp }); // while the turn runs: no turn of its own
    }
  });
  on("message_update", (e, ctx) => {
    if (!firstWaits || !/_delta$/.test(e.assistantMessageEvent?.type ?? "")) return;
    firstWaits = false;
    send(ctx, "first", { m: e.message?.timestamp });
  });
  on("message_end", (e, ctx) => {
    if (e.message?.role === "assistant") firstWaits = false;
    if (push(ctx) && e.message?.role !== "system") send(ctx, "message", { message: e.message });
  });
  on("before_provider_request", (_e, ctx) => send(ctx, "request", model(ctx)));
  on("tool_execution_start", (e, ctx) => {
    const args = push(ctx) || e.parentToolCallId ? { args: e.args } : {};
    send(ctx, "tool", { id: e.toolCallId, name: e.toolName, parent: e.parentToolCallId, ...args });
  });
  on("tool_execution_end", (e, ctx) =>
    send(ctx, "toolend", { id: e.toolCallId, name: e.toolName, parent: e.parentToolCallId, error: e.isError === true, ms: e.durationMs }));
  on("session_before_compact", (_e, ctx) => send(ctx, "compacting", {}));
  on("session_compact", (e, ctx) => {
    if (push(ctx)) send(ctx, "entry", { entry: { ...e.compactionEntry, systemMessage: undefined } });
  });
  on("session_tree", (e, ctx) => {
    if (push(ctx) && e.summaryEntry) send(ctx, "entry", { entry: e.summaryEntry });
  });
  on("agent_settled", (e, ctx) => {
    send(ctx, "settled", { aborted: e.aborted, leaf: ctx.sessionManager.getLeafId?.() ?? undefined }, "settled");
    turn = undefined;
    opening = "";
  });
  pi.on("session_shutdown", async (/** @type {any} */ e, /** @type {any} */ ctx) => {
    try {
      send(ctx, "end", { reason: e.reason }, "end");
      await sender.end();
    } catch {
      // nothing of ours may reach Pi
    }
  });
}
