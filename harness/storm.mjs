#!/usr/bin/env node
// storm.mjs - many sessions and hooks at once, under the flags the daemon is shipped with: no loss, bounded memory and threads, and a slow
// session never delays another; a transcript that grows without end costs each turn its own new bytes.
//
//   node harness/storm.mjs [--seconds N (20)] [--rate HOOKS_A_SECOND (200)] [--sessions N (64)] [--transcript-mb N (100)] [--image DIR] [--keep]
//   Exit 0 if all passed; the last line is "N passed, M failed".
//
// The hooks are sent as the hook client sends them, over the socket; every 50th by the client itself. Every 100th hook has a body of 16 MiB.
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { Daemon, FakeLangfuse, HARNESS, cleanEnvironment, flag, option, run, sleep, until } from './turnpike.mjs';

const ROOT = path.dirname(HARNESS);
const FIXTURE = path.join(ROOT, 'fixtures', 'claude-code', 'simple-turn');
const argv = process.argv.slice(2);
const IMAGE = path.resolve(option(argv, 'image', path.join(ROOT, 'target', 'turnpike')));
const SECONDS = Number(option(argv, 'seconds', 20));
const RATE = Number(option(argv, 'rate', 200));
const SESSIONS = Number(option(argv, 'sessions', 64));
const TRANSCRIPT_MB = Number(option(argv, 'transcript-mb', 100));
const MIB = 1024 * 1024;
const RSS_LIMIT_MIB = 260; // -Xmx96m, 24 MiB of code, metaspace, stacks, and what the JVM itself needs
const THREADS_LIMIT = 64; // some 25 of the JVM and ours; carriers of virtual threads that wait for a disk come and go

const work = fs.mkdtempSync(path.join(os.tmpdir(), 'turnpike-storm-'));
const home = path.join(work, 'home');
const folder = path.join(home, '.claude', 'projects', (home + '/shop').replace(/[^a-zA-Z0-9]/g, '-'));
fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
fs.mkdirSync(path.join(home, 'shop'), { recursive: true });
const server = await FakeLangfuse.start();
const daemon = new Daemon(IMAGE, work, server.url);
const agent = new http.Agent({ keepAlive: false });
let passed = 0;
let failed = 0;

function result(name, problems, note = '') {
  console.log(`${problems.length ? 'FAIL' : 'ok  '} ${name}${note}`);
  for (const p of problems) console.log(`       ${p}`);
  if (problems.length) failed += 1;
  else passed += 1;
}

// ------------------------------------------------------------------------------------------------ material
const captured = fs.readFileSync(path.join(FIXTURE, 'hooks.jsonl'), 'utf8').trim().split('\n').map((l) => JSON.parse(l).payload);
const [file] = fs.readdirSync(path.join(FIXTURE, 'projects', '-home-dev-shop')).filter((f) => f.endsWith('.jsonl'));
const rows = fs.readFileSync(path.join(FIXTURE, 'projects', '-home-dev-shop', file), 'utf8');
// every id of the capture but the session's: they are the turn's own and must differ from turn to turn
const unique = [...new Set([...rows.matchAll(/"(?:uuid|parentUuid|promptId|prompt_id|requestId|id|requestRef)":"([^"]+)"/g)].map((m) => m[1]).concat(captured.map((p) => p.prompt_id).filter(Boolean)))].filter((id) => id !== captured[0].session_id);

/** The captured turn as the n-th of a session: ids of its own, later by n minutes. */
function turnOf(session, n) {
  const mark = (text) => unique.reduce((t, id) => t.replaceAll(id, `${id}-${session}-${n}`), text)
    .replaceAll(captured[0].session_id, sessionId(session)).replaceAll('/home/dev', home)
    .replace(/"timestamp":"([^"]+)"/g, (m, t) => `"timestamp":"${new Date(Date.parse(t) + n * 60_000).toISOString()}"`);
  const payloads = captured.filter((p) => n === 0 || !/^Session/.test(p.hook_event_name)).map((p) => JSON.parse(mark(JSON.stringify(p))));
  for (const p of payloads) p.transcript_path = transcript(session);
  return { rows: mark(rows), payloads };
}
const sessionId = (session) => `00000000-0000-4000-8000-${String(session).padStart(12, '0')}`;
const transcript = (session) => path.join(folder, `${sessionId(session)}.jsonl`);

let sent = 0;
const spoolable = []; // what was not taken at once and is sent again, as the client's spool would be
function post(body, id = `storm-${process.pid}-${sent++}`) {
  return new Promise((resolve) => {
    const at = process.hrtime.bigint();
    const env = Object.entries(daemon.env).filter(([k]) => /^(LANGFUSE_|TRACE_TO_LANGFUSE$)/.test(k)).map(([k, v]) => `${k}=${encodeURIComponent(v).replaceAll('%3A', ':').replaceAll('%2F', '/')}`);
    const request = http.request({ socketPath: daemon.socket, agent, method: 'POST', path: '/v1/events/claude-code', timeout: 20_000, headers: { 'content-length': body.length, 'turnpike-protocol': '1', 'turnpike-event-id': id, 'turnpike-time': String(BigInt(Date.now()) * 1_000_000n), 'turnpike-cwd': path.join(home, 'shop'), 'turnpike-parent-pid': String(process.pid), 'turnpike-client': '0.1.0', 'turnpike-env': env } }, (answer) => {
      answer.resume().on('end', () => resolve({ status: answer.statusCode, ms: Number(process.hrtime.bigint() - at) / 1e6, id, body }));
    });
    request.on('timeout', () => request.destroy(new Error('no answer')));
    request.on('error', (e) => resolve({ status: 0, why: e.message, id, body }));
    request.end(body);
  });
}

async function byClient(payload) {
  const env = { ...cleanEnvironment(), ...Object.fromEntries(Object.entries(daemon.env).filter(([k]) => /^(TURNPIKE_|LANGFUSE_|TRACE_TO_LANGFUSE$)/.test(k))) };
  const { code, out } = await run(daemon.hook, ['claude-code'], { env, cwd: path.join(home, 'shop'), input: payload });
  return { status: code === 0 && !out ? 202 : 0, why: out, ms: 0 };
}

const threads = () => Number(/Threads:\s+(\d+)/.exec(fs.readFileSync(`/proc/${daemon.pid}/status`, 'utf8'))?.[1]);
const at = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))]?.toFixed(1);

// ------------------------------------------------------------------------------------------------ the storm
async function storm() {
  const turns = new Array(SESSIONS).fill(0);
  const queues = turns.map(() => []);
  const waits = [];
  const problems = [];
  const pending = new Set();
  let rss = 0;
  let most = 0;
  let refused = 0;
  let hooks = 0;
  const end = Date.now() + SECONDS * 1000;
  const began = Date.now();
  while (Date.now() < end) {
    const due = Math.floor(((Date.now() - began) / 1000) * RATE);
    for (; hooks < due; hooks += 1) {
      const s = hooks % SESSIONS;
      if (!queues[s].length) {
        const t = turnOf(s, turns[s]++);
        fs.appendFileSync(transcript(s), t.rows, { mode: 0o600 });
        queues[s] = t.payloads;
      }
      const payload = queues[s].shift();
      if (hooks % 100 === 99) payload.padding = 'p'.repeat(16 * MIB - 4096);
      const text = Buffer.from(JSON.stringify(payload));
      const call = (hooks % 50 === 25 ? byClient(text) : post(text)).then((a) => {
        pending.delete(call);
        if (a.status === 202) waits.push(a.ms);
        else if (a.status === 503 || a.status === 0) { refused += 1; spoolable.push(a); }
        else problems.push(`answer ${a.status}`);
      });
      pending.add(call);
    }
    rss = Math.max(rss, daemon.rssMiB());
    most = Math.max(most, threads());
    await sleep(5);
  }
  await Promise.all(pending);
  for (let s = 0; s < SESSIONS; s += 1) for (const p of queues[s]) await post(Buffer.from(JSON.stringify(p)));
  for (const a of spoolable.splice(0)) if (a.body) await until('what was refused is taken', async () => (await post(a.body, a.id)).status === 202, 60_000, 100);
  const flush = await daemon.flush('120s');
  rss = Math.max(rss, daemon.rssMiB());
  if (!flush.complete || flush.pendingEvents) problems.push(`flush: ${JSON.stringify(flush)}`);
  const state = await server.state();
  const wanted = turns.reduce((a, b) => a + b, 0);
  for (let s = 0; s < SESSIONS; s += 1) {
    const got = new Set(state.spans.filter((r) => r.sessionId === sessionId(s)).map((r) => r.traceId)).size;
    if (got !== turns[s]) problems.push(`session ${s}: ${turns[s]} turns, ${got} traces`);
  }
  if (state.counters.duplicateSpansSameKey || state.counters.duplicateSpansDivergent) problems.push(`${state.counters.duplicateSpansSameKey} spans came twice`);
  if (rss > RSS_LIMIT_MIB) problems.push(`the daemon has grown to ${rss} MiB`);
  if (most > THREADS_LIMIT) problems.push(`${most} threads`);
  const sorted = waits.sort((a, b) => a - b);
  result(`${SESSIONS} sessions, ${hooks} hooks in ${SECONDS} s, every 100th of 16 MiB`, problems, `: ${wanted} turns arrived, ${refused} hooks were sent twice, answers p50 ${at(sorted, 0.5)} ms, p99 ${at(sorted, 0.99)} ms, at most ${rss} MiB and ${most} threads`);
}

/**
 * One session has a file that takes long to read; meanwhile a small one comes and goes. Where the machine has read the file before the
 * small turn's own rests are over, a longer file tells: a turn that has to wait for the other comes last whatever the length.
 */
async function slowBesideQuick() {
  let said;
  for (const factor of [5, 10, 20]) {
    said = await beside(SESSIONS + 10 * factor, factor * TRANSCRIPT_MB);
    if (said.quickFirst) break;
  }
  result(`a file of ${said.megabytes} MB in one session, a turn in another`, said.quickFirst ? [] : ['the quick one waited for the slow one'], `: the turn took ${said.quickAfter} ms, the file ${said.slowAfter} ms`);
}

async function beside(slow, megabytes) {
  const t = turnOf(slow, 0);
  const out = fs.openSync(transcript(slow), 'w', 0o600);
  const row = `{"type":"attachment","sessionId":"${sessionId(slow)}","attachment":{"type":"file","content":"${'a'.repeat(900_000)}"}}\n`;
  const lines = t.rows.trimEnd().split('\n');
  fs.writeSync(out, lines.slice(0, 4).join('\n') + '\n');
  for (let i = 0; i < megabytes; i += 1) fs.writeSync(out, row);
  fs.writeSync(out, lines.slice(4).join('\n') + '\n');
  fs.closeSync(out);
  for (const p of t.payloads) await post(Buffer.from(JSON.stringify(p)));
  const quick = slow + 1;
  const q = turnOf(quick, 0);
  fs.appendFileSync(transcript(quick), q.rows, { mode: 0o600 });
  const began = Date.now();
  for (const p of q.payloads) await post(Buffer.from(JSON.stringify(p)));
  const has = async (s) => (await server.state()).spans.some((r) => r.sessionId === sessionId(s));
  await until('the quick session', () => has(quick), 60_000, 20);
  const quickAfter = Date.now() - began;
  await until('the slow session', () => has(slow), 240_000, 20);
  const slowAfter = Date.now() - began;
  fs.rmSync(transcript(slow));
  const order = [...new Set((await server.state()).spans.map((r) => r.sessionId))].filter((id) => id === sessionId(slow) || id === sessionId(quick));
  return { megabytes, quickFirst: order[0] === sessionId(quick), quickAfter, slowAfter };
}

/** What the daemon has read of its files from start to end, from the kernel's own count. */
const bytesRead = () => Number(/rchar:\s+(\d+)/.exec(fs.readFileSync(`/proc/${daemon.pid}/io`, 'utf8'))[1]);

async function longTranscript() {
  const s = SESSIONS + 3;
  const first = turnOf(s, 0);
  fs.appendFileSync(transcript(s), first.rows, { mode: 0o600 });
  for (const p of first.payloads.filter((x) => x.hook_event_name !== 'SessionEnd')) await post(Buffer.from(JSON.stringify(p)));
  await daemon.flush();
  const filler = `{"type":"attachment","sessionId":"${sessionId(s)}","attachment":{"type":"file","content":"${'b'.repeat(1_000_000)}"}}\n`;
  const costs = [];
  const problems = [];
  const TURNS = 5;
  for (let n = 1; n <= TURNS; n += 1) {
    for (let i = 0; i < TRANSCRIPT_MB / TURNS; i += 1) fs.appendFileSync(transcript(s), filler);
    await post(Buffer.from(JSON.stringify({ ...turnOf(s, n).payloads[0] })));
    await daemon.flush();
    const before = bytesRead();
    const t = turnOf(s, n);
    fs.appendFileSync(transcript(s), t.rows);
    for (const p of t.payloads.filter((x) => x.hook_event_name !== 'SessionEnd')) await post(Buffer.from(JSON.stringify(p)));
    await daemon.flush();
    costs.push(bytesRead() - before);
  }
  const size = fs.statSync(transcript(s)).size;
  if (Math.max(...costs) > 4 * MIB) problems.push(`a turn made the daemon read ${Math.max(...costs)} bytes of a file of ${size}`);
  const got = new Set((await server.state()).spans.filter((r) => r.sessionId === sessionId(s)).map((r) => r.traceId)).size;
  if (got !== TURNS + 1) problems.push(`${TURNS + 1} turns, ${got} traces`);
  result(`a transcript that grows to ${Math.round(size / 1e6)} MB`, problems, `: the daemon read ${costs.map((c) => `${Math.round(c / 1024)} KiB`).join(', ')} for each next turn`);
}

try {
  await daemon.start();
  for (const part of [storm, slowBesideQuick, longTranscript]) await part().catch((e) => result(part.name, [String(e?.stack ?? e)]));
  const errors = daemon.complaints().filter((l) => /\bERROR\b|OutOfMemory|Exception/.test(l));
  result('the log has no error', errors.slice(0, 5));
} catch (e) {
  result('as a whole', [String(e?.stack ?? e)]);
} finally {
  await daemon.stop().catch((e) => console.log(e.message));
  server.stop();
}
if (failed || flag(argv, 'keep')) console.log(`kept: ${work}`);
else fs.rmSync(work, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
