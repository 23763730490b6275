// GitHub Copilot CLI 1.0.102 (npm: @github/copilot), and constructed spans of Copilot Chat in VS Code. Telemetry over the receiver's loopback
// port, with its token; hooks by the hook client, which is told the event's name, since the payload does not hold it.
import fs from 'node:fs';
import path from 'node:path';
import { run } from '../turnpike.mjs';

const VERSION = '1.0.102';
const TOKEN = 'harness-'.repeat(5);
const PORT = 20_000 + (process.pid % 20_000);

// Counted, yet nothing that should have arrived is missing: rows read; a sub-agent's own hooks; metrics and logs, which nothing needs; spans
// sent twice; side calls that are no turns; the file's copy of a turn that its spans have told.
const ORDINARY = /^(lines: read|drop: copilot\.(line\.read|event\.subagent|span\.again|span\.after-turn|turn\.skipped\.(told-by-telemetry|no-turn|exported-before))|drop: otlp\.(metrics|logs)|drop: spool\.repeated)$/;

const runs = (dir) => {
  const all = fs.readdirSync(dir).filter((f) => /^run-\d+$/.test(f)).sort().map((f) => path.join(dir, f));
  return all.length ? all : [dir];
};
const payloads = (dir) => runs(dir).map((d) => path.join(d, 'hooks.jsonl')).filter((f) => fs.existsSync(f))
  .flatMap((f) => fs.readFileSync(f, 'utf8').split('\n').filter((l) => l.trim()).map((l) => JSON.parse(l).payload));

const once = (prompt, env) => ({ runs: [{ scenario: 'scenario.json', prompt, env }] });

/** What the shop of the recordings holds. */
function shopFiles(shop) {
  fs.mkdirSync(path.join(shop, 'src'), { recursive: true });
  fs.writeFileSync(path.join(shop, 'src', 'prices.txt'), 'apple 1.20\npear 0.90\n');
}

export default {
  id: 'copilot',
  isFixture: (dir) => runs(dir).some((d) => fs.existsSync(path.join(d, 'otlp')) || fs.existsSync(path.join(d, 'hooks.jsonl'))),
  sessions: (dir, expected) => [expected.session_id, ...payloads(dir).filter((p) => !(p.agentId ?? p.agent_id)).map((p) => p.sessionId ?? p.session_id)],
  ordinary: ORDINARY,
  sets: { servers: /^(simple|multi-tool|subagent|fatal-error|otel-off)$/, kills: /^(multi-tool|subagent|two-turns-resumed|otel-off)$/, late: /^(multi-tool|two-turns-resumed|otel-off)$/ },
  settings: { TURNPIKE_OTLP_PORT: String(PORT) },
  prepare(daemon) {
    const folder = path.join(daemon.home, 'state', 'otlp');
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    fs.chmodSync(daemon.home, 0o700);
    fs.writeFileSync(path.join(folder, 'harness.token'), TOKEN + '\n', { mode: 0o600 });
  },
  foreign: ['multi-tool-protobuf-pascal', 'otel-off'],
  replay: () => ['--event-arg', '--otlp', `http://127.0.0.1:${PORT}`, '--otlp-token', TOKEN],

  live: {
    packages: [`@github/copilot@${VERSION}`],
    npmFlags: ['--ignore-scripts'],
    async bin(prefix, work) {
      const bin = path.join(prefix, 'node_modules', '.bin', 'copilot');
      const works = await run(bin, ['--version'], { env: { PATH: process.env.PATH, HOME: work, COPILOT_OFFLINE: 'true', COPILOT_AUTO_UPDATE: 'false' }, withinMs: 120_000 });
      if (works.code !== 0 || !works.out.includes(VERSION)) throw new Error(`the agent does not start: ${works.out.slice(-500)}`);
      return bin;
    },
    script: 'run-copilot-cli.sh',
    environment: (bin) => ({ COPILOT_BIN: bin, PKG_CACHE: path.join(path.dirname(path.dirname(path.dirname(bin))), 'unpacked'), LINGER: '0' }),
    byHand({ daemon, shop }) {
      shopFiles(shop);
      return { HOOK_CMD: `${daemon.hook} copilot`, HOOK_EVENT_ARG: '1', OTLP_ENDPOINT: `http://127.0.0.1:${PORT}`, AGENT_ENV: `OTEL_EXPORTER_OTLP_HEADERS=x-turnpike-token=${TOKEN}` };
    },
    theirs({ home, shop }) {
      shopFiles(shop);
      fs.mkdirSync(path.join(home, '.copilot', 'hooks'), { recursive: true });
    },
    installed: ({ daemon }) => ({ KEEP_CONFIG: '1', COPILOT_SCRIPT: path.join(daemon.home, 'copilot.sh') }),
    tags: ['shop', 'feature/checkout'],
    absence: { // without its telemetry: with it, spans go to nobody while no daemon receives them
      fixture: 'otel-off',
      prompt: 'Compute the total of the prices',
      with: { OTLP: 'off', OTLP_ENDPOINT: '', HOOK_EVENTS: 'sessionStart userPromptSubmitted agentStop subagentStart subagentStop errorOccurred sessionEnd' }, // as installed
      without: { HOOK_CMD: '' },
      missing: { HOOK_CMD: '/nowhere/turnpike-hook copilot' },
      limitMs: 5 * 200 + 400, // what the client may wait for each hook, and what a busy machine adds
      ms: (home) => Number(fs.readFileSync(path.join(home, 'capture', 'ms'), 'utf8')),
    },
    scenarios: {
      simple: once('Where does the shop keep its prices?'),
      'multi-tool': once('Compute the total of the prices'),
      'multi-tool-protobuf-pascal': once('Compute the total of the prices', { HOOKS: 'pascal', OTLP_PROTOCOL: 'http/protobuf' }),
      'metadata-only': once('Compute the total of the prices', { CONTENT: 'false' }),
      'otel-off': once('Compute the total of the prices', { OTLP: 'off', COPILOT_SCRIPT: '', OTLP_ENDPOINT: '' }),
      'api-error-then-success': once('Where are the prices?'),
      'fatal-error': once('Where are the prices?'),
      subagent: once('Compute the total of the prices'),
      aborted: { runs: [{ scenario: 'scenario.json', prompt: 'Compute the total of the prices', interruptAfter: 12 }] },
      'two-turns-resumed': { runs: [
        { scenario: 'run-1/scenario.json', prompt: 'What does an apple cost?' },
        { scenario: 'run-2/scenario.json', prompt: 'And a pear?', args: ['--continue'] }] },
    },
  },
};
