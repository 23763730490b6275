#!/usr/bin/env node
// judge-all.mjs - every fixture through the real hook client, socket and daemon into the stand-in for Langfuse, judged, in every mode.
//
//   node harness/judge-all.mjs [options]
//     --agent A,B     only these agents (default: every module of harness/agents)
//     --image DIR     the built image (default target/turnpike)       --fixtures DIR  (default fixtures/<agent>; with one --agent)
//     --mode A,B      only these modes       --only A,B   only fixtures whose name holds one of these       --list  what would be done
//     --jobs N        replays at once (default 2); a mode that kills its daemon takes one at a time
//     --seed N        of the faults (default 1)
//     --keep          leave the working directory and say where it is (kept anyway if something failed)
//     --verbose       also the results that are good, and every failed check
//   Exit 0 if all passed; the last line is "N passed, M failed".
//
// What an agent needs of its own is in harness/agents/<agent>.mjs; the fields are explained in harness/agents/index.mjs.
// One daemon and one stand-in serve all fixtures of an agent's mode; each fixture has its home and is judged by its own session ids. After each
// replay the daemon is flushed, which must end by itself. Beyond the judge, each mode is also held to this:
//   - ids, times, parents, texts and levels are those of the first mode (decision 15: the way a turn came in must not show);
//   - no span of a session that was not replayed; no warning of the stand-in;
//   - the daemon's own account (status, log) has no problem, no drop, no unknown line, no dead letter; the inbox is empty.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { agentModules } from './agents/index.mjs';
import { canonical, compare, judge } from './judge.mjs';
import { Daemon, FakeLangfuse, HARNESS, accountProblems, cleanEnvironment, flag, option, run } from './turnpike.mjs';

const ROOT = path.dirname(HARNESS);
const argv = process.argv.slice(2);
const IMAGE = path.resolve(option(argv, 'image', path.join(ROOT, 'target', 'turnpike')));
const VERBOSE = flag(argv, 'verbose');

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
  dual: { what: 'a server that takes both protocols', replay: PACED, server: { mode: 'dual' }, only: 'servers' },
  legacy: { what: 'a server before OTLP: classic ingestion, where agents and tools are spans', replay: PACED, server: { mode: 'legacy', version: '3.40.0' }, only: 'servers', untyped: true },
  classic: { what: 'classic ingestion because a setting asks for it', replay: PACED, server: { mode: 'legacy', version: '3.120.0' }, only: 'servers', settings: { TURNPIKE_EXPORTER: 'classic' } },
  late: { what: 'no daemon for the first two hooks: they lie behind others in the spool when the third finds one', replay: PACED, late: 1_500, kill: 3, jobs: 1, only: 'late' },
  killed: { what: 'the daemon is killed (SIGKILL) before every third hook', replay: PACED, kill: 3, jobs: 1, only: 'kills' },
};

// ------------------------------------------------------------------------------------------------ fixtures
const only = option(argv, 'only')?.split(',');
const modes = option(argv, 'mode')?.split(',') ?? Object.keys(MODES);
for (const m of modes) if (!MODES[m]) { console.error(`no mode ${m}; there are ${Object.keys(MODES).join(' ')}`); process.exit(2); }
const agents = await agentModules(option(argv, 'agent')?.split(','));
const plans = agents.map((agent) => {
  const root = path.resolve(option(argv, 'fixtures', path.join(ROOT, 'fixtures', agent.id)));
  const names = fs.readdirSync(root, { withFileTypes: true }).filter((e) => e.isDirectory() && agent.isFixture(path.join(root, e.name))).map((e) => e.name).sort();
  if (!names.length) throw new Error(`no fixtures of ${agent.id} in ${root}`); // nothing judged must not look like nothing wrong
  const fixtures = names.filter((n) => !only || only.some((o) => n.includes(o))).map((name) => {
    const dir = path.join(root, name);
    const expected = JSON.parse(fs.readFileSync(path.join(dir, 'expected.json'), 'utf8'));
    return { name, dir, expected, sessions: [...new Set(agent.sessions(dir, expected))].filter(Boolean) };
  });
  return { agent, fixtures, baseline: {} }; // baseline: the first mode's state, for the comparison
}).filter((p) => p.fixtures.length);
if (!plans.length) { console.error('no fixture of that name'); process.exit(2); }

/** The fixtures of a plan that a mode is for. An agent names the sets; one it does not name has all, one it names null has none. */
function of({ agent, fixtures }, name) {
  if (agent.withoutModes?.includes(name)) return [];
  const set = agent.sets?.[MODES[name].only];
  return MODES[name].only && set !== undefined ? fixtures.filter((f) => set?.test(f.name)) : fixtures;
}
if (flag(argv, 'list')) {
  for (const p of plans) for (const m of modes) console.log(`${p.agent.id.padEnd(12)} ${m.padEnd(10)} ${MODES[m].what}; ${of(p, m).length} fixtures`);
  process.exit(0);
}
if (!fs.existsSync(path.join(IMAGE, 'bin', 'turnpike'))) { console.error(`no image at ${IMAGE}: mvn -B -q package -DskipTests`); process.exit(2); }

// ------------------------------------------------------------------------------------------------ one mode
/** Whether a daemon dies at work; one that comes late is only started. */
const kills = (mode) => !!mode.kill && !mode.late;

const work = fs.mkdtempSync(path.join(os.tmpdir(), 'turnpike-judge-'));
let passed = 0;
const failures = [];
const notJudged = new Set();

function result(mode, name, problems, note = '') {
  if (problems.length) failures.push(`${mode} ${name}`);
  else passed += 1;
  if (!problems.length && !VERBOSE) return;
  console.log(`${problems.length ? 'FAIL' : 'ok  '} ${mode} ${name}${note}`);
  for (const p of VERBOSE ? problems : problems.slice(0, 8)) console.log(`       ${p}`);
  if (!VERBOSE && problems.length > 8) console.log(`       and ${problems.length - 8} more`);
}

async function runMode(plan, mode_) {
  const mode = MODES[mode_];
  const { agent, baseline } = plan;
  const name = `${agent.id} ${mode_}`;
  const todo = of(plan, mode_).filter((f) => {
    const skipped = agent.notJudged?.find((n) => n.skip && n.fixture.test(f.name) && n.mode.test(mode_));
    if (skipped) notJudged.add(`${name} ${f.name}: not run. ${skipped.why}`);
    return !skipped;
  });
  if (!todo.length) return;
  const since = Date.now();
  console.log(`-- ${name}: ${mode.what} (${todo.length} fixtures)`);
  const dir = path.join(work, 'run'); // the same path in every mode: paths are part of the input
  fs.rmSync(dir, { recursive: true, force: true });
  fs.mkdirSync(dir, { mode: 0o700 });
  const server = await FakeLangfuse.start(mode.server);
  const daemon = new Daemon(IMAGE, dir, server.url, { ...agent.settings, ...mode.settings });
  const outcomes = new Map();
  running = { server, daemon };
  try {
    agent.prepare?.(daemon);
    await daemon.start();
    const queue = [...todo];
    const worker = async () => { for (let f = queue.shift(); f; f = queue.shift()) outcomes.set(f.name, await replay(plan, mode, f, daemon)); };
    await Promise.all(Array.from({ length: Math.min(mode.jobs ?? agent.jobs ?? Number(option(argv, 'jobs', 2)), queue.length) }, worker));
    if (mode.kill) await daemon.ready();
    const last = await daemon.flush();
    const state = mode.untyped ? typed(await server.state()) : await server.state();
    const status = await daemon.status();
    const rss = daemon.rssMiB();
    todo.forEach((f) => result(name, f.name, verdict(plan, mode, f, state, outcomes.get(f.name))));
    result(name, '(the daemon\'s own account)', account(agent, mode, todo, state, status, last, daemon));
    if (!baseline.state && !mode.only) { baseline.state = state; baseline.mode = mode_; }
    const waits = [...outcomes].map(([f, o]) => ({ f, ms: o.flush?.waitedMillis })).filter((w) => Number.isFinite(w.ms)).sort((a, b) => a.ms - b.ms);
    const slow = waits.slice(-3).reverse().map((w) => `${w.f} ${w.ms}`).join(', ');
    const deaths = fs.existsSync(path.join(dir, 'kills')) ? `, ${fs.readFileSync(path.join(dir, 'kills'), 'utf8')} kills` : '';
    console.log(`   ${Math.round((Date.now() - since) / 1000)} s, ${state.spans?.length || state.observations?.length} spans, daemon ${rss} MiB, flush p50 ${waits[Math.floor(waits.length / 2)]?.ms} ms, longest ${slow}${deaths}`);
  } finally {
    await daemon.stop().catch((e) => console.log(`   ${e.message}`));
    server.stop();
    running = undefined;
    if (failures.some((f) => f.startsWith(name + ' '))) fs.cpSync(dir, path.join(work, name.replace(' ', '-')), { recursive: true, filter: (s) => !s.endsWith('.sock') });
  }
}

async function replay({ agent }, mode, fixture, daemon) {
  const env = { ...cleanEnvironment(), ...Object.fromEntries(Object.entries(daemon.env).filter(([k]) => /^(TURNPIKE_|LANGFUSE_|TRACE_TO_LANGFUSE$)/.test(k))) };
  const home = path.join(daemon.dir, 'home', fixture.name);
  const more = [...mode.replay, '--seed', option(argv, 'seed', '1')];
  if (mode.kill) more.push('--between', `"${process.execPath}" "${path.join(HARNESS, 'restart-daemon.mjs')}" "${daemon.image}" "${daemon.dir}"${mode.late ? ' --absent' : ''}`, '--every', String(mode.kill));
  if (mode.late) {
    await daemon.kill();
    daemon.fillSpool(mode.late);
  }
  const player = agent.play ?? playCaptured;
  const { code, out } = await player({ agent, fixture, daemon, home, env, more });
  if (mode.late && !daemon.alive()) daemon.launch(); // there was no third hook
  if (mode.kill) await daemon.ready();
  const flush = await daemon.flush().catch((e) => ({ error: e.message }));
  return { code, out, flush };
}

/** By replay.mjs, which knows the agents whose hooks and files were captured. */
function playCaptured({ agent, fixture, daemon, home, env, more }) {
  return run(process.execPath, [path.join(HARNESS, 'replay.mjs'), '--agent', agent.id, '--fixture', fixture.dir, '--hook', daemon.hook, '--home', home, ...(agent.replay?.(daemon, fixture) ?? []), ...more], { env });
}

function verdict({ agent, baseline }, mode, fixture, state, { code, out, flush }) {
  const problems = [];
  if (code !== 0) problems.push(`replay: exit ${code}: ${out.trim().slice(-400)}`);
  if (flush.error || !flush.complete) problems.push(`flush: ${flush.error ?? JSON.stringify(flush)}`);
  const options = { sessions: fixture.sessions, times: mode.times ?? agent.times, allowDup: kills(mode) };
  const instead = agent.notJudged?.find((n) => n.instead && n.fixture.test(fixture.name));
  let checks;
  if (instead) {
    notJudged.add(`${agent.id} ${fixture.name}: ${instead.why}`);
    checks = instead.instead(fixture.expected, rowsOf(state).filter((r) => fixture.sessions.includes(r.sessionId)));
  } else {
    checks = judge(canonical(agent.id, fixture.expected), state, options);
  }
  if (baseline.state && !instead && !agent.timesOfHooks) checks.push(...compare(...(state.spans?.length ? [baseline.state, state] : [plain(baseline.state), plain(state)]), options).map((c) => ({ ...c, name: `${c.name} as in ${baseline.mode}` })));
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

function account(agent, mode, todo, state, status, last, daemon) {
  const known = new Set(todo.flatMap((f) => f.sessions));
  const problems = [];
  const strays = rowsOf(state).filter((r) => !known.has(r.sessionId));
  if (strays.length) problems.push(`${strays.length} spans of sessions that were not replayed: ${[...new Set(strays.map((r) => r.sessionId))].slice(0, 3)}`);
  if (state.counters?.duplicateSpansDivergent) problems.push(`${state.counters.duplicateSpansDivergent} spans came twice with different content`);
  if (!kills(mode) && state.counters?.duplicateSpansSameKey) problems.push(`${state.counters.duplicateSpansSameKey} spans came twice`);
  const warned = (state.warnings ?? []).filter((w) => w.what !== 'duplicate-span');
  if (warned.length) problems.push(`warnings of the server: ${[...new Set(warned.map((w) => w.what))]}`);
  for (const k of ['pendingEvents', 'pendingBatches', 'parkedBatches', 'openTurns']) if (last[k]) problems.push(`after the last flush ${k} is ${last[k]}`);
  // a body whose step had not come to the journal when the daemon was killed is made again
  const halves = kills(mode) ? /^drop: (inbox|outbox)\.orphan / : /^$/;
  return [...problems, ...accountProblems(status, daemon.complaints(), { expected: agent.ordinary }).filter((what) => !halves.test(what))];
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
for (const plan of plans) {
  for (const m of modes) {
    try {
      await runMode(plan, m);
    } catch (e) {
      result(`${plan.agent.id} ${m}`, '(as a whole)', [String(e?.stack ?? e)]);
    }
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
