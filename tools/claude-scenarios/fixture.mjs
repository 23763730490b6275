#!/usr/bin/env node
// fixture.mjs - makes a fixture (projects/, hooks.jsonl, scenario.json, expected.json) of what record.mjs recorded, and checks it.
//
//   node fixture.mjs NAME RAW_DIR OUT_DIR      again from kept raw data
//
// expected.json is made from the scenario and the stub's log (which reply went to which request), not from the transcript;
// the transcript only gives ids that the CLI chose (session, agent). `check` then compares the two and prints every difference.
import fs from 'node:fs';
import path from 'node:path';

const readRows = (f) => (fs.existsSync(f) ? fs.readFileSync(f, 'utf8').split('\n').filter(Boolean).map((l) => { try { return JSON.parse(l); } catch { return { torn: l }; } }) : []);
const walk = (d) => (fs.existsSync(d) ? fs.readdirSync(d, { withFileTypes: true }).flatMap((e) => (e.isDirectory() ? walk(path.join(d, e.name)) : [path.join(d, e.name)])) : []);

// ---------------------------------------------------------------------------------------------- sanitising
const SECRET = /TOKEN|SOCKET|SECRET|API_KEY|AUTH/;
const SCRUB = [[/\/tmp\/claude-1000/g, '${TMPDIR}/claude-1000'], [/Linux \d+\.\d+\.\d+[^\s"\\,]*/g, 'Linux 6.8.0']];
export const scrub = (text) => SCRUB.reduce((s, [a, b]) => s.replace(a, b), text);
const CUT_ROWS = new Set(['attachment', 'api-request-shape', 'api-request-blob']);
function cut(x) {
  if (typeof x === 'string') { const c = Array.from(x); return c.length > 140 ? `${c.slice(0, 60).join('')}…[cut ${c.length - 60} chars]` : x; }
  if (Array.isArray(x)) return x.map(cut);
  if (x && typeof x === 'object') return Object.fromEntries(Object.entries(x).map(([k, v]) => [k, cut(v)]));
  return x;
}
function cutRow(r) {
  if (!CUT_ROWS.has(r.type)) return r;
  if (r.attachment?.type === 'queued_command') return { ...r, ...(r.rendered ? { rendered: cut(r.rendered) } : {}) };
  return cut(r);
}

function copyTranscripts(home, out) {
  const root = path.join(home, '.claude/projects');
  for (const f of walk(root)) {
    const rel = path.relative(root, f); const to = path.join(out, 'projects', rel);
    fs.mkdirSync(path.dirname(to), { recursive: true });
    const text = fs.readFileSync(f, 'utf8');
    if (!f.endsWith('.jsonl')) { fs.writeFileSync(to, scrub(text)); continue; }
    const whole = text.endsWith('\n') || text === ''; const lines = text.split('\n'); if (whole) lines.pop();
    fs.writeFileSync(to, lines.map((l) => { if (l.trim() === '') return l; try { return scrub(JSON.stringify(cutRow(JSON.parse(l)))); } catch { return scrub(l); } }).join('\n') + (whole && text !== '' ? '\n' : ''));
  }
}

function copyHooks(home, out) {
  const dir = path.join(home, 'hook-capture');
  const names = fs.existsSync(dir) ? fs.readdirSync(dir).filter((n) => n.endsWith('.stdin')).sort() : [];
  const lines = names.map((n, i) => {
    const base = path.join(dir, n.slice(0, -6)); const ns = n.split('-')[0];
    const rows = {};
    const disk = fs.existsSync(base + '.disk') ? fs.readFileSync(base + '.disk', 'utf8') : '';
    for (const l of disk.split('\n')) { const m = /^\s*(\d+)\s+(\d+)\s+\/home\/dev\/\.claude\/projects\/(.+)$/.exec(l); if (m) rows[m[3]] = Number(m[1]); }
    const env = {};
    for (const l of fs.existsSync(base + '.env') ? fs.readFileSync(base + '.env', 'utf8').split('\n') : []) { const k = l.indexOf('='); if (k > 0 && !SECRET.test(l.slice(0, k))) env[l.slice(0, k)] = l.slice(k + 1); }
    return scrub(`{"seq":${i + 1},"received_at":"${new Date(Number(BigInt(ns) / 1000000n)).toISOString()}","received_unix_ns":${ns},"rows_on_disk":${JSON.stringify(rows)},"env":${JSON.stringify(env)},"payload":${JSON.stringify(JSON.parse(fs.readFileSync(path.join(dir, n), 'utf8')))}}`);
  });
  fs.writeFileSync(path.join(out, 'hooks.jsonl'), lines.join('\n') + (lines.length ? '\n' : ''));
  return lines.map((l) => JSON.parse(l));
}

// ---------------------------------------------------------------------------------------------- expectation
const zero = () => ({ input: 0, output: 0, cache_read: 0, cache_creation: 0, cache_creation_5m: 0, cache_creation_1h: 0, thinking: 0 });
const add = (a, b) => Object.fromEntries(Object.keys(a).map((k) => [k, a[k] + b[k]]));
const sum = (gens) => gens.reduce((a, g) => add(a, g.usage), zero());

function usageOf(u = {}) {
  const w = u.cache_write ?? 0, h = u.cache_write_1h ?? 0;
  return { input: u.input ?? 10, output: u.output ?? 5, cache_read: u.cache_read ?? 0, cache_creation: w, cache_creation_5m: w - h, cache_creation_1h: h, thinking: u.reasoning ?? 0 };
}

function expectation({ scenario, raw, out, hooks }) {
  const asked = []; // every request that reached the stub: {run, lane, at, id, reply}
  scenario.runs.forEach((r, run) => {
    for (const e of readRows(path.join(raw, `stub-${run}.jsonl`))) {
      if (e.reply === undefined || e.lane === 'utility') continue;
      const lane = e.lane === 'main' ? { replies: r.replies } : (r.lanes ?? []).find((l) => (l.name ?? l.match ?? l.match_last) === e.lane);
      asked.push({ run, lane: e.lane, at: e.reply, id: e.id, reply: lane?.replies?.[e.reply] ?? { text: 'Done.' } });
    }
  });
  const used = new Set();
  const metas = walk(path.join(out, 'projects')).filter((f) => f.endsWith('.meta.json')).map((f) => ({ ...JSON.parse(fs.readFileSync(f, 'utf8')), agent_id: /agent-(.*)\.meta\.json$/.exec(f)[1] }));
  const callId = (q, i) => q.reply.tool_calls[i].id ?? `toolu_${q.id}${String.fromCharCode(97 + i)}`;
  function gen(q, over = {}) {
    used.add(q); const r = q.reply;
    const g = { message_id: `msg_${q.id}`, request_id: `req_${q.id}`, usage: usageOf(r.usage), text: r.text ?? (r.raw_blocks?.filter((b) => b.type === 'text').map((b) => b.text).join('') || null), thinking: Boolean(r.thinking), tool_calls: (r.tool_calls ?? []).map((t, i) => ({ id: callId(q, i), name: t.name, error: Boolean(t.error) })) };
    const ov = { ...(r.expect ?? {}), ...over };
    if (ov.partial) { g.partial = true; g.usage = { ...g.usage, output: 1, thinking: 0 }; if (ov.tool_calls === undefined) g.tool_calls = []; }
    for (const k of ['text', 'thinking', 'tool_calls', 'stop_reason']) if (ov[k] !== undefined) g[k] = ov[k];
    return g;
  }
  const split = (list) => ({ generations: list.filter((q) => (q.reply.status ?? 200) < 400 && !q.reply.expect?.none).map((q) => gen(q)), failed_api_attempts: list.filter((q) => (q.reply.status ?? 200) >= 400).map((q) => { used.add(q); return { request_id: `req_${q.id}`, status: q.reply.status }; }) });
  function agents(list, depth) {
    const found = [];
    for (const q of list) (q.reply.expect?.partial || q.reply.expect?.none ? [] : q.reply.tool_calls ?? []).forEach((t, i) => {
      const all = scenario.runs.flatMap((r) => r.lanes ?? []).filter((l) => l.match);
      const mine = t.agents ? t.agents.map((a) => ({ ...a, lane: all.find((l) => l.match === a.lane) })) : t.name === 'Agent' || t.name === 'Task' ? all.filter((l) => (t.input.prompt ?? '').includes(l.match)).slice(0, 1).map((lane) => ({ lane })) : [];
      for (const { lane, type, description, background, from = 0, before = Infinity } of mine) {
      const own = asked.filter((a) => a.lane === (lane.name ?? lane.match) && a.at >= from && a.at < before); const id = callId(q, i); const meta = metas.find((m) => m.toolUseId === id) ?? metas.find((m) => !m.toolUseId && (m.description ?? null) === (description ?? null));
      const s = split(own); const subs = agents(own, depth + 1);
      found.push({ agent_id: meta?.agent_id ?? null, agent_type: type ?? t.input.subagent_type ?? 'general-purpose', tool_use_id: id, depth, description: description ?? t.input.description, background: background ?? t.input.run_in_background !== false, ...s, counts: { generations: s.generations.length, tools: s.generations.flatMap((g) => g.tool_calls).length }, usage_own: sum(s.generations), subagents: subs });
      }
    });
    return found;
  }
  const deep = (n) => [n, ...n.subagents.flatMap(deep)];
  const sessions = [...new Set(hooks.map((h) => h.payload.session_id))];
  const turns = (scenario.turns ?? []).map((t) => {
    const list = (t.asks ?? []).map((ref) => { const [run, lane, at] = Array.isArray(ref) ? ref : [t.run ?? 0, 'main', ref]; const q = asked.find((a) => a.run === run && a.lane === lane && a.at === at); if (!q) console.log(`  CHECK: no request ${run}/${lane}/${at}`); return q; }).filter(Boolean);
    const s = split(list); const subs = agents(list, 1); const all = [{ ...s, subagents: subs }].flatMap(deep).flatMap((n) => n.generations);
    const { asks, run, session, ...rest } = t;
    return { session_id: sessions[session ?? 0], kind: 'prompt', outcome: 'completed', ...rest, ...s, subagents: subs, counts: { generations: s.generations.length, tools: s.generations.flatMap((g) => g.tool_calls).length }, usage_own: sum(s.generations), usage_with_subagents: sum(all), counts_with_subagents: { generations: all.length, tools: all.flatMap((g) => g.tool_calls).length } };
  });
  for (const q of asked) if (!used.has(q) && !q.reply.expect?.none) console.log(`  CHECK: request ${q.run}/${q.lane}/${q.at} (${q.id}) is in no turn`);
  return { claude_code_version: '2.1.329', ...(scenario.model === null ? {} : { model: scenario.model ?? 'claude-opus-5-5' }), turns, ...(scenario.files && Object.keys(scenario.files).length ? { project_files: Object.keys(scenario.files) } : {}), notes: scenario.notes ?? [] };
}

// ---------------------------------------------------------------------------------------------- check against the transcripts
export function check(out, expected) {
  const rows = walk(path.join(out, 'projects')).filter((f) => f.endsWith('.jsonl')).flatMap((f) => readRows(f));
  const msgs = new Map(), results = new Map();
  for (const r of rows) {
    if (r.type === 'assistant' && r.message.model !== '<synthetic>') {
      const m = msgs.get(r.message.id) ?? { text: [], tools: new Map(), usage: r.message.usage, model: r.message.model, uuids: new Set() }; msgs.set(r.message.id, m);
      if (m.uuids.has(r.uuid)) continue; m.uuids.add(r.uuid);
      if ((r.message.usage?.output_tokens ?? 0) >= (m.usage?.output_tokens ?? 0)) m.usage = r.message.usage;
      for (const b of r.message.content) { if (b.type === 'text') m.text.push(b.text); if (b.type === 'tool_use' || b.type === 'server_tool_use') m.tools.set(b.id, b.name); if (b.type === 'web_search_tool_result') results.set(b.tool_use_id, b.content?.type === 'web_search_tool_result_error'); }
    }
    if (r.type === 'user' && Array.isArray(r.message?.content)) for (const b of r.message.content) if (b.type === 'tool_result') results.set(b.tool_use_id, Boolean(b.is_error));
  }
  const nodes = (n) => [n, ...(n.subagents ?? []).flatMap(nodes)];
  const gens = expected.turns.flatMap(nodes).flatMap((n) => n.generations); const bad = [];
  for (const g of gens) {
    const m = msgs.get(g.message_id); if (!m) { bad.push(`${g.message_id} expected, not in the transcripts`); continue; }
    const u = m.usage; const have = [u.input_tokens, u.output_tokens, u.cache_read_input_tokens, u.cache_creation_input_tokens]; const want = [g.usage.input, g.usage.output, g.usage.cache_read, g.usage.cache_creation];
    if (have.join() !== want.join()) bad.push(`${g.message_id} usage ${have} on disk, expected ${want}`);
    if ((m.text.join('') || null) !== g.text) bad.push(`${g.message_id} text ${JSON.stringify(m.text.join(''))?.slice(0, 60)} on disk, expected ${JSON.stringify(g.text)?.slice(0, 60)}`);
    if ([...m.tools.keys()].sort().join() !== g.tool_calls.map((t) => t.id).sort().join()) bad.push(`${g.message_id} tools ${[...m.tools.keys()]} on disk, expected ${g.tool_calls.map((t) => t.id)}`);
    if (expected.model && m.model !== expected.model) bad.push(`${g.message_id} model ${m.model}`);
    for (const t of g.tool_calls) { if (!results.has(t.id)) { if (!t.error) bad.push(`${t.id} ${t.name} has no result, expected without error`); else bad.push(`(note) ${t.id} ${t.name} has no result row`); } else if (results.get(t.id) !== t.error) bad.push(`${t.id} ${t.name} is_error ${results.get(t.id)}, expected ${t.error}`); }
  }
  for (const id of msgs.keys()) if (!gens.some((g) => g.message_id === id)) bad.push(`${id} is in the transcripts, not expected`);
  return bad;
}

export function writeFixture({ name, scenario, raw, out }) {
  fs.rmSync(out, { recursive: true, force: true }); fs.mkdirSync(path.join(out, 'projects'), { recursive: true });
  const home = path.join(raw, 'dev');
  copyTranscripts(home, out);
  const hooks = copyHooks(home, out);
  const many = scenario.runs.length > 1;
  scenario.runs.forEach((r, i) => fs.writeFileSync(path.join(out, many ? `scenario-${i + 1}.json` : 'scenario.json'), JSON.stringify({ ...(r.prompt ? { prompt: r.prompt } : {}), ...(r.args ? { args: r.args } : {}), ...(r.stdin ? { stdin: r.stdin } : {}), ...(r.keys ? { keys: r.keys } : {}), ...(r.int ? { int_after: r.int } : {}), ...(r.kill ? { kill_after: r.kill } : {}), ...(r.env ? { env: r.env } : {}), replies: r.replies ?? [], ...(r.lanes ? { lanes: r.lanes } : {}) }, null, 1) + '\n'));
  const expected = expectation({ scenario, raw, out, hooks });
  fs.writeFileSync(path.join(out, 'expected.json'), JSON.stringify(expected, null, 1) + '\n');
  console.log(`${name}: ${hooks.length} hooks, ${expected.turns.length} turns`);
  for (const b of scenario.noTranscript ? [] : check(out, expected)) console.log(`  CHECK: ${b}`);
}

if (process.argv[1] && path.basename(process.argv[1]) === 'fixture.mjs') {
  const { scenarios } = await import('./scenarios.mjs');
  const [n, raw, out] = process.argv.slice(2);
  writeFixture({ name: n, scenario: scenarios[n], raw, out: path.join(out, n) });
}
