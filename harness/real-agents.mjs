#!/usr/bin/env node
// real-agents.mjs - the real Claude Code CLI against a stub model, the built image in between, judged.
//
//   node harness/real-agents.mjs [options]
//     --image DIR    the built image (default target/turnpike)
//     --claude BIN   the CLI; default: npm installs the pinned version into --cache (once, 360 MB)
//     --cache DIR    default target/agents          --only A,B  only scenarios whose name holds one of these
//     --how exec,install  hooks written by us in exec form, and/or as `turnpike install claude-code` writes them (default both)
//     --keep         leave the working directory (kept anyway if something failed)
//   Exit 0 if all passed; the last line is "N passed, M failed".
//
// Nothing leaves this machine: the CLI gets a fresh HOME, a key that is none, the stub's address, no telemetry and no updates.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { canonical, judge } from './judge.mjs';
import { Daemon, FakeLangfuse, HARNESS, accountProblems, cleanEnvironment, flag, option, run } from './turnpike.mjs';

const VERSION = '2.1.329';
const ROOT = path.dirname(HARNESS);
const FIXTURES = path.join(ROOT, 'fixtures', 'claude-code');
const argv = process.argv.slice(2);
const IMAGE = path.resolve(option(argv, 'image', path.join(ROOT, 'target', 'turnpike')));
const CACHE = path.resolve(option(argv, 'cache', path.join(ROOT, 'target', 'agents')));
const only = option(argv, 'only')?.split(',');
const hows = option(argv, 'how', 'exec,install').split(',');
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'turnpike-agents-'));
let passed = 0;
let failed = 0;

// The project the scenarios talk about
const CART = 'from dataclasses import dataclass\n\n\n@dataclass\nclass Item:\n    price: int\n    qty: int = 1\n\n\nclass Cart:\n    items: list = []\n\n    def total(self):\n        return sum(i.price for i in self.items)\n';

// runs: one after the other in the same home. A fixture's scenario.json is what the model answers, its expected.json what must come of it.
const SCENARIOS = {
  'simple-turn': { runs: [{ scenario: 'scenario.json', prompt: 'What does the shop sell?' }] },
  'multi-tool': { runs: [{ scenario: 'scenario.json', prompt: 'Fix the cart total and run the tests' }] },
  'parallel-tools': { runs: [{ scenario: 'scenario.json' }] },
  subagent: { runs: [{ scenario: 'scenario.json', prompt: 'Find all price code with a helper' }] },
  'background-subagent': { runs: [{ scenario: 'scenario.json', prompt: 'Audit the prices in the background' }] },
  resume: { runs: [
    { scenario: 'resume-1.json', prompt: 'Remember the code word heron', args: ['--session-id', '11111111-2222-4333-8444-555555555555'] },
    { scenario: 'resume-2.json', prompt: 'What is the code word?', args: ['--resume', '11111111-2222-4333-8444-555555555555'] },
    { scenario: 'resume-3.json', prompt: 'Carry on', args: ['--continue', '--fork-session'] }] },
  'headless-sigint': { runs: [{ scenario: 'scenario.json', prompt: 'Start the long job', interruptAfter: 6 }] },
  'stop-failure': { runs: [{ scenario: 'scenario.json', prompt: 'Do something and fail' }] },
};

async function claude() {
  const given = option(argv, 'claude');
  if (given) return path.resolve(given);
  const bin = path.join(CACHE, 'node_modules', '.bin', 'claude');
  const installed = () => { try { return JSON.parse(fs.readFileSync(path.join(CACHE, 'node_modules', '@anthropic-ai', 'claude-code', 'package.json'), 'utf8')).version; } catch { return null; } };
  if (installed() !== VERSION) {
    console.log(`installing @anthropic-ai/claude-code@${VERSION} into ${CACHE}`);
    fs.mkdirSync(CACHE, { recursive: true });
    const { code, out } = await run('npm', ['install', '--no-audit', '--no-fund', '--prefix', CACHE, `@anthropic-ai/claude-code@${VERSION}`], { env: process.env, withinMs: 900_000 });
    if (code !== 0 || installed() !== VERSION) throw new Error(`npm could not install the agent; is its registry reachable?\n${out.slice(-1500)}`);
  }
  // npm may have skipped the install script that puts the native program in its place
  const native = path.join(CACHE, 'node_modules', '@anthropic-ai', `claude-code-linux-${process.arch}`, 'claude');
  const works = await run(bin, ['--version'], { env: { PATH: process.env.PATH, HOME: work }, withinMs: 60_000 });
  if (works.code === 0 && works.out.includes(VERSION)) return bin;
  if (fs.existsSync(native)) return native;
  throw new Error(`the agent does not start: ${works.out.slice(-500)}`);
}

function project(dir) {
  fs.mkdirSync(path.join(dir, 'src'), { recursive: true });
  fs.writeFileSync(path.join(dir, 'src', 'cart.py'), CART);
  fs.writeFileSync(path.join(dir, 'README.md'), '# shop\n');
  for (const d of ['objects', 'refs/heads']) fs.mkdirSync(path.join(dir, '.git', d), { recursive: true });
  fs.writeFileSync(path.join(dir, '.git', 'HEAD'), 'ref: refs/heads/feature/checkout\n');
  fs.writeFileSync(path.join(dir, '.git', 'config'), '[core]\n\trepositoryformatversion = 0\n\tbare = false\n');
}

async function scenario(name, how, bin) {
  const { runs } = SCENARIOS[name];
  const dir = path.join(work, `${how}-${name}`);
  const home = path.join(dir, 'home');
  const shop = path.join(home, 'shop');
  fs.mkdirSync(path.join(home, '.claude'), { recursive: true, mode: 0o700 });
  project(shop);
  const expected = JSON.parse(fs.readFileSync(path.join(FIXTURES, name, 'expected.json'), 'utf8'));
  const server = await FakeLangfuse.start();
  const daemon = new Daemon(IMAGE, dir, server.url);
  const problems = [];
  try {
    await daemon.start();
    const tracing = Object.fromEntries(Object.entries(daemon.env).filter(([k]) => /^(TURNPIKE_|LANGFUSE_|TRACE_TO_LANGFUSE$)/.test(k)));
    const env = { ...cleanEnvironment(), ...tracing, CLAUDE_BIN: bin, RUN_TIMEOUT: '180' };
    if (how === 'install') {
      fs.writeFileSync(path.join(home, '.claude', 'settings.json'), JSON.stringify({ permissions: { allow: ['Bash', 'Read', 'Edit', 'Write', 'Agent'] } }));
      const done = await run(path.join(IMAGE, 'bin', 'turnpike'), ['install', 'claude-code', '--yes'], { env: { ...daemon.env, HOME: home } });
      if (done.code !== 0) return [`turnpike install: exit ${done.code}: ${done.out.slice(-600)}`];
      env.KEEP_CONFIG = '1';
    } else {
      env.HOOK_EXEC = '1';
      env.HOOK_CMD = `${daemon.hook} claude-code`;
    }
    for (const [i, r] of runs.entries()) {
      const stub = path.join(dir, `stub-${i}.json`);
      fs.writeFileSync(stub, fs.readFileSync(path.join(FIXTURES, name, r.scenario), 'utf8').replaceAll('/home/dev/shop', shop));
      const prompt = r.prompt ?? expected.turns[i].prompt;
      const agent = await run('bash', [path.join(HARNESS, 'run-claude-code.sh'), home, shop, stub, prompt, ...(r.args ?? [])], { env: { ...env, ...(r.interruptAfter ? { INT_AFTER: String(r.interruptAfter) } : {}) }, withinMs: 240_000 });
      fs.writeFileSync(path.join(dir, `agent-${i}.out`), agent.out);
      if (agent.code !== 0 && !r.interruptAfter && expected.turns[i]?.outcome === 'completed') problems.push(`the agent's run ${i + 1}: exit ${agent.code}: ${agent.out.slice(-400)}`);
    }
    const flush = await daemon.flush();
    if (!flush.complete) problems.push(`flush: ${JSON.stringify(flush)}`);
    const state = await server.state();
    fs.writeFileSync(path.join(dir, 'state.json'), JSON.stringify(state));
    const canon = canonical('claude-code', expected);
    for (const s of canon.sessions) { s.id = null; for (const t of s.traces) { t.sessionId = undefined; t.traceId = undefined; } }
    const checks = judge(canon, state, { live: true, tags: ['shop', 'feature/checkout'] });
    problems.push(...checks.filter((c) => !c.ok).map((c) => `[${c.group}] ${c.name}: ${c.why}`));
    for (const k of ['pendingEvents', 'pendingBatches', 'parkedBatches', 'openTurns']) if (flush[k]) problems.push(`after the flush ${k} is ${flush[k]}`);
    problems.push(...accountProblems(await daemon.status(), daemon.complaints(), { expected: /^(lines: read|drop: spool\.repeated|drop: claude-code\.turn\.skipped\.already_told)$/ }));
    console.log(`${problems.length ? 'FAIL' : 'ok  '} ${how} ${name}: ${checks.filter((c) => c.ok).length}/${checks.length} checks, flush ${flush.waitedMillis} ms`);
  } finally {
    await daemon.stop().catch((e) => console.log(e.message));
    server.stop();
  }
  return problems;
}

try {
  const bin = await claude();
  for (const how of hows) {
    for (const name of Object.keys(SCENARIOS).filter((n) => !only || only.some((o) => n.includes(o)))) {
      const problems = await scenario(name, how, bin).catch((e) => [String(e?.stack ?? e)]);
      for (const p of problems) console.log(`       ${p}`);
      if (problems.length) failed += 1;
      else passed += 1;
    }
  }
} catch (e) {
  console.log(`FAIL ${e.message}`);
  failed += 1;
}
if (failed || flag(argv, 'keep')) console.log(`kept: ${work}`);
else fs.rmSync(work, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
