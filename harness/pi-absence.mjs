#!/usr/bin/env node
// pi-absence.mjs - what the extension costs the real Pi when no daemon answers, and that nothing is lost by it.
//
//   node harness/pi-absence.mjs [--image DIR] [--prefix DIR with Pi and node installed (default target/agents/pi)] [--runs N (default 5)]
//   The same run (fixture multi_tool, six model calls, five tools) without the extension and with it: daemon there, absent, dead (a socket
//   that nobody serves any more) and hanging (a socket that takes everything and never answers). Prints the medians. Each time after
//   "absent", "dead" and "hanging" a daemon is started and must make the right trace of what the spool holds.
//   Exit 0 if every run's trace is right and no median is more than LIMIT_MS above that without the extension.
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { canonical, judge } from './judge.mjs';
import pi from './agents/pi.mjs';
import { Daemon, FakeLangfuse, HARNESS, cleanEnvironment, option, run } from './turnpike.mjs';

const LIMIT_MS = 1000; // the end may cost 200 ms; on a crowded machine everything takes a multiple, and only a wait that is not bounded shall fail
const ROOT = path.dirname(HARNESS);
const argv = process.argv.slice(2);
const IMAGE = path.resolve(option(argv, 'image', path.join(ROOT, 'target', 'turnpike')));
const PREFIX = path.resolve(option(argv, 'prefix', path.join(ROOT, 'target', 'agents', 'pi')));
const RUNS = Number(option(argv, 'runs', 5));
const FIXTURE = path.join(ROOT, 'fixtures', 'pi', 'multi_tool');
const expected = JSON.parse(fs.readFileSync(path.join(FIXTURE, 'expected.json'), 'utf8'));
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'pi-absence-'));
const problems = [];

const bin = await pi.live.bin(PREFIX, work);

/** A socket file whose process is gone. */
function deadSocket(at) {
  fs.mkdirSync(path.dirname(at), { recursive: true, mode: 0o700 });
  spawnSync(process.execPath, ['-e', `require('net').createServer().listen(${JSON.stringify(at)}, () => process.kill(process.pid, 'SIGKILL'))`]);
}

function hanging(at) {
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
  const daemon = new Daemon(IMAGE, dir, server.url);
  let hang;
  try {
    if (how === 'present') await daemon.start();
    if (how === 'dead') deadSocket(daemon.socket);
    if (how === 'hanging') hang = await hanging(daemon.socket);
    const tracing = Object.fromEntries(Object.entries(daemon.env).filter(([k]) => /^(TURNPIKE_|LANGFUSE_|TRACE_TO_LANGFUSE$)/.test(k)));
    const env = { ...cleanEnvironment(), ...tracing, ...pi.live.environment(bin), ...pi.live.byHand({ home, shop }), TIMES: path.join(dir, 'ms') };
    if (how === 'without') env.PLUGIN = '';
    const stub = path.join(dir, 'scenario.json');
    fs.writeFileSync(stub, fs.readFileSync(path.join(FIXTURE, 'scenario.json'), 'utf8').replaceAll('/home/dev/shop', shop).replaceAll('/home/dev', home));
    const { code, out } = await run('bash', [path.join(HARNESS, 'run-pi.sh'), home, shop, stub, expected.sessions[0].turns[0].input], { env, withinMs: 120_000 });
    if (code !== 0) problems.push(`${how}: exit ${code}: ${out.slice(-300)} ${fs.readFileSync(path.join(home, 'out', 'stderr'), 'utf8').slice(-300)}`);
    const ms = Number(fs.readFileSync(env.TIMES, 'utf8'));
    if (how === 'without') return ms;
    hang?.close();
    if (hang) fs.rmSync(daemon.socket, { force: true });
    if (how !== 'present') await daemon.start();
    const flush = await daemon.flush();
    const canon = canonical('pi', expected);
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
    if (how !== 'without') await daemon.stop().catch(() => {});
    server.stop();
  }
}

const HOWS = ['without', 'present', 'absent', 'dead', 'hanging'];
const times = Object.fromEntries(HOWS.map((h) => [h, []]));
for (let i = 0; i < RUNS; i++) for (const how of HOWS) times[how].push(await once(how, i));
const median = (l) => [...l].sort((a, b) => a - b)[Math.floor(l.length / 2)];
const base = median(times.without);
for (const how of HOWS) {
  const more = median(times[how]) - base;
  console.log(`${how.padEnd(8)} median ${median(times[how])} ms${how === 'without' ? '' : ` (${more >= 0 ? '+' : ''}${more})`}, all ${times[how].join(' ')}`);
  if (more > LIMIT_MS) problems.push(`${how}: costs ${more} ms`);
}
for (const p of problems) console.log(`FAIL ${p}`);
if (!problems.length) fs.rmSync(work, { recursive: true, force: true });
else console.log(`kept: ${work}`);
console.log(`${problems.length ? 0 : HOWS.length} passed, ${problems.length} failed`);
process.exit(problems.length ? 1 : 0);
