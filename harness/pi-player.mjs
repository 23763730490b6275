#!/usr/bin/env node
// pi-player.mjs - plays a recording of Pi (fixtures/pi) through the real extension, as Pi would: session files grow, each event is given to
// the extension's handlers and awaited, one process for each process of the recording, sub-agents' with what they inherit. No dependencies.
//
//   node harness/pi-player.mjs --fixture DIR --home DIR [--plugin FILE] [options]
//     --max-gap MS   no gap is longer (default 150)     --at-once   final files first, then all events without gaps
//     --faults dup | reorder | drop   dup: every event's request twice. reorder: requests of neighbours swapped. drop: a third of those
//                    that end nothing is lost. Done on the wire, by a relay between extension and daemon.     --seed N
//     --between CMD --every N   run a shell command before every Nth event
//     --record FILE  no daemon: write the requests' bodies as lines {"rows":{file: complete rows on disk},"body":{...}} for GoldenTest
//   Date.now() is that of the recording inside the extension, so that two plays give the same input. TURNPIKE_*, LANGFUSE_* and
//   TRACE_TO_LANGFUSE are handed on. Exit 0 if every process came to its end.
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { execSync, fork } from 'node:child_process';
import { fileURLToPath, pathToFileURL } from 'node:url';

const SELF = fileURLToPath(import.meta.url);
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));

// ------------------------------------------------------------------------------------------------ a process of Pi
async function player(plugin) {
  let now = Date.now();
  Date.now = () => now;
  const handlers = new Map();
  const { default: extension } = await import(pathToFileURL(plugin));
  extension({ on: (name, handle) => handlers.set(name, [...(handlers.get(name) ?? []), handle]) });
  const answer = (value) => process.send(value, () => {});
  process.on('message', async ({ t, hook, event, ctx }) => {
    now = t;
    const problems = [];
    const sessionManager = { getSessionId: () => ctx.sessionId, getSessionFile: () => ctx.sessionFile, getLeafId: () => ctx.leafId ?? null };
    for (const handle of handlers.get(hook) ?? []) {
      try {
        if ((await handle(event, { mode: ctx.mode, cwd: ctx.cwd, model: ctx.model, sessionManager })) !== undefined) problems.push(`${hook}: a handler returned a value`);
      } catch (e) {
        problems.push(`${hook}: ${e.stack}`);
      }
    }
    answer({ problems, parent: process.env.PI_TURNPIKE_PARENT });
  });
  process.on('disconnect', () => process.exit(0));
  answer({ problems: [], parent: process.env.PI_TURNPIKE_PARENT });
}

class Process {
  constructor(plugin, env) {
    this.child = fork(SELF, ['--player', plugin], { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.gone = new Promise((r) => this.child.on('exit', r));
    this.parent = '';
  }

  answer() {
    return Promise.race([new Promise((r) => this.child.once('message', r)), this.gone.then((code) => ({ problems: [`a player ended with ${code}`] }))]);
  }

  async tell(message) {
    this.child.send(message);
    const { problems, parent } = await this.answer();
    this.parent = parent ?? this.parent;
    return problems;
  }
}

/** Killed without a word where the recording has none; what was on its way has arrived by then. */
async function ended(process_) {
  await sleep(100);
  process_.child.kill('SIGKILL');
  await process_.gone;
}

// ------------------------------------------------------------------------------------------------ files that grow
class Grown {
  constructor(file, target, home) {
    this.target = target;
    this.rows = fs.readFileSync(file, 'utf8').split('\n').slice(0, -1);
    this.ends = [];
    let end = 0;
    for (const row of this.rows) this.ends.push((end += Buffer.byteLength(row) + 1));
    this.rows = this.rows.map((r) => r.replaceAll('/home/dev', home) + '\n');
    this.written = 0;
    this.grown = 0; // by what the names of folders grew when the recording was made readable
  }

  /** What the recording says was there in the end is all there is. */
  measured(bytes) {
    this.grown = (this.ends.at(-1) ?? 0) - bytes;
  }

  /** What the recording says was there, in bytes of the recording. */
  to(bytes, really) {
    const rows = this.ends.filter((e) => e <= bytes + this.grown).length;
    if (rows <= this.written) return;
    if (really) {
      fs.mkdirSync(path.dirname(this.target), { recursive: true });
      fs.appendFileSync(this.target, this.rows.slice(this.written, rows).join(''), { mode: 0o600 });
    }
    this.written = rows;
  }
}

const walk = (d) => (fs.existsSync(d) ? fs.readdirSync(d, { withFileTypes: true }).flatMap((e) => (e.isDirectory() ? walk(path.join(d, e.name)) : [path.join(d, e.name)])) : []);

// ------------------------------------------------------------------------------------------------ the wire
/** Listens where the extension looks, and does with whole requests what onRequest says. */
function relay(socket, onRequest) {
  const server = net.createServer((from) => {
    const parts = [];
    from.on('error', () => {});
    from.on('data', async (data) => {
      parts.push(data);
      const all = Buffer.concat(parts);
      const head = all.indexOf('\r\n\r\n');
      const length = head < 0 ? NaN : Number(/content-length: (\d+)/i.exec(all.subarray(0, head).toString('latin1'))?.[1]);
      if (all.length < head + 4 + length || Number.isNaN(length)) return;
      from.end(await onRequest(all, all.subarray(head + 4)));
    });
  });
  return new Promise((r) => server.listen(socket, () => r(server)));
}

function forward(socket, bytes) {
  return new Promise((done) => {
    const answer = [];
    const to = net.createConnection(socket, () => to.write(bytes));
    to.on('data', (b) => answer.push(b));
    to.on('error', () => done(Buffer.alloc(0)));
    to.on('close', () => done(Buffer.concat(answer)));
  });
}

const TAKEN = Buffer.from('HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n');

/** dup, reorder, drop between extension and daemon. A held request is answered by ourselves, so that the extension goes on. */
function faulty(kind, target, random) {
  let held;
  const ends = (body) => /"moment":"(settled|end)"/.test(body.subarray(0, 2000).toString());
  const flush = async () => { const h = held; held = undefined; if (h) await forward(target, h); };
  return { flush, async onRequest(all, body) {
    if (kind === 'drop') return !ends(body) && !/"push":true/.test(body.subarray(0, 2000).toString()) && random() < 1 / 3 ? TAKEN : forward(target, all);
    if (kind === 'dup') { await forward(target, all); return forward(target, all); }
    if (held || ends(body) || random() < 0.5) { const answer = await forward(target, all); await flush(); return answer; }
    held = all;
    return TAKEN;
  } };
}

// ------------------------------------------------------------------------------------------------ a whole recording
export async function play({ fixture, home, plugin, env, maxGap = 150, atOnce = false, faults, seed = 1, between, every = 0, record }) {
  let state = seed >>> 0;
  const random = () => { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; return state / 4294967296; };
  const work = fs.mkdtempSync(path.join(os.tmpdir(), 'pi-play-'));
  const problems = [];
  const sessions = path.join(fixture, 'sessions');
  const files = new Map(walk(sessions).map((f) => {
    const rel = path.relative(sessions, f);
    return [`/home/dev/.pi/agent/sessions/${rel}`, new Grown(f, path.join(home, '.pi/agent/sessions', rel), home)];
  }));
  const growTo = (ctx) => { if (ctx?.sessionFile && ctx.fileBytes) files.get(ctx.sessionFile)?.to(ctx.fileBytes, !record); };
  const code = path.join(work, 'turnpike.mjs'); // a file of .ts is no module to Node 20
  fs.copyFileSync(plugin, code);
  const childEnv = { ...env, HOME: home };
  const lines = [];
  const pids = new Map();
  const playing = [];
  let server, wire;
  if (record || faults) {
    const target = childEnv.TURNPIKE_SOCKET || path.join(childEnv.TURNPIKE_HOME ?? work, 'turnpike.sock');
    childEnv.TURNPIKE_SOCKET = path.join(work, 's');
    wire = record ? { async onRequest(_, body) {
      const parsed = JSON.parse(body);
      lines.push({ rows: Object.fromEntries([...files].map(([f, g]) => [f, g.written])), body: { ...parsed, pid: pids.get(parsed.pid) ?? parsed.pid } });
      return TAKEN;
    } } : faulty(faults, target, random);
    server = await relay(childEnv.TURNPIKE_SOCKET, wire.onRequest);
  }
  let told = 0;
  const runs = fs.readdirSync(fixture).filter((f) => /^probe-\d+\.jsonl$/.test(f)).sort();
  const probes = runs.map((f) => fs.readFileSync(path.join(fixture, f), 'utf8').split('\n').filter((l) => l.trim()).map((l) => JSON.parse(l)));
  for (const { ctx } of probes.flat()) if (ctx?.fileBytes) files.get(ctx.sessionFile)?.measured(ctx.fileBytes);
  if (atOnce && !record) for (const f of files.values()) f.to(Infinity, true);
  for (const [run, probe] of probes.entries()) {
    const running = new Map();
    for (const [i, line] of probe.entries()) {
      const { t, pid, hook, event, ctx } = line;
      growTo(ctx);
      if (!running.has(pid)) {
        const above = [...running.values()].at(-1)?.parent;
        const process_ = new Process(code, above ? { ...childEnv, PI_TURNPIKE_PARENT: above } : childEnv);
        running.set(pid, process_);
        pids.set(process_.child.pid, pid);
        problems.push(...(await process_.answer()).problems);
      }
      if (!ctx?.sessionId) continue; // the program's own begin and end
      if (between && every && ++told % every === 0) execSync(between, { stdio: 'ignore', env });
      const moved = JSON.parse(JSON.stringify({ event, ctx }).replaceAll('/home/dev', home));
      if (record) { moved.event = event; moved.ctx = ctx; }
      problems.push(...(await running.get(pid).tell({ t, hook, ...moved })));
      const gap = i + 1 < probe.length ? Math.min(maxGap, Math.max(0, probe[i + 1].t - t)) : maxGap;
      if (!atOnce) await sleep(gap);
      else await sleep(record ? 0 : 1);
    }
    if (!atOnce) for (const l of probes[run + 1] ?? []) if (l.ctx?.sessionId) { growTo(l.ctx); break; }
    // with all files there a run's end would let the daemon judge the rows of the next run before that has said a word
    for (const p of running.values()) if (!atOnce) await ended(p);
    playing.push(...(atOnce ? running.values() : []));
  }
  for (const p of playing) await ended(p);
  for (const f of files.values()) f.to(Infinity, !record);
  await wire?.flush?.();
  server?.close();
  if (record) fs.writeFileSync(record, lines.map((l) => JSON.stringify(l) + '\n').join(''));
  fs.rmSync(work, { recursive: true, force: true });
  return { code: problems.length ? 1 : 0, out: problems.join('\n') };
}

/** Options as replay.mjs has them. */
export function playOptions(argv) {
  const get = (n) => { const i = argv.indexOf('--' + n); return i >= 0 ? argv[i + 1] : undefined; };
  return { maxGap: Number(get('max-gap') ?? 150), atOnce: argv.includes('--at-once'), faults: get('faults'), seed: Number(get('seed') ?? 1), between: get('between'), every: Number(get('every') ?? 0) };
}

if (process.argv[1] === SELF) {
  const argv = process.argv.slice(2);
  const get = (n, d) => { const i = argv.indexOf('--' + n); return i >= 0 ? argv[i + 1] : d; };
  if (get('player')) {
    await player(get('player'));
  } else if (!get('fixture') || !(get('home') || get('record'))) {
    console.log(fs.readFileSync(SELF, 'utf8').split('\n').slice(1).filter((l, i, a) => l.startsWith('//') && a.slice(0, i).every((q) => q.startsWith('//'))).map((l) => l.slice(3)).join('\n'));
    process.exit(2);
  } else {
    const { code, out } = await play({ ...playOptions(argv), fixture: get('fixture'), home: path.resolve(get('home', '/home/dev')), record: get('record'), env: process.env,
      plugin: path.resolve(get('plugin', path.join(path.dirname(SELF), '..', 'agent-plugins', 'pi', 'turnpike.ts'))) });
    if (out) console.log(out);
    process.exit(code);
  }
}
