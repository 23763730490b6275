// Pi 0.87.1 (npm: @earendil-works/pi-coding-agent). The recordings are what an extension was told, with the session files as they grew.
import fs from 'node:fs';
import path from 'node:path';
import { HARNESS, option, run } from '../turnpike.mjs';
import { play, playOptions } from '../pi-player.mjs';

const VERSION = '0.87.1';
const PLUGIN = path.join(path.dirname(HARNESS), 'agent-plugins', 'pi', 'turnpike.ts');

// Counted, yet nothing that should have arrived is missing: rows read, rows a fork has copied from its parent; a request that was not
// answered before its process or the daemon ended is told again from the spool.
const ORDINARY = /^(lines: (read|copied|history)|drop: spool\.repeated|drop: gateway\.aborted_upload)$/;
const EVENTS_BETWEEN_KILLS = 8; // for one of replay.mjs' hooks

const probes = (dir) => fs.readdirSync(dir).filter((f) => /^probe-\d+\.jsonl$/.test(f)).sort();

function project(home) {
  const git = path.join(home, 'shop', '.git');
  for (const d of ['objects', 'refs/heads']) fs.mkdirSync(path.join(git, d), { recursive: true });
  fs.writeFileSync(path.join(git, 'HEAD'), 'ref: refs/heads/main\n');
  fs.writeFileSync(path.join(git, 'config'), '[core]\n\trepositoryformatversion = 0\n\tbare = false\n');
}

/** What a shop of Pi's recordings holds, and the sub-agent extension of Pi's own examples with one agent for it. */
function shop(home, dir) {
  fs.writeFileSync(path.join(dir, 'products.txt'), 'mug\npen\ncap\n');
  fs.writeFileSync(path.join(dir, 'README.md'), '# Shop\nA small demo shop.\n');
  const agent = path.join(home, '.pi', 'agent');
  fs.mkdirSync(path.join(agent, 'agents'), { recursive: true });
  fs.writeFileSync(path.join(agent, 'agents', 'helper.md'), '---\nname: helper\ndescription: finds files\ntools: bash, read\nmodel: stub/stub-1\n---\nYou find files.\n');
  const example = path.join(packageOf(program), 'examples', 'extensions', 'subagent');
  if (fs.existsSync(example)) fs.cpSync(example, path.join(agent, 'extensions', 'subagent'), { recursive: true });
}

/** The folder of the package a program belongs to. */
function packageOf(bin) {
  let folder = path.dirname(fs.realpathSync(bin));
  while (folder !== path.dirname(folder) && !fs.existsSync(path.join(folder, 'package.json'))) folder = path.dirname(folder);
  return folder;
}

// Pi needs Node 22.19; another program than the pinned one (real-agents.mjs --bin) says in PI_NODE with which
const nodeFor = (bin) => process.env.PI_NODE ?? path.join(path.dirname(bin), 'node');

let program = '';
const COMPACTS = { CTX: '32000', PI_SETTINGS: JSON.stringify({ compaction: { enabled: true, reserveTokens: 16000, keepRecentTokens: 100 } }) };
const once = (prompt, more = {}) => ({ runs: [{ scenario: 'scenario.json', prompt, ...more }] });
const twice = (first, second, args, more = {}) => ({ runs: [{ scenario: 'scenario.json', prompt: first, ...more }, { scenario: 'scenario.json', prompt: second, args }] });

export default {
  id: 'pi',
  isFixture: (dir) => probes(dir).length > 0,
  sessions: (dir) => probes(dir).flatMap((f) => fs.readFileSync(path.join(dir, f), 'utf8').split('\n').filter((l) => l.trim()).map((l) => JSON.parse(l).ctx?.sessionId)),
  ordinary: ORDINARY,
  sets: { servers: /^(simple|multi_tool|subagent|api_error|aborted|reasoning)$/, kills: /^(multi_tool|subagent|aborted|compaction|resume|parallel_tools)$/, late: /^(multi_tool|subagent|compaction|resume)$/ },
  // An extension is not registered by events. When a tool began is told by it alone, so what is lost changes times (GoldenTest looks at the rest).
  withoutModes: ['registered', 'drop'],
  async play({ fixture, home, env, more }) {
    project(home);
    const options = playOptions(more);
    return play({ ...options, every: Number(option(more, 'every', 0)) * EVENTS_BETWEEN_KILLS, fixture: fixture.dir, home, env, plugin: PLUGIN });
  },

  live: {
    packages: [`@earendil-works/pi-coding-agent@${VERSION}`, 'node@22.23.3'],
    async bin(prefix, work) {
      const bin = path.join(prefix, 'node_modules', '.bin', 'pi');
      const works = await run(nodeFor(bin), [bin, '--version'], { env: { PATH: process.env.PATH, HOME: work, PI_OFFLINE: '1', PI_TELEMETRY: '0' }, withinMs: 60_000 });
      if (works.code !== 0 || !works.out.includes(VERSION)) throw new Error(`the agent does not start: ${works.out.slice(-500)}`);
      return bin;
    },
    script: 'run-pi.sh',
    environment(bin) {
      program = bin;
      return { PI_CLI: bin, PI_NODE: nodeFor(bin) };
    },
    byHand({ home, shop: dir }) {
      shop(home, dir);
      return { PLUGIN };
    },
    theirs({ home, shop: dir }) {
      shop(home, dir);
    },
    installed: { PLUGIN: '' },
    tags: ['shop', 'feature/checkout'],
    // the end may cost 200 ms, and on a crowded machine everything takes a multiple: only a wait that is not bounded shall fail
    absence: { fixture: 'multi_tool', prompt: 'Rename pen to pencil and check things', without: { PLUGIN: '' }, limitMs: 1000, ms: (home) => Number(fs.readFileSync(path.join(home, 'out', 'ms'), 'utf8')) },
    scenarios: {
      simple: once('How many products does the shop sell?'),
      multi_tool: once('Rename pen to pencil and check things'),
      parallel_tools: once('Read three things in parallel'),
      bad_tool: once('Call bad tools'),
      reasoning: once('Add 19 and 23'),
      retry: once('Say something'),
      api_error: once('Say something'),
      resume: twice('Remember the number 7', 'Multiply it by 6', ['-c']),
      aborted: twice('Do a step then talk', 'Go on', ['-c'], { env: { KILL_WHEN: '2', KILL_SIG: 'INT' } }),
      subagent: once('Find products'),
      no_session: { fixture: 'multi_tool', ...once('Rename pen to pencil and check things', { args: ['--no-session'] }) },
      fork: { runs: [
        { scenario: 'scenario.json', prompt: 'Remember the number 7', args: ['--session-id', '11111111-2222-4333-8444-555555555555'] },
        { scenario: 'scenario.json', prompt: 'Double it', args: ['--fork', '11111111-2222-4333-8444-555555555555'] }] },
      compaction: { runs: ['Count step by step', 'And again', 'Anything else?'].map((prompt, i) => ({ scenario: 'scenario.json', prompt, args: i ? ['-c'] : [], env: COMPACTS })) },
    },
  },
};
