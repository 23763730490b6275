#!/usr/bin/env node
// record.mjs - runs the real Claude Code CLI through one scenario of scenarios.mjs and leaves a fixture.
//
//   CLAUDE_BIN=/abs/claude HARNESS=/abs/harness node record.mjs NAME OUT_DIR [--raw DIR]
//
// The run happens in a mount namespace of its own in which /home/dev is a fresh directory, as an ordinary
// user, against stub-anthropic.mjs on loopback: nothing of the machine's own accounts or files is read.
// Needs: root (for the namespace), unshare, setpriv, git; tmux for the interactive scenarios.
// --raw keeps what was recorded (hook-capture, transcripts, stub logs), for a later `fixture.mjs` call.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { scenarios } from './scenarios.mjs';
import { writeFixture } from './fixture.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const [name, outDir] = process.argv.slice(2);
const rawAt = process.argv.indexOf('--raw');
const scenario = scenarios[name];
if (!scenario || !outDir) {
  console.error(`record.mjs NAME OUT_DIR [--raw DIR]; names: ${Object.keys(scenarios).join(' ')}`);
  process.exit(2);
}
const harness = process.env.HARNESS;
const raw = rawAt > 0 ? path.resolve(process.argv[rawAt + 1]) : fs.mkdtempSync(path.join(os.tmpdir(), 'scn-'));
const home = path.join(raw, 'dev');
fs.rmSync(raw, { recursive: true, force: true });
fs.mkdirSync(path.join(home, 'shop', 'src'), { recursive: true });
const put = (rel, text, mode) => {
  const f = path.join(home, rel);
  fs.mkdirSync(path.dirname(f), { recursive: true });
  fs.writeFileSync(f, text, mode ? { mode } : undefined);
};
put('shop/src/cart.py', 'from dataclasses import dataclass\n\n\n@dataclass\nclass Item:\n    price: int\n    qty: int = 1\n\n\nclass Cart:\n    items: list = []\n\n    def total(self):\n        return sum(i.price for i in self.items)\n');
put('shop/README.md', '# shop\n');
put('.claude.json', JSON.stringify({ hasCompletedOnboarding: true, theme: 'dark', lastOnboardingVersion: '2.1.329',
  customApiKeyResponses: { approved: ['sk-ant-stub-not-a-key'.slice(-20)], rejected: [] },
  projects: { '/home/dev/shop': { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true } } }));
for (const [rel, content] of Object.entries(scenario.files ?? {})) {
  put(rel, content.base64 ? Buffer.from(content.base64, 'base64') : typeof content === 'string' ? content : JSON.stringify(content, null, 2), rel.endsWith('.sh') ? 0o755 : undefined);
}
if (scenario.mcp) put('shop/mcp-shop.mjs', fs.readFileSync(path.join(harness, 'mcp-shop.mjs')));
scenario.runs.forEach((r, i) => {
  if (r.replies) fs.writeFileSync(path.join(raw, `scenario-${i}.json`), JSON.stringify({ replies: r.replies, ...(r.lanes ? { lanes: r.lanes } : {}) }));
  if (r.stdin) {
    const lines = ['#!/bin/bash'];
    for (const s of r.stdin) {
      if (s.wait) lines.push(`sleep ${s.wait}`);
      if (s.line) lines.push(`printf '%s\\n' '${JSON.stringify(s.line).replaceAll("'", "'\\''")}'`);
    }
    fs.writeFileSync(path.join(raw, `stdin-${i}.sh`), lines.join('\n') + '\n', { mode: 0o755 });
  }
});
const q = (s) => `'${String(s).replaceAll("'", "'\\''")}'`;
const sh = ['set -u', 'mount -t tmpfs tmpfs /home', 'mkdir -p /home/dev', `mount --bind ${q(home)} /home/dev`,
  'chown -R 1000:1000 /home/dev', `chown 1000:1000 ${q(raw)}`, 'cd /home/dev/shop',
  'export HOME=/home/dev GIT_AUTHOR_NAME=Dev GIT_AUTHOR_EMAIL=dev@example.com GIT_COMMITTER_NAME=Dev GIT_COMMITTER_EMAIL=dev@example.com',
  'U="setpriv --reuid 1000 --regid 1000 --clear-groups"', 'mkdir -p /tmp/claude-1000; chown 1000:1000 /tmp/claude-1000',
  '$U git init -q -b feature/checkout; $U git config user.email dev@example.com; $U git config user.name Dev', '$U git add -A; $U git commit -q -m Start'];
scenario.runs.forEach((r, i) => {
  const env = [`RUN_TIMEOUT=${r.timeout ?? 90}`, `STUB_LOG=${raw}/stub-${i}.jsonl`, `CLAUDE_BIN=${process.env.CLAUDE_BIN}`];
  if (r.int) env.push(`INT_AFTER=${r.int}`);
  if (r.kill) env.push(`KILL_AFTER=${r.kill}`);
  if (r.env) env.push(`AGENT_ENV=${Object.entries(r.env).map(([k, v]) => `${k}=${v}`).join(' ')}`);
  if (r.between) sh.push(r.between);
  if (r.keys) {
    sh.push(`$U env ${env.map(q).join(' ')} HARNESS=${q(harness)} RAW=${q(raw)} bash ${q(HERE)}/run-interactive.sh /home/dev /home/dev/shop ${q(raw)}/scenario-${i}.json ${q(raw)}/keys-${i}.sh ${(r.args ?? []).map(q).join(' ')}`);
    fs.writeFileSync(path.join(raw, `keys-${i}.sh`), r.keys.map((k) => (typeof k === 'number' ? `sleep ${k}` : k.until ? `until_pane ${q(k.until)} ${k.limit ?? 20}` : k.type !== undefined ? `keys -l -- ${q(k.type)}` : `keys ${q(k.key)}`)).join('\n') + '\n');
    return;
  }
  let pre = '', post = '';
  if (r.stdin) {
    env.push(`STDIN_FILE=${raw}/fifo-${i}`);
    pre = `rm -f ${raw}/fifo-${i}; mkfifo ${raw}/fifo-${i}; chown 1000:1000 ${raw}/fifo-${i}; timeout ${r.timeout ?? 90} bash ${raw}/stdin-${i}.sh > ${raw}/fifo-${i} & F=$!`;
    post = 'kill $F 2>/dev/null; wait $F 2>/dev/null';
  }
  if (pre) sh.push(pre);
  sh.push(`$U env ${env.map(q).join(' ')} bash ${q(harness)}/run-claude-code.sh /home/dev /home/dev/shop ${q(raw)}/scenario-${i}.json ${q(r.prompt ?? '')} ${(r.args ?? []).map(q).join(' ')} > ${q(raw)}/out-${i}.txt 2> ${q(raw)}/err-${i}.txt; echo "run ${i}: exit $?"`);
  if (post) sh.push(post);
});
const r = spawnSync('unshare', ['-m', '--propagation', 'private', 'bash', '-c', sh.join('\n')], { stdio: 'inherit', timeout: 600_000 });
if (r.status !== 0) console.error(`namespace ended with ${r.status} ${r.signal ?? ''}`);
writeFixture({ name, scenario, raw, out: path.join(outDir, name) });
if (rawAt < 0) fs.rmSync(raw, { recursive: true, force: true });
