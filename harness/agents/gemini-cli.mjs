// Google's Gemini CLI 0.61.0 (npm: @google/gemini-cli).
import fs from 'node:fs';
import path from 'node:path';
import { run } from '../turnpike.mjs';

const VERSION = '0.61.0';

// Counted, yet nothing that should have arrived is missing: rows read; a hook that spooled what the daemon had taken in the end.
const ORDINARY = /^(lines: read|drop: spool\.repeated)$/;

const EVENTS = 'SessionStart BeforeAgent AfterAgent SessionEnd';

const THEIRS = `{
  // mine, and it stays
  "ui": { "hideBanner": true }, // so does this
  /* and the hooks of somebody else */
  "hooks": {
    // none of turnpike's
    "AfterAgent": [{ "hooks": [{ "type": "command", "name": "other", "command": "true" }] }] // here
  }
}
`;

/** As our installer writes it. */
const registered = (program) => `TURNPIKE_AGENT_PID=$PPID '${program}' gemini-cli >/dev/null 2>&1 || true`;

/** What the user sees must be the model's answer, and no word of hooks. */
function harm(home, answer) {
  if (!answer) return [];
  const read = (name) => fs.readFileSync(path.join(home, 'capture', name), 'utf8');
  const problems = read('stdout.txt').includes(answer) ? [] : [`the agent said ${read('stdout.txt').slice(0, 300)}`];
  if (/hook/i.test(read('stdout.txt') + read('stderr.txt'))) problems.push(`the agent speaks of hooks: ${read('stdout.txt').slice(0, 300)} ${read('stderr.txt').slice(0, 300)}`);
  return problems;
}

const once = (prompt) => ({ runs: [{ scenario: 'scenario.json', prompt }] });

/** What the scenarios speak of. */
function prices(shop) {
  fs.mkdirSync(path.join(shop, 'src'), { recursive: true });
  fs.rmSync(path.join(shop, 'src', 'cart.py'), { force: true });
  fs.writeFileSync(path.join(shop, 'src', 'prices.txt'), 'apple 1.20\npear 0.90\n');
}

/** An extension of somebody else's whose hook refuses the first answer. */
function reviewer(home) {
  const dir = path.join(home, '.gemini', 'extensions', 'review');
  fs.mkdirSync(path.join(dir, 'hooks'), { recursive: true, mode: 0o700 });
  fs.writeFileSync(path.join(dir, 'gemini-extension.json'), '{"name":"review","version":"1.0.0"}');
  const once = `mkdir '${path.join(home, 'reviewed')}' 2>/dev/null && echo '{"decision":"deny","reason":"Check the price again: read src/prices.txt."}' || true`;
  fs.writeFileSync(path.join(dir, 'hooks', 'hooks.json'), JSON.stringify({ hooks: { AfterAgent: [{ hooks: [{ name: 'review', type: 'command', command: once }] }] } }));
}

const runs = (dir) => {
  const several = fs.readdirSync(dir).filter((f) => /^run-\d+$/.test(f)).sort();
  return several.length ? several.map((f) => path.join(dir, f)) : [dir];
};
const hooksOf = (dir) => path.join(dir, 'hooks.jsonl');

export default {
  id: 'gemini-cli',
  isFixture: (dir) => fs.existsSync(path.join(dir, 'expected.json')),
  sessions: (dir) => runs(dir).flatMap((d) => fs.readFileSync(hooksOf(d), 'utf8').split('\n').filter((l) => l.trim()).map((l) => JSON.parse(l).payload.session_id)),
  ordinary: ORDINARY,
  sets: { servers: /./, kills: /./, late: /^(simple|subagent|two-turns-resumed|interrupted-resumed|answer-refused|fatal-error)$/ },

  live: {
    packages: [`@google/gemini-cli@${VERSION}`],
    npmFlags: ['--ignore-scripts'],
    async bin(prefix, work) {
      const bin = path.join(prefix, 'node_modules', '.bin', 'gemini');
      const works = await run(bin, ['--version'], { env: { PATH: process.env.PATH, HOME: work, GEMINI_CLI_NO_RELAUNCH: 'true' }, withinMs: 60_000 });
      if (works.code !== 0 || !works.out.includes(VERSION)) throw new Error(`the agent does not start: ${works.out.slice(-500)}`);
      return bin;
    },
    script: 'run-gemini-cli.sh',
    environment: (bin) => ({ GEMINI_BIN: bin, OTLP: 'off', LINGER: '0', NO_NETNS: '1' }),
    byHand({ name, daemon, home, shop }) {
      prices(shop);
      if (name === 'answer-refused') reviewer(home);
      return { HOOK_CMD: registered(daemon.hook), HOOK_EVENTS: EVENTS };
    },
    theirs({ name, home, shop }) {
      prices(shop);
      if (name === 'answer-refused') reviewer(home);
      fs.mkdirSync(path.join(home, '.gemini'), { recursive: true, mode: 0o700 });
      fs.writeFileSync(path.join(home, '.gemini', 'settings.json'), THEIRS);
    },
    installed: { KEEP_CONFIG: '1' },
    tags: ['shop', 'feature/checkout'],
    ordinary: ORDINARY,
    scenarios: {
      simple: once('Where does the shop keep its prices?'),
      'multi-tool': once('Compute the total of the prices'),
      'two-turns-resumed': { runs: [
        { scenario: 'run-1/scenario.json', prompt: 'What does an apple cost?' },
        { scenario: 'run-2/scenario.json', prompt: 'And a pear?', args: ['--resume', 'latest'] }] },
      'interrupted-resumed': { runs: [
        { scenario: 'run-1/scenario.json', prompt: 'What does an apple cost?', interruptAfter: 6 },
        { scenario: 'run-2/scenario.json', prompt: 'And a pear?', args: ['--resume', 'latest'] }] },
      'api-error-then-success': once('Where are the prices?'),
      'fatal-error': once('Where are the prices?'),
      subagent: once('Compute the total of the prices'),
      'answer-refused': once('What does an apple cost?'),
    },
    absence: {
      fixture: 'multi-tool',
      prompt: 'Compute the total of the prices',
      without: { HOOK_CMD: '' },
      missing: { HOOK_CMD: registered('/nowhere/turnpike-hook') },
      limitMs: 4 * 200 + 400, // what the client may wait for each hook, and what a busy machine adds
      harm: (home, expected) => harm(home, expected.traces.at(-1).output),
      ms: (home) => Number(fs.readFileSync(path.join(home, 'capture', 'ms'), 'utf8')),
    },
    /** What is the user's must still be there, and the version must be known. */
    check({ name, state, home, expected }) {
      const problems = harm(home, expected.traces.at(-1).output);
      const settings = fs.readFileSync(path.join(home, '.gemini', 'settings.json'), 'utf8');
      if (settings.includes('// mine') && !THEIRS.match(/\/[/*].*/g).every((comment) => settings.includes(comment))) problems.push(`a comment of the user's is gone:\n${settings}`);
      const versions = new Set((state.spans ?? []).map((s) => s.version));
      if (versions.size !== 1 || !versions.has(VERSION)) problems.push(`versions: ${[...versions]} in ${name}`);
      return problems;
    },
  },
};
