#!/usr/bin/env node
// absence.mjs - what a plugin costs the real agent when no daemon answers, and that nothing is lost by it.
//
//   node harness/absence.mjs --agent A [--bin PROGRAM] [--cache DIR] [--image DIR] [--runs N (default 5)]
//   Without --bin: what real-agents.mjs has installed below --cache (default target/agents).
//   The same run without the plugin and with it: daemon there, absent, dead (a socket that nobody serves any more), hanging (a socket that
//   takes everything and never answers). Prints medians and minima. After "absent", "dead" and "hanging" a daemon is started and must make the right
//   trace of what lies in the spool.
//   For hooks also "missing": the registered program is not there. Nothing can be traced then, but the agent must answer as ever.
//   Exit 0 if every run's trace is right and no way is more than LIMIT_MS above that without the plugin, by its median and by its minimum: on a
//   busy machine medians alone differ by more from one run of this script to the next.
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { agentModules } from './agents/index.mjs';
import { canonical, judge } from './judge.mjs';
import { Daemon, FakeLangfuse, HARNESS, cleanEnvironment, option, run } from './turnpike.mjs';

const ROOT = path.dirname(HARNESS);
const argv = process.argv.slice(2);
const IMAGE = path.resolve(option(argv, 'image', path.join(ROOT, 'target', 'turnpike')));
const RUNS = Number(option(argv, 'runs', 5));
const [agent] = await agentModules([option(argv, 'agent')]);
const { absence } = agent.live;
const LIMIT_MS = absence.limitMs ?? 600; // the 250 ms that the end may cost, and what a busy machine adds
const material = path.join(ROOT, 'fixtures', agent.id, absence.fixture);
const expected = JSON.parse(fs.readFileSync(path.join(material, 'expected.json'), 'utf8'));
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'turnpike-absence-'));
const problems = [];
const given = option(argv, 'bin');
const cache = path.resolve(option(argv, 'cache', path.join(ROOT, 'target', 'agents')));
const bin = given ? path.resolve(given) : await agent.live.bin(path.join(cache, agent.id), work);

/** A socket file whose process is gone. */
function deadSocket(at) {
  fs.mkdirSync(path.dirname(at), { recursive: true, mode: 0o700 });
  spawnSync(process.execPath, ['-e', `require('net').createServer().listen(${JSON.stringify(at)}, () => process.kill(process.pid, 'SIGKILL'))`]);
}

function hangingSocket(at) {
  fs.mkdirSync(path.dirname(at), { recursive: true, mode: 0o700 });
  const server = net.createServer((socket) => { socket.on('data', () => {}); socket.on('error', () => {}); });
  return new Promise((r) => server.listen(at, () => r(server)));
}

async function once(how, number) {
  const dir = path.join(work, `${how}-${number}`);
  const home = path.join(dir, 'home');
  const shop = path.join(home, 'shop');
  fs.mkdirSync(shop, { recursive: true });
  const server = await FakeLangfuse.start();
  const daemon = new Daemon(IMAGE, dir, server.url, agent.settings);
  let hang;
  let started = false;
  const start = async () => { await daemon.start(); started = true; };
  try {
    if (how === 'present') await start();
    if (how === 'dead') deadSocket(daemon.socket);
    if (how === 'hanging') hang = await hangingSocket(daemon.socket);
    const tracing = Object.fromEntries(Object.entries(daemon.env).filter(([k]) => /^(TURNPIKE_|LANGFUSE_|TRACE_TO_LANGFUSE$)/.test(k)));
    const env = { ...cleanEnvironment(), ...tracing, ...agent.live.environment(bin), ...agent.live.byHand({ daemon, home, shop }), ...absence.with, ...absence[how] };
    const stub = path.join(dir, 'scenario.json');
    fs.writeFileSync(stub, fs.readFileSync(path.join(material, 'scenario.json'), 'utf8').replaceAll('/home/dev/shop', shop).replaceAll('/home/dev', home));
    const { code, out } = await run('bash', [path.join(HARNESS, agent.live.script), home, shop, stub, absence.prompt], { env, withinMs: 180_000 });
    if (code !== 0) problems.push(`${how}: exit ${code}: ${out.slice(-300)}`);
    const ms = absence.ms(home);
    problems.push(...(absence.harm?.(home, expected) ?? []).map((why) => `${how}: ${why}`));
    if (how === 'without' || how === 'missing') return ms;
    hang?.close();
    if (hang) fs.rmSync(daemon.socket, { force: true });
    if (!started) await start();
    const flush = await daemon.flush();
    const canon = canonical(agent.id, expected);
    for (const s of canon.sessions) { s.id = null; for (const t of s.traces) { t.sessionId = undefined; t.traceId = undefined; } }
    const checks = judge(canon, await server.state(), { live: true });
    problems.push(...checks.filter((c) => !c.ok).map((c) => `${how}: [${c.group}] ${c.name}: ${c.why}`));
    if (!flush.complete) problems.push(`${how}: flush: ${JSON.stringify(flush)}`);
    const left = path.join(daemon.home, 'state', 'spool');
    const files = fs.existsSync(left) ? fs.readdirSync(left).filter((f) => /\.(evt|tmp)$/.test(f)) : [];
    if (files.length) problems.push(`${how}: ${files.length} files are left in the spool`);
    return ms;
  } finally {
    hang?.close();
    if (started) await daemon.stop().catch(() => {});
    server.stop();
  }
}

const HOWS = ['without', 'present', 'absent', 'dead', 'hanging', ...(absence.missing ? ['missing'] : [])];
const times = Object.fromEntries(HOWS.map((h) => [h, []]));
for (let i = 0; i < RUNS; i++) for (const how of HOWS) times[how].push(await once(how, i));
const median = (l) => [...l].sort((a, b) => a - b)[Math.floor(l.length / 2)];
const least = (l) => Math.min(...l);
const above = (f, how) => f(times[how]) - f(times.without);
for (const how of HOWS) {
  const more = (f) => (how === 'without' ? '' : ` (${above(f, how) >= 0 ? '+' : ''}${above(f, how)})`);
  console.log(`${how.padEnd(8)} median ${median(times[how])} ms${more(median)}, least ${least(times[how])}${more(least)}, all ${times[how].join(' ')}`);
  if (above(median, how) > LIMIT_MS && above(least, how) > LIMIT_MS) problems.push(`${how}: costs ${above(least, how)} ms and more`);
}
for (const p of problems) console.log(`FAIL ${p}`);
if (!problems.length) fs.rmSync(work, { recursive: true, force: true });
else console.log(`kept: ${work}`);
console.log(`${problems.length ? 0 : HOWS.length} passed, ${problems.length} failed`);
process.exit(problems.length ? 1 : 0);
