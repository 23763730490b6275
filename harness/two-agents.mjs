#!/usr/bin/env node
// two-agents.mjs - two agents at once in one repository, and one agent's hooks run by another: every trace lands where it belongs.
//
//   node harness/two-agents.mjs [--agent A,B] [--image DIR] [--only together|foreign] [--keep] [--verbose]
//     together   every two agents, and every agent beside itself: a recording each, played at once into one daemon, in one home and one repository
//     foreign    every agent whose hooks are programs, fired through the registration of another one (`turnpike-hook OTHER`), alone and beside its own;
//                and the recordings of fixtures/foreign, whose agents have no adapter: they must become nobody's trace, and be counted
//   Exit 0 if all passed; the last line is "N passed, M failed".
//
// Which recordings: `together` in harness/agents/<agent>.mjs (two names, default multi-tool or the like and subagent), `foreign` (default the first of them).
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { agentModules } from './agents/index.mjs';
import { canonical, judge } from './judge.mjs';
import { Daemon, FakeLangfuse, HARNESS, accountProblems, cleanEnvironment, flag, option, run } from './turnpike.mjs';

const ROOT = path.dirname(HARNESS);
const argv = process.argv.slice(2);
const IMAGE = path.resolve(option(argv, 'image', path.join(ROOT, 'target', 'turnpike')));
const PACED = ['--max-gap', '60', '--seed', '1'];
const FOREIGN = path.join(ROOT, 'fixtures', 'foreign');
const only = option(argv, 'only');
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'turnpike-two-'));
let passed = 0;
let failed = 0;
let number = 0;

const agents = await agentModules(option(argv, 'agent')?.split(','));
const hooked = agents.filter((a) => !a.play && a.hooks !== false); // the others speak from inside the agent: nobody else can run them

const USUAL = [['multi-tool', 'multi_tool', 'shell-tools'], ['subagent']]; // whichever of them an agent has

function recording(agent, names) {
  const root = path.join(ROOT, 'fixtures', agent.id);
  const dir = names.map((n) => path.join(root, n)).find((d) => fs.existsSync(d));
  if (!dir) throw new Error(`${agent.id} has no recording ${names}`);
  const expected = JSON.parse(fs.readFileSync(path.join(dir, 'expected.json'), 'utf8'));
  return { name: path.basename(dir), dir, expected, sessions: [...new Set(agent.sessions(dir, expected))].filter(Boolean) };
}
const together = (agent, n) => recording(agent, agent.together ? [agent.together[n]] : USUAL[n]);
const foreign = (agent) => (agent.foreign ? agent.foreign.map((name) => recording(agent, [name])) : [together(agent, 0)]);

/** A program in the place of the hook client, as another agent's registration: it says that agent's name. */
function registration(dir, hook, as, beside) {
  const file = path.join(dir, `hook-of-${as}${beside ? '-too' : ''}`);
  const body = beside
    ? `t=$(mktemp) || exit 1\ncat >"$t"\n"${hook}" "$@" <"$t"\nshift\n"${hook}" ${as} "$@" <"$t"\nrm -f "$t"\n`
    : `shift\nexec "${hook}" ${as} "$@"\n`;
  fs.writeFileSync(file, `#!/bin/sh\n${body}`, { mode: 0o700 });
  return file;
}

/** Plays all at once into one daemon; each: { agent, fixture, as?, beside? }. */
async function play(name, plays, extra = () => []) {
  const dir = path.join(work, String(++number)); // short: a socket's path has a limit
  const home = path.join(dir, 'home');
  fs.mkdirSync(path.join(home, 'shop'), { recursive: true, mode: 0o700 });
  const server = await FakeLangfuse.start();
  const known = [...new Set(plays.map((p) => p.agent).filter((a) => a.sessions))];
  const daemon = new Daemon(IMAGE, dir, server.url, Object.assign({}, ...known.map((a) => a.settings)));
  const problems = [];
  try {
    for (const a of known) a.prepare?.(daemon);
    await daemon.start();
    const tracing = Object.fromEntries(Object.entries(daemon.env).filter(([k]) => /^(TURNPIKE_|LANGFUSE_|TRACE_TO_LANGFUSE$)/.test(k)));
    const env = { ...cleanEnvironment(), ...tracing };
    const outcomes = await Promise.all(plays.map(({ agent, fixture, as, beside }) => {
      if (agent.play) return agent.play({ agent, fixture, daemon, home, env, more: PACED });
      const hook = as ? registration(dir, daemon.hook, as, beside) : daemon.hook;
      return run(process.execPath, [path.join(HARNESS, 'replay.mjs'), '--agent', agent.id, '--fixture', fixture.dir, '--hook', hook, '--home', home, ...(agent.replay?.(daemon, fixture) ?? []), ...PACED], { env });
    }));
    const flush = await daemon.flush();
    if (!flush.complete) problems.push(`flush: ${JSON.stringify(flush)}`);
    const state = await server.state();
    const status = await daemon.status();
    plays.forEach(({ agent, fixture }, i) => {
      const who = `${agent.id} ${fixture.name}`;
      if (outcomes[i].code !== 0) problems.push(`${who}: replay: exit ${outcomes[i].code}: ${outcomes[i].out.trim().slice(-300)}`);
      if (!fixture.expected) return;
      const checks = judge(canonical(agent.id, fixture.expected), state, { sessions: fixture.sessions, times: agent.times });
      problems.push(...checks.filter((c) => !c.ok).map((c) => `${who}: [${c.group}] ${c.name}: ${c.why}`));
      const others = (state.spans ?? []).filter((s) => fixture.sessions.includes(s.sessionId) && s.metadata?.agent !== undefined && s.metadata.agent !== agent.id);
      if (others.length) problems.push(`${who}: ${others.length} spans say they are of ${[...new Set(others.map((s) => s.metadata.agent))]}`);
    });
    const sessions = new Set(plays.flatMap((p) => p.fixture.sessions ?? []));
    const strays = (state.spans ?? []).filter((s) => !sessions.has(s.sessionId));
    if (strays.length) problems.push(`${strays.length} spans of nobody's session: ${[...new Set(strays.map((s) => s.sessionId))].slice(0, 3)}`);
    if (state.counters?.duplicateSpansSameKey || state.counters?.duplicateSpansDivergent) problems.push(`spans came twice: ${JSON.stringify(state.counters)}`);
    const ordinary = { test: (what) => known.some((a) => a.ordinary.test(what)) };
    problems.push(...accountProblems(status, daemon.complaints(), { expected: ordinary }), ...extra(status, outcomes));
    for (const k of ['pendingEvents', 'pendingBatches', 'parkedBatches', 'openTurns']) if (flush[k]) problems.push(`after the flush ${k} is ${flush[k]}`);
    fs.writeFileSync(path.join(dir, 'state.json'), JSON.stringify({ state, status }));
  } finally {
    await daemon.stop().catch((e) => problems.push(e.message));
    server.stop();
  }
  return problems;
}

async function proof(name, plays, extra) {
  const problems = await play(name, plays, extra).catch((e) => [String(e?.stack ?? e)]);
  if (problems.length) failed += 1;
  else passed += 1;
  if (problems.length || flag(argv, 'verbose')) console.log(`${problems.length ? 'FAIL' : 'ok  '} ${name}`);
  for (const p of problems.slice(0, 12)) console.log(`       ${p}`);
}

if (only !== 'foreign') {
  for (const [i, one] of agents.entries()) {
    await proof(`${one.id} twice`, [0, 1].map((n) => ({ agent: one, fixture: together(one, n) })));
    for (const other of agents.slice(i + 1)) await proof(`${one.id} and ${other.id}`, [one, other].map((agent) => ({ agent, fixture: together(agent, 0) })));
  }
}

const told = (status, as) => status.agents.find((a) => a.agent === as);

/** All went to their owner, and nothing became the other agent's. */
const passedOn = (as, owner) => (status) => {
  const { ignored, sessions, spans } = told(status, as);
  const problems = ignored[`passed-on.${owner}`] > 0 ? [] : [`no hook was passed on: ${JSON.stringify(ignored)}`];
  if (sessions || spans) problems.push(`${as} has ${sessions} sessions and ${spans} spans of it`);
  return problems;
};

/** The count a daemon gives for events of an agent it has no adapter for. */
const counted = (status, as, owner) => told(status, as).ignored[`foreign.${owner}`] ?? 0;
const delivered = (outcome) => Number(/: (\d+) of \d+ hooks delivered/.exec(outcome.out)?.[1]);
const OWNER = { 'kiro-cli': 'kiro', 'kiro-ide': 'kiro' };

if (only !== 'together') {
  const strangers = fs.readdirSync(FOREIGN, { withFileTypes: true }).filter((e) => e.isDirectory() && !agents.some((a) => a.id === e.name)).map((e) => e.name);
  for (const as of hooked) {
    const others = hooked.filter((a) => a !== as);
    const fired = (beside) => others.flatMap((agent) => foreign(agent).map((fixture) => ({ agent, fixture, as: as.id, beside })));
    const passed = (status) => others.flatMap((agent) => passedOn(as.id, agent.id)(status));
    if (others.length) await proof(`${others.map((a) => a.id).join(', ')} fire their own hooks and those of ${as.id}`, fired(true), passed);
    const strange = strangers.map((id) => ({ agent: { id }, fixture: { name: id, dir: path.join(FOREIGN, id) }, as: as.id }));
    const plays = [...fired(false), ...strange];
    await proof(`${plays.map((p) => p.agent.id).join(', ')} fire the hooks of ${as.id}`, plays, (status, outcomes) => {
      const want = {};
      plays.forEach((p, i) => { if (p.agent.sessions) return; const owner = OWNER[p.agent.id] ?? p.agent.id; want[owner] = (want[owner] ?? 0) + delivered(outcomes[i]); });
      const uncounted = Object.entries(want).filter(([owner, n]) => counted(status, as.id, owner) !== n);
      return [...passed(status), ...uncounted.map(([owner, n]) => `${n} hooks of ${owner}, counted ${counted(status, as.id, owner)}`)];
    });
  }
}
if (passed + failed === 0) failed += 1; // nothing judged must not look like nothing wrong
if (failed || flag(argv, 'keep')) console.log(`kept: ${work}`);
else fs.rmSync(work, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
