// OpenAI's Codex CLI 0.169.0 (npm: @openai/codex); recordings of 0.142.3 too.
import fs from 'node:fs';
import path from 'node:path';
import { spawn } from 'node:child_process';
import readline from 'node:readline';
import { run } from '../turnpike.mjs';

const VERSION = '0.169.0';

// Counted, yet nothing that should have arrived is missing: rows read; a hook that spooled what the daemon had taken in the end.
const ORDINARY = /^(lines: read|drop: spool\.repeated)$/;

const EVENTS = 'SessionStart UserPromptSubmit SubagentStop Stop Interrupt SessionEnd';

/** What the user has: comments, a notify program, hooks of somebody else. The stub's port is put in by run-codex.sh. */
const theirs = (home, shop) => `# mine, and it stays
model = "gpt-5.5" # so does this
model_provider = "stub"
approval_policy = "never"
sandbox_mode = "danger-full-access"
check_for_update_on_startup = false
model_reasoning_summary = "auto"
notify = ["sh", "-c", "echo told >> '${home}/notified'"] # one program only

[analytics]
enabled = false
[features]
apps = false
plugins = false
shell_snapshot = false
daemon_auto_start = false
[model_providers.stub]
name = "stub"
base_url = "http://127.0.0.1:1/v1"
wire_api = "responses"
env_key = "STUB_API_KEY"
request_max_retries = 2
stream_max_retries = 2
[projects."${shop}"]
trust_level = "trusted"

# and the hooks of somebody else
[[hooks.Stop]]
[[hooks.Stop.hooks]]
type = "command"
command = "echo >> '${home}/theirs'" # not trusted, so it does not run
`;

/** As our installer writes it. */
const registered = (program) => `TURNPIKE_AGENT_PID=$PPID '${program}' codex >/dev/null 2>&1 || true`;

/** What the scenarios speak of, and nothing else: they list it. */
function stock(shop) {
  fs.rmSync(path.join(shop, 'src'), { recursive: true, force: true });
  fs.writeFileSync(path.join(shop, 'README.md'), '# Shop\n\nA tiny shop.\n');
  fs.writeFileSync(path.join(shop, 'stock.csv'), 'sku,stock\nA-1,7\n');
}

/** What the user sees must be the model's answer, and no word of hooks. */
function harm(home, answer) {
  const read = (name) => { try { return fs.readFileSync(path.join(home, name), 'utf8'); } catch { return ''; } };
  const said = read('exec.jsonl').split('\n').filter((l) => l.startsWith('{')).map((l) => JSON.parse(l));
  const problems = [];
  if (answer && !said.some((m) => m.item?.type === 'agent_message' && m.item.text === answer)) problems.push(`the agent did not say ${answer}: ${read('exec.jsonl').slice(-400)}`);
  const spoken = (m) => (m.type === 'error' ? m.message : m.item?.type === 'error' ? m.item.message : '') ?? '';
  // that this one run trusts all hooks is said in any case
  const words = said.map(spoken).filter((m) => !m.includes('--dangerously-bypass-hook-trust')).join('\n') + read('exec.err');
  if (/\bhooks?\b/i.test(words)) problems.push(`the agent speaks of hooks: ${words.slice(0, 600)}`);
  return problems;
}

/** What Codex itself says of the hooks it knows. */
export async function hooksList(bin, home, cwd) {
  const codex = spawn(bin, ['app-server'], { env: { PATH: process.env.PATH, HOME: home, CODEX_HOME: path.join(home, '.codex') }, cwd, stdio: ['pipe', 'pipe', 'ignore'] });
  try {
    for (const m of [{ id: 1, method: 'initialize', params: { clientInfo: { name: 'harness', version: '1' } } }, { method: 'initialized' }, { id: 2, method: 'hooks/list', params: { cwds: [cwd] } }]) codex.stdin.write(JSON.stringify(m) + '\n');
    for await (const line of readline.createInterface({ input: codex.stdout })) {
      const m = JSON.parse(line);
      if (m.id === 2) return m.result.data.flatMap((d) => d.hooks);
    }
    throw new Error('codex app-server ended without an answer');
  } finally {
    codex.stdin.end(); // it ends by that
    codex.kill();
  }
}

const once = (prompt, env) => ({ runs: [{ scenario: 'scenario.json', prompt, env }] });
const payloads = (dir) => fs.readFileSync(path.join(dir, 'hooks.jsonl'), 'utf8').split('\n').filter((l) => l.trim()).map((l) => JSON.parse(l).stdin);

export default {
  id: 'codex',
  isFixture: (dir) => fs.existsSync(path.join(dir, 'hooks.jsonl')),
  sessions: (dir, expected) => [...expected.turns.map((t) => t.session_id), ...payloads(dir).map((p) => p.session_id)],
  ordinary: ORDINARY,
  sets: { servers: /./, kills: /./, late: /^(simple-turn|resume-and-fork|subagent|compaction|killed|legacy-0.142.3)$/ },

  live: {
    packages: [`@openai/codex@${VERSION}`],
    async bin(prefix, work) {
      const bin = path.join(prefix, 'node_modules', '.bin', 'codex');
      const works = await run(bin, ['--version'], { env: { PATH: process.env.PATH, HOME: work }, withinMs: 60_000 });
      if (works.code !== 0 || !works.out.includes(VERSION)) throw new Error(`the agent does not start: ${works.out.slice(-500)}`);
      return bin;
    },
    script: 'run-codex.sh',
    environment: (bin) => ({ CODEX_BIN: bin }),
    byHand({ daemon, shop }) {
      stock(shop);
      return { HOOK_CMD: registered(daemon.hook), HOOK_EVENTS: EVENTS, HOOK_TRUST: 'bypass' };
    },
    theirs({ home, shop }) {
      stock(shop);
      fs.mkdirSync(path.join(home, '.codex'), { recursive: true, mode: 0o700 });
      fs.writeFileSync(path.join(home, '.codex', 'config.toml'), theirs(home, shop), { mode: 0o600 });
    },
    installArguments: ['--trust'],
    installed: { KEEP_CONFIG: '1', HOOK_TRUST: 'none' },
    tags: ['shop', 'feature/checkout'],
    ordinary: ORDINARY,
    scenarios: {
      'simple-turn': once('Say hello'),
      'shell-tools': once('Please check the shop files'),
      'parallel-calls': once('Please check the shop (parallel-calls)'),
      'apply-patch': once('Please check the shop (apply-patch)'),
      'resume-and-fork': { runs: [
        { scenario: 'scenario.json', prompt: 'How many A-1?' },
        { scenario: 'scenario.json', prompt: 'And how many lines?', env: { RESUME: 'last' } },
        { scenario: 'scenario.json', prompt: 'And in a fork?', env: { FORK: 'last' } }] },
      'api-error-then-success': once('Please work on the shop: größe & 値段 🚀 (api-error)'),
      'api-error-fatal': once('Please work on the shop: größe & 値段 🚀 (api-error-fatal)'),
      'aborted-during-tool': { runs: [{ scenario: 'scenario.json', prompt: 'Run the long job', interruptAfter: 8 }] },
      subagent: once('Delegate the count of lines', { MODEL: 'gpt-6-sol' }),
    },
    absence: {
      fixture: 'parallel-calls',
      prompt: 'Please check the shop (parallel-calls)',
      without: { HOOK_CMD: '' },
      missing: { HOOK_CMD: registered('/nowhere/turnpike-hook') },
      limitMs: 4 * 200 + 400, // what the client may wait for each hook, and what a busy machine adds
      harm: (home, expected) => harm(home, expected.turns.at(-1).output),
      ms: (home) => Number(fs.readFileSync(path.join(home, 'ms'), 'utf8')),
    },
    /** What is the user's must still be there, notify is told as ever, and Codex itself must say that it trusts ours, and ours only. */
    async check({ name, state, home, expected, bin }) {
      const shop = path.join(home, 'shop');
      const problems = harm(home, expected.turns.at(-1).output);
      const config = fs.readFileSync(path.join(home, '.codex', 'config.toml'), 'utf8');
      if (config.startsWith('# mine')) {
        const lost = theirs(home, shop).split('\n').filter((l) => !l.startsWith('base_url') && !config.includes(l));
        if (lost.length) problems.push(`of the user's settings is gone: ${lost}`);
        const hooks = await hooksList(bin, home, shop);
        const wrong = hooks.filter((h) => (h.trustStatus === 'trusted') !== h.command.includes('turnpike-hook'));
        if (hooks.length !== EVENTS.split(' ').length + 1 || wrong.length) problems.push(`codex says of its hooks: ${hooks.map((h) => `${h.key} ${h.trustStatus}`)}`);
        const completed = expected.turns.filter((t) => t.status === 'completed').length;
        const notified = fs.existsSync(path.join(home, 'notified')) ? fs.readFileSync(path.join(home, 'notified'), 'utf8').split('\n').length - 1 : 0;
        if (notified < completed) problems.push(`the user's notify program was told of ${notified} of ${completed} turns`);
      }
      const versions = new Set((state.spans ?? []).map((s) => s.version));
      if (versions.size !== 1 || !versions.has(VERSION)) problems.push(`versions: ${[...versions]} in ${name}`);
      return problems;
    },
  },
};
