#!/usr/bin/env node
// bad-input.mjs - what no agent should send, through the real client and socket to a real daemon: each with its stated answer, counted in
// status, the daemon healthy after, its memory bounded under the flags it is shipped with.
//
//   node harness/bad-input.mjs [--image DIR] [--only A,B] [--keep]
//   Exit 0 if all passed; the last line is "N passed, M failed".
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { execFileSync } from 'node:child_process';
import { canonical, judge } from './judge.mjs';
import { Daemon, FakeLangfuse, HARNESS, cleanEnvironment, flag, option, run } from './turnpike.mjs';

const ROOT = path.dirname(HARNESS);
const FIXTURE = path.join(ROOT, 'fixtures', 'claude-code', 'simple-turn');
const argv = process.argv.slice(2);
const IMAGE = path.resolve(option(argv, 'image', path.join(ROOT, 'target', 'turnpike')));
const only = option(argv, 'only')?.split(',');
const MIB = 1024 * 1024;
const RSS_LIMIT_MIB = 260; // -Xmx96m, 24 MiB of code, metaspace, stacks, and what the JVM itself needs

const work = fs.mkdtempSync(path.join(os.tmpdir(), 'turnpike-bad-'));
const home = path.join(work, 'home');
const folder = path.join(home, '.claude', 'projects', (home + '/shop').replace(/[^a-zA-Z0-9]/g, '-'));
fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
fs.mkdirSync(path.join(home, 'shop'), { recursive: true });
const server = await FakeLangfuse.start();
const daemon = new Daemon(IMAGE, work, server.url);
let passed = 0;
let failed = 0;

// ------------------------------------------------------------------------------------------------ material
const captured = fs.readFileSync(path.join(FIXTURE, 'hooks.jsonl'), 'utf8').trim().split('\n').map((l) => JSON.parse(l).payload);
const [capturedFile] = fs.readdirSync(path.join(FIXTURE, 'projects', '-home-dev-shop')).filter((f) => f.endsWith('.jsonl'));
const rows = fs.readFileSync(path.join(FIXTURE, 'projects', '-home-dev-shop', capturedFile), 'utf8');
const ids = [captured[0].session_id, captured[1].prompt_id, ...new Set(rows.match(/"uuid":"[0-9a-f-]{36}"/g))].map((s) => s.replace(/.*"([0-9a-f-]{36})"$/, '$1'));
let sessions = 0;

/** The captured turn as that of another session: ids of its own, paths below our home. */
function another() {
  sessions += 1;
  const mark = sessions.toString(16).padStart(8, '0');
  const map = (text) => ids.reduce((t, id) => t.replaceAll(id, mark + id.slice(8)), text).replaceAll('/home/dev', home);
  const session = mark + ids[0].slice(8);
  return { session, file: path.join(folder, session + '.jsonl'), rows: map(rows), payloads: captured.map((p) => ({ ...JSON.parse(map(JSON.stringify(p))), transcript_path: path.join(folder, session + '.jsonl') })) };
}

const hook = (input, { agent = 'claude-code', event, cwd } = {}) => run(daemon.hook, [agent, ...(event ? [event] : [])], { input, cwd: cwd ?? path.join(home, 'shop'), env: { ...cleanEnvironment(), ...passOn(), HOME: home }, withinMs: 20_000 });
const passOn = () => Object.fromEntries(Object.entries(daemon.env).filter(([k]) => /^(TURNPIKE_|LANGFUSE_|TRACE_TO_LANGFUSE$)/.test(k)));

/** The same event without the client: the daemon's own answer. */
function post(body, agent = 'claude-code') {
  return new Promise((resolve) => {
    const ns = String(BigInt(Date.now()) * 1_000_000n);
    const request = http.request({ socketPath: daemon.socket, method: 'POST', path: `/v1/events/${agent}`, timeout: 20_000, headers: {
      'content-length': body.length, 'turnpike-protocol': '1', 'turnpike-event-id': `${ns}-${Math.floor(Math.random() * 1e9)}`, 'turnpike-time': ns, 'turnpike-cwd': home,
      'turnpike-env': ['TRACE_TO_LANGFUSE=true', ...Object.entries(passOn()).filter(([k]) => k.startsWith('LANGFUSE_')).map(([k, v]) => `${k}=${encodeURIComponent(v)}`)] } }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode));
    });
    request.on('timeout', () => request.destroy(new Error('no answer')));
    request.on('error', (e) => resolve(e.code ?? e.message)); // refused before its end was read
    request.end(body);
  });
}

/** Plays a turn whose transcript is what the caller has made of it. */
async function turn({ payloads }) {
  const problems = [];
  for (const p of payloads) problems.push(...silent(await hook(JSON.stringify(p))));
  return problems;
}

const silent = ({ code, out }) => (code === 0 && out === '' ? [] : [`the client: exit ${code}, it said ${JSON.stringify(out.slice(0, 100))}`]);
const tracesOf = async (session) => new Set((await server.state()).spans.filter((s) => s.sessionId === session).map((s) => s.traceId)).size;

function counts(status) {
  const all = new Map();
  const put = (k, n) => all.set(k, (all.get(k) ?? 0) + n);
  for (const [k, n] of Object.entries(status.drops ?? {})) put(k, n);
  for (const a of status.agents ?? []) for (const group of ['ignored', 'malformed', 'lines']) for (const [k, n] of Object.entries(a[group] ?? {})) put(`${group}.${k}`, n);
  return all;
}

// ------------------------------------------------------------------------------------------------ cases
// counted: what in status must have grown. answer: [body, agent] sent without the client, and what the daemon says to it.
const CASES = {
  'empty body': { counted: /^malformed\.empty$/, answer: [Buffer.alloc(0), 'claude-code', 202], play: async () => silent(await hook('')) },
  'not JSON': { counted: /^malformed\./, answer: [Buffer.from('hello there'), 'claude-code', 202], play: async () => silent(await hook('hello there')) },
  'JSON, but no object': { counted: /^malformed\.not_an_object$/, answer: [Buffer.from('[1,2]'), 'claude-code', 202], play: async () => silent(await hook('[1,2]')) },
  binary: { counted: /^malformed\./, answer: [Buffer.from([0, 255, 1, 254, 13, 10, 0]), 'claude-code', 202], play: async () => silent(await hook(Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 37) % 256)))) },
  'invalid UTF-8 in a payload': { counted: /^event\.accepted$/, play: async () => {
    const t = another();
    const bytes = (p) => { const b = Buffer.from(JSON.stringify(p)); const at = b.indexOf('shop sell'); if (at > 0) b[at] = 0xff; return b; };
    fs.writeFileSync(t.file, t.rows);
    const problems = [];
    for (const p of t.payloads) problems.push(...silent(await hook(bytes(p))));
    return problems;
  }, after: oneTrace },
  '16 MiB': { answer: [Buffer.alloc(16 * MIB, 'x'), 'claude-code', 202], counted: /^malformed\./, play: async () => silent(await hook(Buffer.alloc(16 * MIB, 'x'))) },
  '16 MiB + 1: the client cuts': { counted: /^hook\.body_truncated$/, play: async () => {
    const t = memo('cut', another());
    t.payloads[1].prompt = 'p'.repeat(16 * MIB); // without a transcript the hooks are all there is
    return turn(t);
  }, after: oneTrace },
  '17 MiB + 1 without the client': { counted: /^gateway\.too_large$/, answer: [Buffer.alloc(17 * MIB + 1, 'x'), 'claude-code', 413], play: async () => [] },
  'wrong agent name': { answer: [Buffer.from('{}'), 'frobnicator', 404], counted: /unknown_agent$/, play: async () => silent(await hook('{}', { agent: 'frobnicator' })) },
  'unknown event': { answer: [Buffer.from('{"hook_event_name":"Sneeze","session_id":"s"}'), 'claude-code', 202], counted: /^ignored\./, play: async () => silent(await hook('{"hook_event_name":"Sneeze","session_id":"s"}')) },
  'missing transcript': { play: async () => turn(memo('missing', another())), after: oneTrace },
  'a directory as transcript': { counted: /refused\.not-a-regular-file$/, play: async () => { const t = memo('dir', another()); fs.mkdirSync(t.file); return turn(t); } },
  'a FIFO as transcript': { counted: /refused\.not-a-regular-file$/, play: async () => { const t = memo('fifo', another()); execFileSync('mkfifo', [t.file]); return turn(t); } },
  'a symbolic link as transcript': { counted: /refused\./, play: async () => { const t = memo('link', another()); fs.writeFileSync(path.join(work, 'elsewhere.jsonl'), t.rows); fs.symlinkSync(path.join(work, 'elsewhere.jsonl'), t.file); return turn(t); }, after: noContent },
  'a transcript of another user': { counted: /refused\.belongs-to-another-user$/, play: async () => {
    const t = memo('foreign', another());
    if (process.getuid() === 0) { fs.writeFileSync(t.file, t.rows, { mode: 0o644 }); fs.chownSync(t.file, 12345, 12345); return turn(t); }
    return turn({ payloads: t.payloads.map((p) => ({ ...p, transcript_path: '/etc/hostname' })) });
  }, after: noContent },
  'a row of 200 MB': { counted: /oversized/, play: async () => {
    const t = memo('huge', another());
    const lines = t.rows.trimEnd().split('\n');
    const at = lines.findIndex((l) => l.includes('"type":"assistant"'));
    const out = fs.openSync(t.file, 'w', 0o600);
    fs.writeSync(out, lines.slice(0, at).join('\n') + '\n{"type":"attachment","attachment":{"type":"file","content":"');
    const piece = Buffer.alloc(MIB, 'a');
    for (let i = 0; i < 200; i++) fs.writeSync(out, piece);
    fs.writeSync(out, '"}}\n' + lines.slice(at).join('\n') + '\n');
    fs.closeSync(out);
    return turn(t);
  }, after: oneTrace },
  'a row of 15 MB': { play: async () => {
    const t = memo('large', another());
    const lines = t.rows.trimEnd().split('\n');
    const at = lines.findIndex((l) => l.includes('"type":"assistant"'));
    const big = JSON.parse(lines[at]);
    big.message.content[0].text = 'ü'.repeat(7.5 * MIB);
    fs.writeFileSync(t.file, [...lines.slice(0, at), JSON.stringify(big), ...lines.slice(at + 1)].join('\n') + '\n', { mode: 0o600 });
    t.payloads.forEach((p) => delete p.last_assistant_message);
    return turn(t);
  }, after: oneTrace },
  'invalid UTF-8 in a row': { play: async () => {
    const t = memo('utf8', another());
    const bytes = Buffer.from(t.rows);
    const at = bytes.indexOf('three products');
    bytes[at] = 0xc3;
    bytes[at + 1] = 0x28;
    fs.writeFileSync(t.file, bytes, { mode: 0o600 });
    t.payloads.forEach((p) => delete p.last_assistant_message);
    return turn(t);
  }, after: oneTrace },
  'rows that are no rows': { counted: /^lines\.(?!read)/, play: async () => {
    const t = memo('torn', another());
    const lines = t.rows.trimEnd().split('\n');
    fs.writeFileSync(t.file, ['', '{"type":"user"', '[]', 'null', '{}', '{"type":"never-heard-of","uuid":7}', '\u0000\u0000', ...lines, '{"type":"assistant","message":{'].join('\n') + '\n', { mode: 0o600 });
    return turn(t);
  }, after: oneTrace },
};

const made = {};
function memo(name, t) { made[name] = t; return t; }
let current;

async function oneTrace() {
  const session = current.session ?? Object.values(made).at(-1).session;
  const n = await tracesOf(session);
  return n === 1 ? [] : [`wanted one trace of the session, got ${n}`];
}

async function noContent() {
  const spans = (await server.state()).spans.filter((s) => s.sessionId === Object.values(made).at(-1).session && s.type === 'GENERATION');
  return spans.length ? ['rows of a file that must not be read were sent'] : [];
}

let largest = 0;
async function check(name) {
  const c = CASES[name];
  current = { session: undefined };
  const before = counts(await daemon.status());
  const first = sessions;
  const problems = await c.play();
  if (sessions > first && !Object.values(made).some((t) => Number.parseInt(t.session.slice(0, 8), 16) === sessions)) current.session = sessions.toString(16).padStart(8, '0') + ids[0].slice(8);
  if (c.answer) {
    const [body, agent, wanted] = c.answer;
    const got = await post(body, agent);
    if (got !== wanted) problems.push(`answer: wanted ${wanted}, got ${got}`);
  }
  const flush = await daemon.flush('30s').catch((e) => ({ error: e.message }));
  if (!flush.complete) problems.push(`flush: ${JSON.stringify(flush)}`);
  const status = await daemon.status();
  const grown = [...counts(status)].filter(([k, n]) => n > (before.get(k) ?? 0)).map(([k]) => k);
  if (c.counted && c.counted.source !== '^event\\.accepted$' && !grown.some((k) => c.counted.test(k))) problems.push(`not counted as ${c.counted}; what grew: ${grown.join(', ') || 'nothing'}`);
  if (c.after) problems.push(...await c.after());
  const health = await daemon.ask('GET', '/v1/health', 5_000).catch((e) => ({ status: e.message }));
  if (health.status !== 200) problems.push(`health: ${health.status}`);
  for (const k of ['pendingEvents', 'openTurns']) if (flush[k]) problems.push(`${k} is ${flush[k]} after the flush`);
  const rss = daemon.rssMiB() ?? 0;
  largest = Math.max(largest, rss);
  if (rss > RSS_LIMIT_MIB) problems.push(`the daemon has grown to ${rss} MiB`);
  console.log(`${problems.length ? 'FAIL' : 'ok  '} ${name} (${rss} MiB, flush ${flush.waitedMillis} ms; counted: ${grown.filter((k) => k !== 'lines.read').join(', ') || '-'})`);
  for (const p of problems) console.log(`       ${p}`);
  if (problems.length) failed += 1;
  else passed += 1;
}

/** After all of it a proper session is traced as ever, by the same process. */
async function stillWorks(pid) {
  const env = { ...cleanEnvironment(), ...passOn() };
  const { code, out } = await run(process.execPath, [path.join(HARNESS, 'replay.mjs'), '--agent', 'claude-code', '--fixture', FIXTURE, '--hook', daemon.hook, '--home', path.join(work, 'good'), '--max-gap', '150'], { env });
  const problems = code === 0 ? [] : [`replay: ${out.slice(-300)}`];
  await daemon.flush();
  const expected = JSON.parse(fs.readFileSync(path.join(FIXTURE, 'expected.json'), 'utf8'));
  const checks = judge(canonical('claude-code', expected), await server.state(), { sessions: expected.turns.map((t) => t.session_id) });
  problems.push(...checks.filter((c) => !c.ok).map((c) => `[${c.group}] ${c.name}: ${c.why}`));
  if (daemon.pid !== pid || (await daemon.status()).pid !== pid) problems.push('the daemon is another process');
  const errors = daemon.complaints().filter((l) => /\bERROR\b|OutOfMemory|Exception/.test(l));
  problems.push(...errors.slice(0, 5).map((l) => `log: ${l.slice(0, 300)}`));
  console.log(`${problems.length ? 'FAIL' : 'ok  '} a good session after all that; the daemon's largest size seen was ${largest} MiB`);
  for (const p of problems) console.log(`       ${p}`);
  if (problems.length) failed += 1;
  else passed += 1;
}

try {
  await daemon.start();
  const pid = daemon.pid;
  for (const name of Object.keys(CASES).filter((n) => !only || only.some((o) => n.includes(o)))) {
    await check(name).catch((e) => { failed += 1; console.log(`FAIL ${name}\n       ${e.stack}`); });
  }
  await stillWorks(pid);
} catch (e) {
  failed += 1;
  console.log(`FAIL ${e.stack}`);
} finally {
  await daemon.stop().catch((e) => console.log(e.message));
  server.stop();
}
if (failed || flag(argv, 'keep')) console.log(`kept: ${work}`);
else fs.rmSync(work, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
