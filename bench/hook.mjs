// The hook client as an agent starts it: stdin through a pipe, spawn to exit, each call beside one of /bin/true.
import { fs, median, path, round, sleep } from './measure.mjs';
import { spawnSync } from 'node:child_process';

export const about = 'hook client with the daemon, without one, and what others would put there; against /bin/true';

const PYTHON_HOOK = `
import json, sys, types
class Client:
    def __init__(self, **kw): self.sent = []
    def start_observation(self, **kw): self.sent.append(kw); return self
    def update(self, **kw): return self
    def end(self): pass
    def flush(self): pass
sdk = types.ModuleType("langfuse"); sdk.Langfuse = Client; sys.modules["langfuse"] = sdk
from datetime import datetime
from pathlib import Path
import os, hashlib, logging, uuid
from langfuse import Langfuse
payload = json.load(sys.stdin)
state = Path(os.environ["HOOK_STATE"])
seen = json.loads(state.read_text()) if state.exists() else {}
rows = []
with open(payload["transcript_path"]) as transcript:
    for line in transcript:
        if line.strip(): rows.append(json.loads(line))
langfuse = Langfuse()
for row in rows[seen.get("n", 0):]:
    message = row.get("message") or {}
    langfuse.start_observation(name=row.get("type"), as_type="span", input=message.get("content"), metadata={"model": message.get("model")}).end()
langfuse.flush()
state.write_text(json.dumps({"n": len(rows)}))
`;

export async function measure(place) {
  const n = place.quick ? 100 : 500;
  const rounds = place.quick ? 1 : 3;
  const bench = place.c('harness/hook-bench/spawn-bench.c');
  const load = place.c('bench/load.c');
  const daemon = await place.daemon();
  const transcript = place.file('small.jsonl', '{"type":"summary"}\n');
  const payload = (bytes) => {
    const event = { session_id: '6f1d0c1e-1111-4222-8333-0123456789ab', transcript_path: transcript, cwd: place.dir, hook_event_name: 'PostToolUse', tool_name: 'Bash', tool_use_id: 'toolu_01', tool_input: { command: 'ls' }, tool_response: { stdout: '' } };
    event.tool_response.stdout = 'x'.repeat(Math.max(0, bytes - JSON.stringify(event).length));
    return place.file(`payload-${bytes}.json`, JSON.stringify(event));
  };
  const small = payload(2048);
  const large = payload(204800);
  const mebibyte = place.file('1mb.jsonl', `${JSON.stringify({ type: 'user', message: { role: 'user', content: 'y'.repeat(1000) } })}\n`.repeat(1000));
  const pythonPayload = place.file('python.json', JSON.stringify({ session_id: 's', transcript_path: mebibyte, hook_event_name: 'Stop' }));
  const python = place.file('hook.py', PYTHON_HOOK);
  const sink = path.join(place.fresh(), 's');
  place.keep(load, ['--sink', sink]);
  const nobody = place.fresh();
  const off = { ...daemon.env, TURNPIKE_HOME: path.join(nobody, 'turnpike') };
  while (!fs.existsSync(sink)) await sleep(5);

  // the JVM at the speed it has after a morning's work, not in its first second
  for (let i = 0; i < 4; i++) spawnSync(load, [daemon.socket, place.quick ? '500' : '3000', small]);
  const hook = [daemon.hook, 'claude-code'];
  const curl = ['curl', '-s', '-o', '/dev/null', '--unix-socket', sink, '--data-binary', '@-', '-H', 'Expect:', 'http://turnpike/v1/events/claude-code'];
  const rows = [
    ['turnpike-hook, 2 KB, daemon', hook, small, daemon.env, n, rounds],
    ['turnpike-hook, 2 KB, a sink that keeps nothing', hook, small, { ...daemon.env, TURNPIKE_SOCKET: sink }, n, rounds],
    ['turnpike-hook, 2 KB, no daemon (spools)', hook, small, off, n, rounds],
    ['turnpike-hook, 200 KB, daemon', hook, large, daemon.env, n / 2, rounds],
    ['sh -c true', ['/bin/sh', '-c', '/bin/true'], small, daemon.env, n / 2, rounds],
    ['curl --unix-socket, 2 KB, the sink', curl, small, daemon.env, n / 5, 1],
    ['python3 -c pass', ['python3', '-c', 'pass'], small, daemon.env, n / 10, 1],
    ['a Python hook, SDK stubbed, 1 MB transcript', ['python3', python], pythonPayload, { ...daemon.env, HOOK_STATE: path.join(place.dir, 'py') }, n / 10, 1],
    ['node -e 0', [process.execPath, '-e', '0'], small, daemon.env, n / 10, 1],
  ];
  const results = new Map(rows.map(([name]) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, command, input, env, calls, times] of rows) {
      if (round < times) results.get(name).push(one(bench, command, input, env, Math.max(20, calls)));
    }
  }
  const reach = { 'turnpike-hook, 2 KB, daemon': 'p50 <= 0.8, p99 <= 2', 'turnpike-hook, 2 KB, no daemon (spools)': 'p50 <= 1' };
  return rows.map(([name]) => {
    const all = results.get(name).filter(Boolean);
    if (all.length === 0) return { what: name, missing: true };
    return { what: name, against: '/bin/true', p50: round(median(all.map((r) => r.ratio_median))), p99: round(median(all.map((r) => r.ratio_p99))), microseconds: Math.round(median(all.map((r) => r.A.median_us))), rssMiB: round(Math.max(...all.map((r) => r.A.max_rss_kb)) / 1024, 1), reach: reach[name] };
  });
}

function one(bench, command, input, env, calls) {
  const ran = spawnSync(bench, ['-n', String(calls), '-p', '-x', '-J', '-j', '/dev/null', '-i', input, '--', ...command], { env, encoding: 'utf8' });
  const answer = ran.status === 0 ? JSON.parse(ran.stdout) : null;
  return answer && answer.A.failures === 0 ? answer : null;
}

