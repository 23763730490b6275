// Anthropic's Claude Code 2.1.329.
import fs from 'node:fs';
import path from 'node:path';
import { run } from '../turnpike.mjs';

const VERSION = '2.1.329';

// Counted, yet nothing that should have arrived is missing: rows read; the copied turns of a fork; a hook that spooled what the daemon
// had taken in the end (the client waits 200 ms and no longer).
const ORDINARY = /^(lines: read|drop: claude-code\.turn\.skipped\.already_told|drop: spool\.repeated)$/;

export default {
  id: 'claude-code',
  isFixture: (dir) => fs.existsSync(path.join(dir, 'hooks.jsonl')),
  sessions: (dir, expected) => [
    ...expected.turns.map((t) => t.session_id),
    ...fs.readFileSync(path.join(dir, 'hooks.jsonl'), 'utf8').split('\n').filter((l) => l.trim()).map((l) => JSON.parse(l).payload.session_id),
  ],
  ordinary: ORDINARY,
  sets: {
    servers: /^(simple-turn|multi-tool|subagent|background-subagent|interactive|thinking|stop-failure|headless-sigint|tty-esc-tool|unicode-large|workflow|fork-with-subagent)$/,
    kills: /^(simple-turn|multi-tool|parallel-tools|subagent|background-subagent|interactive|resume|nested-background|parallel-background|auto-compact|send-message|workflow|tty-background|fork-with-subagent|kill-subagent|stream-json-steering)$/,
    late: /^(simple-turn|background-subagent|interactive|resume|workflow|tty-background|fork-with-subagent|kill-subagent)$/,
  },
  notJudged: [
    { fixture: /^no-persistence$/, mode: /./, why: 'the agent wrote no file: message ids and usage are not knowable; only its trace, prompt, answer and tool call are looked at', instead: hooksOnly },
    { fixture: /^no-persistence$/, mode: /^(drop|registered)$/, why: 'the hooks that are left out are all there is', skip: true },
  ],

  live: {
    packages: [`@anthropic-ai/claude-code@${VERSION}`],
    async bin(prefix, work) {
      const bin = path.join(prefix, 'node_modules', '.bin', 'claude');
      // npm may have skipped the install script that puts the native program in its place
      const native = path.join(prefix, 'node_modules', '@anthropic-ai', `claude-code-linux-${process.arch}`, 'claude');
      const works = await run(bin, ['--version'], { env: { PATH: process.env.PATH, HOME: work }, withinMs: 60_000 });
      if (works.code === 0 && works.out.includes(VERSION)) return bin;
      if (fs.existsSync(native)) return native;
      throw new Error(`the agent does not start: ${works.out.slice(-500)}`);
    },
    script: 'run-claude-code.sh',
    environment: (bin) => ({ CLAUDE_BIN: bin }),
    byHand: ({ daemon }) => ({ HOOK_EXEC: '1', HOOK_CMD: `${daemon.hook} claude-code` }),
    theirs({ home }) {
      fs.mkdirSync(path.join(home, '.claude'), { recursive: true, mode: 0o700 });
      fs.writeFileSync(path.join(home, '.claude', 'settings.json'), JSON.stringify({ permissions: { allow: ['Bash', 'Read', 'Edit', 'Write', 'Agent'] } }));
    },
    installed: { KEEP_CONFIG: '1' },
    tags: ['shop', 'feature/checkout'],
    ordinary: ORDINARY,
    absence: {
      fixture: 'simple-turn',
      prompt: 'What does the shop sell?',
      without: { HOOK_CMD: '' },
      with: { HOOK_EVENTS: 'SessionStart UserPromptSubmit Stop SessionEnd' }, // those of ours that it waits for
      limitMs: 4 * 200 + 400, // what the client may wait for each of them, and what a busy machine adds
      ms: (home) => Number(fs.readFileSync(path.join(home, 'ms'), 'utf8')),
    },
    scenarios: {
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
    },
  },
};

function hooksOnly(expected, rows) {
  const [turn] = expected.turns;
  const roots = rows.filter((r) => !r.parentObservationId);
  const tools = rows.filter((r) => r.type === 'TOOL').map((r) => r.name);
  const want = turn.generations.flatMap((g) => g.tool_calls.map((t) => t.name));
  const bad = [];
  if (new Set(rows.map((r) => r.traceId)).size !== 1 || roots.length !== 1) bad.push(`wanted one trace with one root, got ${roots.length} roots`);
  if (!JSON.stringify(roots[0]?.input ?? '').includes(turn.prompt)) bad.push(`prompt: ${JSON.stringify(roots[0]?.input)}`);
  if (!JSON.stringify(roots[0]?.output ?? '').includes(turn.generations.at(-1).text)) bad.push(`answer: ${JSON.stringify(roots[0]?.output)}`);
  if (tools.join() !== want.join()) bad.push(`tools: wanted ${want}, got ${tools}`);
  return bad.map((why) => ({ group: 'hooks only', name: 'what the hooks say', ok: false, why }));
}
