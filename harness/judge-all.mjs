#!/usr/bin/env node
// judge-all.mjs - every fixture through the real hook client, socket and daemon into the stand-in for Langfuse, judged, in every mode.
//
//   node harness/judge-all.mjs [options]
//     --image DIR     the built image (default target/turnpike)       --fixtures DIR  (default fixtures/claude-code)
//     --mode A,B      only these modes       --only A,B   only fixtures whose name holds one of these       --list  what would be done
//     --jobs N        replays at once (default 2); a mode that kills its daemon takes one at a time
//     --seed N        of the faults (default 1)
//     --keep          leave the working directory and say where it is (kept anyway if something failed)
//     --verbose       also the results that are good, and every failed check
//   Exit 0 if all passed; the last line is "N passed, M failed".
//
// One daemon and one stand-in serve all fixtures of a mode; each fixture has its home and is judged by its own session ids. After each
// replay the daemon is flushed, which must end by itself. Beyond the judge, each mode is also held to this:
//   - ids, times, parents, texts and levels are those of the first mode (decision 15: the way a turn came in must not show);
//   - no span of a session that was not replayed; no warning of the stand-in;
//   - the daemon's own account (status, log) has no problem, no drop, no unknown line, no dead letter; the inbox is empty.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { canonical, compare, judge } from './judge.mjs';
import { Daemon, FakeLangfuse, HARNESS, accountProblems, cleanEnvironment, flag, option, run } from './turnpike.mjs';

const ROOT = path.dirname(HARNESS);
const AGENT = 'claude-code';
const argv = process.argv.slice(2);
const IMAGE = path.resolve(option(argv, 'image', path.join(ROOT, 'target', 'turnpike')));
const FIXTURES = path.resolve(option(argv, 'fixtures', path.join(ROOT, 'fixtures', AGENT)));
const VERBOSE = flag(argv, 'verbose');

const SERVER_SET = /^(simple-turn|multi-tool|subagent|background-subagent|interactive|thinking|stop-failure|headless-sigint|tty-esc-tool|unicode-large|workflow|fork-with-subagent)$/;
const KILL_SET = /^(simple-turn|multi-tool|parallel-tools|subagent|background-subagent|interactive|resume|nested-background|parallel-background|auto-compact|send-message|workflow|tty-background|fork-with-subagent|kill-subagent|stream-json-steering)$/;

// Gaps are cut to 150 ms: the daemon sees the order of the capture without the wait for what the model took
const PACED = ['--max-gap', '150'];
const MODES = {
  normal: { what: 'as captured', replay: PACED },
  again: { what: 'as captured, a second time: the same ids and times', replay: ['--max-gap', '60'] },
  'at-once': { what: 'all files first, then all hooks back to back', replay: ['--at-once'], times: 'loose' },
  dup: { what: 'every hook twice', replay: [...PACED, '--faults', 'dup'] },
  reorder: { what: 'neighbouring hooks swapped', replay: [...PACED, '--faults', 'reorder'] },
  drop: { what: 'a third of the hooks that end nothing is lost', replay: [...PACED, '--faults', 'drop'] },
  registered: { what: 'only the hooks that are registered by default', replay: [...PACED, '--registered'] },
  dual: { what: 'a server that takes both protocols', replay: PACED, server: { mode: 'dual' }, only: SERVER_SET },
  legacy: { what: 'a server before OTLP: classic ingestion, where agents and tools are spans', replay: PACED, server: { mode: 'legacy', version: '3.40.0' }, only: SERVER_SET, untyped: true },
  classic: { what: 'classic ingestion because a setting asks for it', replay: PACED, server: { mode: 'legacy', version: '3.120.0' }, only: SERVER_SET, settings: { TURNPIKE_EXPORTER: 'classic' } },
  killed: { what: 'the daemon is killed (SIGKILL) before every third hook', replay: PACED, kill: 3, jobs: 1, only: KILL_SET },
};

// Why a fixture cannot be judged as the others in a mode. Said aloud in every run.
const NOT_JUDGED = [
  { fixture: /^no-persistence$/, mode: /./, why: 'the agent wrote no file: message ids and usage are not knowable; only its trace, prompt, answer and tool call are looked at', instead: hooksOnly },
  { fixture: /^no-persistence$/, mode: /^(drop|registered)$/, why: 'the hooks that are left out are all there is', skip: true },
];

// Counted, yet nothing that should have arrived is missing: rows read; the copied turns of a fork; a hook that spooled what the daemon
// had taken in the end (the client waits 200 ms and no longer).
const ORDINARY = /^(lines: read|drop: claude-code\.turn\.skipped\.already_told|drop: spool\.repeated)$/;

function hooksOnly(expected, rows) {
  const [turn] = expected.turns;
  const roots = rows.filter((r) => !r.parentObservationId);
  const tools = rows.filter((r) => r.type === 'TOOL').map((r) => r.name);
  const want = turn.generations.flatMap((g) => g.tool_calls.map((t) => t.name));
  const bad = [];
  if (new Set(rows.map((r) => r.traceId)).size !== 1 || roots.length !== 1) bad.push(`wanted one trace with one root, got ${roots.length} roots`);
  if (!JSON.stringify(roots[0]?.input ?? '').includes(turn.prompt)) bad.push(`prompt: ${JSON.stringify(roots[0]?.input)}`);
  if (!JSON.stringify(roots[0]?.output ?? '').includes(turn.generations.at(-1).text)) bad.push(`answer: ${JSON.stringify(roots[0]?.output)}`);
  if (tools.join() !== want.join()) bad.push(`tools: wanted ${want}, got ${tools}`);
  return bad.map((why) => ({ group: 'hooks only', name: 'what the hooks say', ok: false, why }));
}

// ------------------------------------------------------------------------------------------------ fixtures
function load(name) {
  const dir = path.join(FIXTURES, name);
  const expected = JSON.parse(fs.readFileSync(path.join(dir, 'expected.json'), 'utf8'));
  const ids = new Set(expected.turns.map((t) => t.session_id));
  for (const line of fs.readFileSync(path.join(dir, 'hooks.jsonl'), 'utf8').split('\n')) {
    if (line.trim()) ids.add(JSON.parse(line).payload.session_id);
  }
  return { name, dir, expected, sessions: [...ids].filter(Boolean) };
}

const only = option(argv, 'only')?.split(',');
const fixtures = fs.readdirSync(FIXTURES, { withFileTypes: true })
  .filter((e) => e.isDirectory() && fs.existsSync(path.join(FIXTURES, e.name, 'hooks.jsonl')))
  .map((e) => e.name).sort().filter((n) => !only || only.some((o) => n.includes(o))).map(load);
const modes = option(argv, 'mode')?.split(',') ?? Object.keys(MODES);
for (const m of modes) if (!MODES[m]) { console.error(`no mode ${m}; there are ${Object.keys(MODES).join(' ')}`); process.exit(2); }
if (!fixtures.length) { console.error('no fixture of that name'); process.exit(2); }
if (flag(argv, 'list')) {
  for (const m of modes) console.log(`${m.padEnd(10)} ${MODES[m].what}; ${of(MODES[m]).length} fixtures`);
  process.exit(0);
}
if (!fs.existsSync(path.join(IMAGE, 'bin', 'turnpike'))) { console.error(`no image at ${IMAGE}: mvn -B -q package -DskipTests`); process.exit(2); }

function of(mode) {
  return fixtures.filter((f) => !mode.only || mode.only.test(f.name));
}

// ------------------------------------------------------------------------------------------------ one mode
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'turnpike-judge-'));
let passed = 0;
const failures = [];
const baseline = {}; // the first mode's state, for the comparison
const notJudged = new Set();

function result(mode, name, problems, note = '') {
  if (problems.length) failures.push(`${mode} ${name}`);
  else passed += 1;
  if (!problems.length && !VERBOSE) return;
  console.log(`${problems.length ? 'FAIL' : 'ok  '} ${mode} ${name}${note}`);
  for (const p of VERBOSE ? problems : problems.slice(0, 8)) console.log(`       ${p}`);
  if (!VERBOSE && problems.length > 8) console.log(`       and ${problems.length - 8} more`);
}

async function runMode(name) {
  const mode = MODES[name];
  const todo = of(mode).filter((f) => {
    const skipped = NOT_JUDGED.find((n) => n.skip && n.fixture.test(f.name) && n.mode.test(name));
    if (skipped) notJudged.add(`${name} ${f.name}: not run. ${skipped.why}`);
    return !skipped;
  });
  const since = Date.now();
  console.log(`-- ${name}: ${mode.what} (${todo.length} fixtures)`);
  const dir = path.join(work, 'run'); // the same path in every mode: paths are part of the input
  fs.rmSync(dir, { recursive: true, force: true });
  fs.mkdirSync(dir, { mode: 0o700 });
  const server = await FakeLangfuse.start(mode.server);
  const daemon = new Daemon(IMAGE, dir, server.url, mode.settings);
  const outcomes = new Map();
  running = { server, daemon };
  try {
    await daemon.start();
    const queue = [...todo];
    const worker = async () => { for (let f = queue.shift(); f; f = queue.shift()) outcomes.set(f.name, await replay(mode, f, daemon)); };
    await Promise.all(Array.from({ length: Math.min(mode.jobs ?? Number(option(argv, 'jobs', 2)), queue.length) }, worker));
    if (mode.kill) await daemon.ready();
    const last = await daemon.flush();
    const state = mode.untyped ? typed(await server.state()) : await server.state();
    const status = await daemon.status();
    const rss = daemon.rssMiB();
    todo.forEach((f) => result(name, f.name, verdict(name, mode, f, state, outcomes.get(f.name))));
    result(name, '(the daemon\'s own account)', account(mode, todo, state, status, last, daemon));
    if (!baseline.state && !mode.only) { baseline.state = state; baseline.mode = name; }
    const waits = [...outcomes].map(([f, o]) => ({ f, ms: o.flush?.waitedMillis })).filter((w) => Number.isFinite(w.ms)).sort((a, b) => a.ms - b.ms);
    const slow = waits.slice(-3).reverse().map((w) => `${w.f} ${w.ms}`).join(', ');
    const kills = fs.existsSync(path.join(dir, 'kills')) ? `, ${fs.readFileSync(path.join(dir, 'kills'), 'utf8')} kills` : '';
    console.log(`   ${Math.round((Date.now() - since) / 1000)} s, ${state.spans?.length || state.observations?.length} spans, daemon ${rss} MiB, flush p50 ${waits[Math.floor(waits.length / 2)]?.ms} ms, longest ${slow}${kills}`);
  } finally {
    await daemon.stop().catch((e) => console.log(`   ${e.message}`));
    server.stop();
    running = undefined;
    if (failures.some((f) => f.startsWith(name + ' '))) fs.cpSync(dir, path.join(work, name), { recursive: true, filter: (s) => !s.endsWith('.sock') });
  }
}

async function replay(mode, fixture, daemon) {
  const env = { ...cleanEnvironment(), ...Object.fromEntries(Object.entries(daemon.env).filter(([k]) => /^(TURNPIKE_|LANGFUSE_|TRACE_TO_LANGFUSE$)/.test(k))) };
  const args = [path.join(HARNESS, 'replay.mjs'), '--agent', AGENT, '--fixture', fixture.dir, '--hook', daemon.hook, '--home', path.join(daemon.dir, 'home', fixture.name), ...mode.replay, '--seed', option(argv, 'seed', '1')];
  if (mode.kill) args.push('--between', `"${process.execPath}" "${path.join(HARNESS, 'restart-daemon.mjs')}" "${daemon.image}" "${daemon.dir}"`, '--every', String(mode.kill));
  const { code, out } = await run(process.execPath, args, { env });
  if (mode.kill) await daemon.ready();
  const flush = await daemon.flush().catch((e) => ({ error: e.message }));
  return { code, out, flush };
}

function verdict(name, mode, fixture, state, { code, out, flush }) {
  const problems = [];
  if (code !== 0) problems.push(`replay: exit ${code}: ${out.trim().slice(-400)}`);
  if (flush.error || !flush.complete) problems.push(`flush: ${flush.error ?? JSON.stringify(flush)}`);
  const options = { sessions: fixture.sessions, times: mode.times, allowDup: !!mode.kill };
  const instead = NOT_JUDGED.find((n) => n.instead && n.fixture.test(fixture.name));
  let checks;
  if (instead) {
    notJudged.add(`${fixture.name}: ${instead.why}`);
    checks = instead.instead(fixture.expected, rowsOf(state).filter((r) => fixture.sessions.includes(r.sessionId)));
  } else {
    checks = judge(canonical(AGENT, fixture.expected), state, options);
  }
  if (baseline.state && !instead) checks.push(...compare(...(state.spans?.length ? [baseline.state, state] : [plain(baseline.state), plain(state)]), options).map((c) => ({ ...c, name: `${c.name} as in ${baseline.mode}` })));
  return [...problems, ...checks.filter((c) => !c.ok).map((c) => `[${c.group}] ${c.name}: ${c.why}`)];
}

// Below 3.98.2 a server has no type for agents and tool calls; the judge asks for them. The ids and parents are checked as they came.
function typed(state) {
  const tools = new Set((state.observations ?? []).filter((o) => o.metadata?.tool_call_id).map((o) => o.id));
  for (const o of (state.observations ?? []).filter((s) => s.type === 'SPAN')) {
    if (tools.has(o.id)) o.type = 'TOOL';
    else if (!o.parentObservationId || tools.has(o.parentObservationId)) o.type = 'AGENT';
  }
  return state;
}

// What both ways in have in common: classic ingestion tells times in milliseconds, gives texts back as values, and an event has no end.
function plain(state) {
  const value = (x) => { try { return typeof x === 'string' ? JSON.parse(x) : x; } catch { return x; } };
  const rows = rowsOf(state).map(({ startNano: _, endNano: __, ...r }) => ({ ...r, endTime: r.endTime ?? r.startTime, parentObservationId: r.parentObservationId ?? null, input: value(r.input), output: value(r.output) }));
  return { ...state, spans: rows };
}

function rowsOf(state) {
  if (state.spans?.length) return state.spans;
  const session = new Map((state.traces ?? []).map((t) => [t.id, t.sessionId]));
  return (state.observations ?? []).map((o) => ({ ...o, sessionId: session.get(o.traceId) }));
}

function account(mode, todo, state, status, last, daemon) {
  const known = new Set(todo.flatMap((f) => f.sessions));
  const problems = [];
  const strays = rowsOf(state).filter((r) => !known.has(r.sessionId));
  if (strays.length) problems.push(`${strays.length} spans of sessions that were not replayed: ${[...new Set(strays.map((r) => r.sessionId))].slice(0, 3)}`);
  if (state.counters?.duplicateSpansDivergent) problems.push(`${state.counters.duplicateSpansDivergent} spans came twice with different content`);
  if (!mode.kill && state.counters?.duplicateSpansSameKey) problems.push(`${state.counters.duplicateSpansSameKey} spans came twice`);
  const warned = (state.warnings ?? []).filter((w) => w.what !== 'duplicate-span');
  if (warned.length) problems.push(`warnings of the server: ${[...new Set(warned.map((w) => w.what))]}`);
  for (const k of ['pendingEvents', 'pendingBatches', 'parkedBatches', 'openTurns']) if (last[k]) problems.push(`after the last flush ${k} is ${last[k]}`);
  return [...problems, ...accountProblems(status, daemon.complaints(), { expected: ORDINARY })];
}

// ------------------------------------------------------------------------------------------------ all
let running; // what an interrupt has to end
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    running?.server.stop();
    if (running) process.kill(running.daemon.pid, 'SIGKILL');
    console.log(`${passed} passed, ${failures.length + 1} failed`);
    process.exit(1);
  });
}
for (const m of modes) {
  try {
    await runMode(m);
  } catch (e) {
    result(m, '(as a whole)', [String(e?.stack ?? e)]);
  }
}
for (const n of notJudged) console.log(`NOT JUDGED ${n}`);
if (failures.length || flag(argv, 'keep')) {
  fs.rmSync(path.join(work, 'run'), { recursive: true, force: true });
  console.log(`kept: ${work}`);
} else {
  fs.rmSync(work, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failures.length} failed`);
process.exit(failures.length ? 1 : 0);
