// OpenCode 1.18.33 (npm: opencode-ai). Its plugin pushes; the recordings are what the plugin was told.
import fs from 'node:fs';
import path from 'node:path';
import { HARNESS, option, run } from '../turnpike.mjs';

const VERSION = '1.18.33';
const PLUGIN = path.join(path.dirname(HARNESS), 'agent-plugins', 'opencode', 'turnpike.js');

// A request that was not acknowledged in time, or not before the daemon was killed, is sent again.
const ORDINARY = /^(drop: spool\.repeated|drop: gateway\.aborted_upload)$/;
const EVENTS_BETWEEN_KILLS = 10; // for one of replay.mjs' hooks

const recordings = (dir) => fs.readdirSync(dir).filter((f) => /^events-\d+\.jsonl$/.test(f)).sort();

function project(home) {
  const git = path.join(home, 'shop', '.git');
  for (const d of ['objects', 'refs/heads']) fs.mkdirSync(path.join(git, d), { recursive: true });
  fs.writeFileSync(path.join(git, 'HEAD'), 'ref: refs/heads/main\n');
  fs.writeFileSync(path.join(git, 'config'), '[core]\n\trepositoryformatversion = 0\n\tbare = false\n');
}

const products = (shop) => fs.writeFileSync(path.join(shop, 'products.txt'), 'mug\npen\ncap\n');
const once = (prompt, more = {}) => ({ runs: [{ scenario: 'scenario.json', prompt, ...more }] });
const twice = (first, second, args, more = {}) => ({ runs: [{ scenario: 'scenario.json', prompt: first, ...more }, { scenario: 'scenario.json', prompt: second, args }] });

export default {
  id: 'opencode',
  isFixture: (dir) => recordings(dir).length > 0,
  sessions: (dir) => recordings(dir).flatMap((f) => fs.readFileSync(path.join(dir, f), 'utf8').match(/ses_[A-Za-z0-9]+/g)),
  ordinary: ORDINARY,
  sets: { servers: /^(simple|multi_tool|subagent|api_error|reasoning)$/, kills: /^(multi_tool|subagent|aborted_by_user|compaction|fork)$/, late: /^(multi_tool|subagent|aborted_by_user|fork)$/ },
  // the agent's own bus neither loses nor swaps events, and there is nothing to register but the plugin
  withoutModes: ['reorder', 'drop', 'registered'],
  async play({ fixture, home, env, more }) {
    project(home);
    let said = '';
    const every = option(more, 'every');
    const args = every ? [...more, '--every', String(Number(every) * EVENTS_BETWEEN_KILLS)].filter((a, i, all) => !(all[i - 1] === '--every' && a === every) && !(a === '--every' && all[i + 1] === every)) : more;
    for (const file of recordings(fixture.dir)) {
      const { code, out } = await run(process.execPath, [path.join(HARNESS, 'play-plugin.mjs'), '--plugin', PLUGIN, '--events', path.join(fixture.dir, file), '--home', home, ...args], { env: { ...env, HOME: home } });
      said += out;
      if (code !== 0 && code !== 'SIGKILL') return { code, out: said };
    }
    return { code: said.trim() ? 1 : 0, out: said };
  },

  live: {
    packages: [`opencode-ai@${VERSION}`],
    async bin(prefix, work) {
      const bin = path.join(prefix, 'node_modules', '.bin', 'opencode');
      const works = await run(bin, ['--version'], { env: { PATH: process.env.PATH, HOME: work }, withinMs: 60_000 });
      if (works.code !== 0 || !works.out.includes(VERSION)) throw new Error(`the agent does not start: ${works.out.slice(-500)}`);
      return bin;
    },
    script: 'run-opencode.sh',
    environment: (bin) => ({ OPENCODE_BIN: bin }),
    byHand({ shop }) {
      products(shop);
      return { PLUGIN };
    },
    theirs({ home, shop }) {
      products(shop);
      fs.mkdirSync(path.join(home, '.config', 'opencode'), { recursive: true });
      fs.writeFileSync(path.join(home, '.config', 'opencode', 'opencode.json'), '{}\n');
    },
    installed: {},
    tags: ['shop', 'feature/checkout'],
    ordinary: ORDINARY,
    absence: { fixture: 'multi_tool', prompt: 'Rename pen to pencil and check things', without: { PLUGIN: '' }, ms: (home) => Number(fs.readFileSync(path.join(home, 'out', 'ms'), 'utf8')) },
    scenarios: {
      simple: once('How many products does the shop sell?'),
      multi_tool: once('Rename pen to pencil and check things'),
      parallel_tools: once('Read three things in parallel'),
      reasoning: once('Add 19 and 23'),
      subagent: once('Find products'),
      bad_tool: once('Call bad tools'),
      retry: once('Say something'),
      api_error: once('Say something'),
      permission_rejected: once('Say hi with bash', { env: { OPENCODE_EXTRA_CONFIG: JSON.stringify({ permission: { bash: 'ask' } }) } }),
      compaction: { runs: [
        { scenario: 'scenario.json', prompt: 'Count step by step', env: { CTX: '20000' } },
        { scenario: 'scenario.json', prompt: 'Anything else?', args: ['-c'], env: { CTX: '20000' } }] },
      fork: twice('Remember the number 7', 'Double it', ['-c', '--fork']),
      aborted: twice('Do a step then talk', 'Go on', ['-c'], { env: { KILL_WHEN: '2' } }),
      aborted_in_tool: twice('Run something long', 'Go on', ['-c'], { env: { KILL_WHEN: '1', KILL_AFTER: '2' } }),
    },
  },
};
