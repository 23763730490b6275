// The processes a proof needs: the stand-in for Langfuse, the daemon under test, the hook client. Everything below one directory, on
// loopback, every wait with a limit; only processes started here are ended, each by its own pid.
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

if (Number(process.versions.node.split('.')[0]) < 20) {
  console.error(`needs Node 20 or newer, this is ${process.version}`);
  process.exit(2);
}

export const HARNESS = path.dirname(fileURLToPath(import.meta.url));
export const KEYS = { LANGFUSE_PUBLIC_KEY: 'pk-lf-test', LANGFUSE_SECRET_KEY: 'sk-lf-test' };
export const sleep = (ms) => new Promise((r) => setTimeout(r, ms));

const START_WITHIN_MS = 60_000; // a JVM start takes 1 s alone, much longer on a crowded machine
const STOP_WITHIN_MS = 20_000;

/** Waits until probe() gives something truthy, and gives that. */
export async function until(what, probe, withinMs = START_WITHIN_MS, everyMs = 50) {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const got = await probe();
    if (got) return got;
    if (Date.now() > deadline) throw new Error(`${what}: not within ${withinMs} ms`);
    await sleep(everyMs);
  }
}

export const alive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** Runs a command to its end: { code, out }. Its limit is a hard one. */
export function run(command, args, { env, cwd, input, withinMs = 300_000 } = {}) {
  return new Promise((done) => {
    const child = spawn(command, args, { env, cwd, stdio: ['pipe', 'pipe', 'pipe'] });
    const out = [];
    const limit = setTimeout(() => child.kill('SIGKILL'), withinMs);
    child.stdout.on('data', (b) => out.push(b));
    child.stderr.on('data', (b) => out.push(b));
    child.stdin.on('error', () => {});
    child.on('error', (e) => out.push(Buffer.from(e.message)));
    child.on('close', (code, signal) => {
      clearTimeout(limit);
      done({ code: code ?? signal ?? -1, out: Buffer.concat(out).toString() });
    });
    child.stdin.end(input ?? '');
  });
}

/** The stand-in for Langfuse, on a free port. */
export class FakeLangfuse {
  static async start({ mode = 'events_only', version = '4.16.0' } = {}) {
    const child = spawn(process.execPath, [path.join(HARNESS, 'fake-langfuse.mjs'), '--port', '0', '--mode', mode, '--server-version', version, '--quiet'], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.on('data', (b) => { said += b; });
    const url = await until('the stand-in for Langfuse', () => /"url":"([^"]+)"/.exec(said)?.[1]);
    return new FakeLangfuse(child, url);
  }

  constructor(child, url) {
    this.child = child;
    this.url = url;
  }

  async state() {
    const answer = await fetch(this.url + '/__state');
    if (!answer.ok) throw new Error(`/__state: ${answer.status}`);
    return answer.json();
  }

  stop() {
    this.child.kill('SIGTERM');
  }
}

/** The daemon of one TURNPIKE_HOME. Its pid lies in <home>/../daemon.pid, so that restart-daemon.mjs can replace the process. */
export class Daemon {
  constructor(image, dir, url, more = {}) {
    this.image = image;
    this.dir = dir;
    this.home = path.join(dir, 'turnpike');
    this.socket = path.join(this.home, 'turnpike.sock');
    this.hook = path.join(image, 'bin', 'turnpike-hook');
    this.pidFile = path.join(dir, 'daemon.pid');
    this.output = path.join(dir, 'daemon.out');
    this.env = { ...cleanEnvironment(), TURNPIKE_HOME: this.home, TURNPIKE_AUTOSTART: '0', TRACE_TO_LANGFUSE: 'true', LANGFUSE_BASE_URL: url, ...KEYS, ...more };
  }

  get pid() {
    return Number(fs.readFileSync(this.pidFile, 'utf8'));
  }

  launch() {
    const out = fs.openSync(this.output, 'a');
    const child = spawn(path.join(this.image, 'bin', 'turnpike'), ['daemon'], { env: this.env, stdio: ['ignore', out, out], detached: true });
    fs.closeSync(out);
    child.unref();
    fs.writeFileSync(this.pidFile, String(child.pid));
  }

  async start() {
    this.launch();
    await this.ready();
  }

  async ready() {
    await until('the daemon', async () => {
      if (!alive(this.pid)) throw new Error(`the daemon ended at once; it said:\n${fs.readFileSync(this.output, 'utf8').slice(-2000)}`);
      return (await this.ask('GET', '/v1/health', 5_000).catch(() => null))?.status === 200;
    });
  }

  alive() {
    return alive(this.pid) && !zombie(this.pid);
  }

  /** Hooks that found no daemon, of sessions nobody will ask for. */
  fillSpool(files) {
    const spool = path.join(this.home, 'state', 'spool');
    fs.mkdirSync(spool, { recursive: true, mode: 0o700 });
    const begin = BigInt(Date.now()) * 1_000_000n;
    for (let n = 0; n < files; n++) {
      const time = begin + BigInt(n);
      const body = JSON.stringify({ session_id: `spooled-${n % 50}`, hook_event_name: 'Notification', message: 'x'.repeat(500) });
      const head = ['POST /v1/events/claude-code HTTP/1.1', 'Host: turnpike', `Content-Length: ${body.length}`, 'Turnpike-Protocol: 1', `Turnpike-Event-Id: ${time}-9`, `Turnpike-Time: ${time}`, 'Turnpike-Cwd: /tmp', 'Turnpike-Parent-Pid: 1', 'Turnpike-Client: 0.1.0'];
      fs.writeFileSync(path.join(spool, `${time}-4711.evt`), `${head.join('\r\n')}\r\n\r\n${body}`, { mode: 0o600 });
    }
  }

  /** SIGKILL, and gone when this returns. */
  async kill() {
    const pid = this.pid;
    if (alive(pid)) process.kill(pid, 'SIGKILL');
    await until('the killed daemon', () => !alive(pid) || zombie(pid));
  }

  /** Also one that we did not start but that serves our home: it would answer whoever comes next. */
  async stop() {
    const serving = await this.ask('GET', '/v1/status', 5_000).then((a) => a.json().pid, () => undefined);
    for (const pid of new Set([this.pid, serving ?? this.pid])) await this.stopProcess(pid);
  }

  async stopProcess(pid) {
    const ended = () => !alive(pid) || zombie(pid);
    if (ended()) return;
    process.kill(pid, 'SIGTERM');
    await until('the stopping daemon', ended, STOP_WITHIN_MS).catch(() => {
      if (!ended()) process.kill(pid, 'SIGKILL');
    });
  }

  ask(method, target, withinMs = 60_000) {
    return new Promise((resolve, reject) => {
      const request = http.request({ socketPath: this.socket, method, path: target, headers: { 'content-length': 0 }, timeout: withinMs }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (s) => { text += s; }).on('end', () => resolve({ status: answer.statusCode, text, json: () => JSON.parse(text) }));
      });
      request.on('timeout', () => request.destroy(new Error(`${method} ${target}: no answer within ${withinMs} ms`)));
      request.on('error', reject);
      request.end();
    });
  }

  async flush(wait = '60s') {
    return (await this.ask('POST', `/v1/flush?wait=${wait}`, 90_000)).json();
  }

  async status() {
    return (await this.ask('GET', '/v1/status')).json();
  }

  /** Resident memory in MiB; undefined where /proc does not tell. */
  rssMiB() {
    const file = `/proc/${this.pid}/status`;
    if (!fs.existsSync(file)) return undefined;
    return Math.round(Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(file, 'utf8'))?.[1]) / 1024);
  }

  /** Lines of its log and output at WARN or above. */
  complaints() {
    const logs = path.join(this.home, 'log');
    const files = [this.output, ...(fs.existsSync(logs) ? fs.readdirSync(logs).map((f) => path.join(logs, f)) : [])];
    return files.flatMap((f) => fs.readFileSync(f, 'utf8').split('\n').filter((l) => /\b(WARN|ERROR)\b|^Exception|^Error|OutOfMemory/.test(l)));
  }
}

// A child of ours that was killed stays in the process table until node has looked.
function zombie(pid) {
  try {
    return /^State:\s+Z/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return true;
  }
}

/** The caller's environment without anything that would change what is traced, or where to. */
export function cleanEnvironment() {
  return Object.fromEntries(Object.entries(process.env).filter(([k]) => !/^(TURNPIKE_(?!JAVA)|LANGFUSE_|CC_LANGFUSE_|TRACE_TO_LANGFUSE$|CLAUDE|OTEL_|ANTHROPIC_|TRACEPARENT$)/.test(k)));
}

/** What is wrong with a daemon's own account of a run; an empty list if nothing is. */
export function accountProblems(status, complaints, { expected = /^$/ } = {}) {
  const wrong = [];
  const add = (what, n) => { if (!expected.test(what)) wrong.push(`${what}${n === undefined ? '' : ` ${n}`}`); };
  for (const p of status.problems ?? []) add(`problem: ${p}`);
  for (const w of status.warnings ?? []) add(`warning: ${w}`);
  for (const [k, n] of Object.entries(status.drops ?? {})) if (n) add(`drop: ${k}`, n);
  for (const a of status.agents ?? []) {
    for (const [k, n] of Object.entries(a.malformed ?? {})) if (n) add(`malformed: ${k}`, n);
    for (const [k, n] of Object.entries(a.lines ?? {})) if (n) add(`lines: ${k}`, n);
  }
  for (const d of status.destinations ?? []) if (d.deadLetters || d.lastError) add(`destination: ${d.deadLetters} dead letters, ${d.lastError}`);
  for (const l of complaints) add(`log: ${l.slice(0, 300)}`);
  return wrong;
}

export const flag = (argv, name) => argv.includes('--' + name);
export const option = (argv, name, fallback) => { const i = argv.indexOf('--' + name); return i >= 0 && argv[i + 1] !== undefined ? argv[i + 1] : fallback; };
