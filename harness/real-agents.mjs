#!/usr/bin/env node
// real-agents.mjs - the real agents against stub models, the built image in between, judged.
//
//   node harness/real-agents.mjs [options]
//     --agent A,B    only these (default: every module of harness/agents that has a live part)
//     --image DIR    the built image (default target/turnpike)
//     --bin PROGRAM  the agent's program, with one --agent; default: npm installs the pinned version below --cache
//     --cache DIR    default target/agents          --only A,B  only scenarios whose name holds one of these
//     --how exec,install  a registration of our own making, and/or as `turnpike install <agent>` writes it (default both)
//     --keep         leave the working directory (kept anyway if something failed)
//   Exit 0 if all passed; the last line is "N passed, M failed".
//
// Nothing leaves this machine: an agent gets a fresh HOME, a key that is none, the stub's address, no telemetry and no updates.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { agentModules } from './agents/index.mjs';
import { canonical, judge } from './judge.mjs';
import { Daemon, FakeLangfuse, HARNESS, accountProblems, cleanEnvironment, flag, option, run } from './turnpike.mjs';

const ROOT = path.dirname(HARNESS);
const argv = process.argv.slice(2);
const IMAGE = path.resolve(option(argv, 'image', path.join(ROOT, 'target', 'turnpike')));
const CACHE = path.resolve(option(argv, 'cache', path.join(ROOT, 'target', 'agents')));
const only = option(argv, 'only')?.split(',');
const hows = option(argv, 'how')?.split(',');
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'turnpike-agents-'));
let passed = 0;
let failed = 0;

// The project the scenarios talk about
const CART = 'from dataclasses import dataclass\n\n\n@dataclass\nclass Item:\n    price: int\n    qty: int = 1\n\n\nclass Cart:\n    items: list = []\n\n    def total(self):\n        return sum(i.price for i in self.items)\n';

/** The agent's program, of the pinned version. */
async function program(agent) {
  const given = option(argv, 'bin');
  if (given) return path.resolve(given);
  const prefix = path.join(CACHE, agent.id);
  const installed = (spec) => {
    const at = spec.lastIndexOf('@');
    try { return JSON.parse(fs.readFileSync(path.join(prefix, 'node_modules', spec.slice(0, at), 'package.json'), 'utf8')).version === spec.slice(at + 1); } catch { return false; }
  };
  if (!agent.live.packages.every(installed)) {
    console.log(`installing ${agent.live.packages.join(' ')} into ${prefix}`);
    fs.mkdirSync(prefix, { recursive: true });
    const { code, out } = await run('npm', ['install', '--no-audit', '--no-fund', ...(agent.live.npmFlags ?? []), '--prefix', prefix, ...agent.live.packages], { env: process.env, withinMs: 900_000 });
    if (code !== 0 || !agent.live.packages.every(installed)) throw new Error(`npm could not install the agent; is its registry reachable?\n${out.slice(-1500)}`);
  }
  return agent.live.bin(prefix, work);
}

function project(dir) {
  fs.mkdirSync(path.join(dir, 'src'), { recursive: true });
  fs.writeFileSync(path.join(dir, 'src', 'cart.py'), CART);
  fs.writeFileSync(path.join(dir, 'README.md'), '# shop\n');
  for (const d of ['objects', 'refs/heads']) fs.mkdirSync(path.join(dir, '.git', d), { recursive: true });
  fs.writeFileSync(path.join(dir, '.git', 'HEAD'), 'ref: refs/heads/feature/checkout\n');
  fs.writeFileSync(path.join(dir, '.git', 'config'), '[core]\n\trepositoryformatversion = 0\n\tbare = false\n');
}

async function scenario(agent, name, how, bin) {
  const { live } = agent;
  const { runs, fixture = name, canonical: adapt } = live.scenarios[name];
  const dir = path.join(work, `${agent.id}-${how}-${name}`);
  const home = path.join(dir, 'home');
  const shop = path.join(home, 'shop');
  fs.mkdirSync(home, { recursive: true, mode: 0o700 });
  project(shop);
  const material = path.join(ROOT, 'fixtures', agent.id, fixture);
  const expected = JSON.parse(fs.readFileSync(path.join(material, 'expected.json'), 'utf8'));
  const server = await FakeLangfuse.start();
  const daemon = new Daemon(IMAGE, dir, server.url, agent.settings);
  const problems = [];
  try {
    if (how !== 'install') agent.prepare?.(daemon);
    await daemon.start();
    const tracing = Object.fromEntries(Object.entries(daemon.env).filter(([k]) => /^(TURNPIKE_|LANGFUSE_|TRACE_TO_LANGFUSE$)/.test(k)));
    let env = { ...cleanEnvironment(), ...tracing, RUN_TIMEOUT: '180', ...live.environment(bin) };
    if (how === 'install') {
      live.theirs?.({ name, home, shop });
      const done = await run(path.join(IMAGE, 'bin', 'turnpike'), ['install', agent.id, '--yes', ...(live.installArguments ?? [])], { env: { ...daemon.env, HOME: home } });
      if (done.code !== 0) return [`turnpike install: exit ${done.code}: ${done.out.slice(-600)}`];
      // installing may have put another daemon in the place of ours: that one is to be ended
      fs.writeFileSync(daemon.pidFile, String((await daemon.ask('GET', '/v1/health')).json().pid));
      env = { ...env, ...(typeof live.installed === 'function' ? live.installed({ daemon, home, shop }) : live.installed) };
    } else {
      env = { ...env, ...live.byHand({ name, daemon, home, shop }) };
    }
    for (const [i, r] of runs.entries()) {
      const stub = path.join(dir, `stub-${i}.json`);
      fs.writeFileSync(stub, fs.readFileSync(path.join(material, r.scenario), 'utf8').replaceAll('/home/dev/shop', shop).replaceAll('/home/dev', home));
      const prompt = r.prompt ?? expected.turns[i].prompt;
      const said = await run('bash', [path.join(HARNESS, live.script), home, shop, stub, prompt, ...(r.args ?? [])], { env: { ...env, ...r.env, ...(r.interruptAfter ? { INT_AFTER: String(r.interruptAfter) } : {}) }, withinMs: 240_000 });
      fs.writeFileSync(path.join(dir, `agent-${i}.out`), said.out);
      if (said.code !== 0 && !r.interruptAfter && expected.turns?.[i]?.outcome === 'completed') problems.push(`the agent's run ${i + 1}: exit ${said.code}: ${said.out.slice(-400)}`);
    }
    const flush = await daemon.flush();
    if (!flush.complete) problems.push(`flush: ${JSON.stringify(flush)}`);
    const state = await server.state();
    fs.writeFileSync(path.join(dir, 'state.json'), JSON.stringify(state));
    const canon = canonical(agent.id, expected);
    for (const s of canon.sessions) { s.id = null; for (const t of s.traces) { t.sessionId = undefined; t.traceId = undefined; } }
    adapt?.(canon);
    const checks = judge(canon, state, { live: true, tags: live.tags });
    problems.push(...checks.filter((c) => !c.ok).map((c) => `[${c.group}] ${c.name}: ${c.why}`));
    for (const k of ['pendingEvents', 'pendingBatches', 'parkedBatches', 'openTurns']) if (flush[k]) problems.push(`after the flush ${k} is ${flush[k]}`);
    problems.push(...accountProblems(await daemon.status(), daemon.complaints(), { expected: live.ordinary ?? agent.ordinary }));
    problems.push(...((await live.check?.({ name, state, home, daemon, expected, bin })) ?? []));
    console.log(`${problems.length ? 'FAIL' : 'ok  '} ${agent.id} ${how} ${name}: ${checks.filter((c) => c.ok).length}/${checks.length} checks, flush ${flush.waitedMillis} ms`);
  } finally {
    await daemon.stop().catch((e) => console.log(e.message));
    server.stop();
  }
  return problems;
}

for (const agent of (await agentModules(option(argv, 'agent')?.split(','))).filter((a) => a.live)) {
  try {
    const bin = await program(agent);
    for (const how of hows ?? agent.live.hows ?? ['exec', 'install']) {
      for (const name of Object.keys(agent.live.scenarios).filter((n) => !only || only.some((o) => n.includes(o)))) {
        const problems = await scenario(agent, name, how, bin).catch((e) => [String(e?.stack ?? e)]);
        if (problems.length) console.log(`FAIL ${agent.id} ${how} ${name}`);
        for (const p of problems) console.log(`       ${p}`);
        if (problems.length) failed += 1;
        else passed += 1;
      }
    }
  } catch (e) {
    console.log(`FAIL ${agent.id}: ${e.message}`);
    failed += 1;
  }
}
if (passed + failed === 0) {
  console.log('nothing was run');
  failed += 1;
}
if (failed || flag(argv, 'keep')) console.log(`kept: ${work}`);
else fs.rmSync(work, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
