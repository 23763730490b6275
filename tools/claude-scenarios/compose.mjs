#!/usr/bin/env node
// compose.mjs OUT_DIR - writes the two fixtures that no current CLI can record: rows as old versions wrote them.
// They are composed by hand from public descriptions of the old formats; ids and times are invented and fixed.
import fs from 'node:fs';
import path from 'node:path';

const out = process.argv[2];
const uuid = (n) => `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
const at = (ms) => new Date(Date.UTC(2026, 0, 20, 10, 0, 0) + ms).toISOString();
const usage = (i, o, read, write) => ({ input_tokens: i, cache_creation_input_tokens: write, cache_read_input_tokens: read, cache_creation: { ephemeral_5m_input_tokens: write, ephemeral_1h_input_tokens: 0 }, output_tokens: o, service_tier: 'standard' });
const zero = () => ({ input: 0, output: 0, cache_read: 0, cache_creation: 0, cache_creation_5m: 0, cache_creation_1h: 0, thinking: 0 });
const add = (a, b) => Object.fromEntries(Object.keys(a).map((k) => [k, a[k] + b[k]]));
const sum = (g) => g.reduce((a, x) => add(a, x.usage), zero());
const gen = (id, u, text, calls = []) => ({ message_id: id, request_id: id.replace('msg', 'req'), usage: { input: u[0], output: u[1], cache_read: u[2], cache_creation: u[3], cache_creation_5m: u[3], cache_creation_1h: 0, thinking: 0 }, text, thinking: false, tool_calls: calls });

function fixture(name, { session, version, model, rows, hooks, turns, notes }) {
  const dir = path.join(out, name); fs.rmSync(dir, { recursive: true, force: true });
  const rel = `-home-dev-shop/${session}.jsonl`; fs.mkdirSync(path.join(dir, 'projects/-home-dev-shop'), { recursive: true });
  const base = { userType: 'external', cwd: '/home/dev/shop', sessionId: session, version, gitBranch: 'feature/checkout' };
  fs.writeFileSync(path.join(dir, 'projects', rel), rows.map((r) => JSON.stringify(r.type === 'summary' ? r : { isSidechain: false, ...base, ...r })).join('\n') + '\n');
  fs.writeFileSync(path.join(dir, 'hooks.jsonl'), hooks.map((h, i) => { const ns = BigInt(Date.parse(h.at)) * 1000000n; return `{"seq":${i + 1},"received_at":"${h.at}","received_unix_ns":${ns},"rows_on_disk":${JSON.stringify(h.rows ? { [rel]: h.rows } : {})},"env":{"CLAUDECODE":"1","CLAUDE_PROJECT_DIR":"/home/dev/shop","CLAUDE_CODE_ENTRYPOINT":"cli"},"payload":${JSON.stringify({ session_id: session, transcript_path: `/home/dev/.claude/projects/${rel}`, cwd: '/home/dev/shop', ...h.payload })}}`; }).join('\n') + '\n');
  const full = turns.map((t) => {
    const deep = (n) => [n, ...(n.subagents ?? []).flatMap(deep)]; const all = deep(t).flatMap((n) => n.generations); const tools = (g) => g.flatMap((x) => x.tool_calls).length;
    const subagents = (t.subagents ?? []).map((s) => ({ ...s, counts: { generations: s.generations.length, tools: tools(s.generations) }, usage_own: sum(s.generations), subagents: [] }));
    return { session_id: session, kind: 'prompt', outcome: 'completed', failed_api_attempts: [], ...t, subagents, counts: { generations: t.generations.length, tools: tools(t.generations) }, usage_own: sum(t.generations), usage_with_subagents: sum(all), counts_with_subagents: { generations: all.length, tools: tools(all) } };
  });
  fs.writeFileSync(path.join(dir, 'expected.json'), JSON.stringify({ composed: true, claude_code_version: version, model, turns: full, notes: ['composed by hand, not recorded', ...notes] }, null, 1) + '\n');
  fs.writeFileSync(path.join(dir, 'scenario.json'), JSON.stringify({ composed: true, replies: [] }) + '\n');
}

const asst = (id, req, block, u, model, stop = null) => ({ type: 'assistant', requestId: req, message: { id, type: 'message', role: 'assistant', model, content: [block], stop_reason: stop, stop_sequence: null, usage: u } });
const text = (t) => ({ type: 'text', text: t });
const call = (id, name, input) => ({ type: 'tool_use', id, name, input });

// ---------------------------------------------------------------------------------- partial usage (2.1.14)
{
  const model = 'claude-opus-4-5-20251101'; const session = 'cccccccc-0001-4000-8000-000000000001';
  const A = 'msg_old00000000000000001', B = 'msg_old00000000000000002';
  const chain = (n, ms, r) => ({ uuid: uuid(n), parentUuid: n === 1 ? null : uuid(n - 1), timestamp: at(ms), ...r });
  const rows = [
    chain(1, 0, { type: 'user', message: { role: 'user', content: 'Count the sources' } }),
    chain(2, 1500, asst(A, 'req_old00000000000000001', text('I will look.'), usage(10, 1, 0, 4000), model)),
    chain(3, 1560, asst(A, 'req_old00000000000000001', call('toolu_old1', 'Bash', { command: 'ls src', description: 'List' }), usage(10, 1, 0, 4000), model)),
    chain(4, 1620, asst(A, 'req_old00000000000000001', call('toolu_old2', 'Bash', { command: 'ls src | wc -l', description: 'Count' }), usage(10, 83, 0, 4000), model, 'tool_use')),
    chain(5, 2700, { type: 'user', message: { role: 'user', content: [{ tool_use_id: 'toolu_old1', type: 'tool_result', content: 'cart.py', is_error: false }] }, toolUseResult: { stdout: 'cart.py', stderr: '', interrupted: false, isImage: false } }),
    chain(6, 2800, { type: 'user', message: { role: 'user', content: [{ tool_use_id: 'toolu_old2', type: 'tool_result', content: '1', is_error: false }] }, toolUseResult: { stdout: '1', stderr: '', interrupted: false, isImage: false } }),
    chain(7, 4000, asst(B, 'req_old00000000000000002', text('There is one source.'), usage(4, 1, 4000, 120), model)),
    chain(8, 4400, asst(B, 'req_old00000000000000002', text('It is cart.py.'), usage(4, 14, 4000, 120), model, 'end_turn')),
  ];
  const p = (name, more = {}) => ({ hook_event_name: name, permission_mode: 'default', ...more });
  fixture('composed-partial-usage', { session, version: '2.1.14', model, rows,
    hooks: [{ at: at(-400), payload: { hook_event_name: 'SessionStart', source: 'startup' } }, { at: at(10), payload: p('UserPromptSubmit', { prompt: 'Count the sources' }) },
      { at: at(1640), rows: 3, payload: p('PreToolUse', { tool_name: 'Bash', tool_input: { command: 'ls src', description: 'List' }, tool_use_id: 'toolu_old1' }) }, { at: at(2690), rows: 4, payload: p('PostToolUse', { tool_name: 'Bash', tool_input: { command: 'ls src', description: 'List' }, tool_response: { stdout: 'cart.py', stderr: '', interrupted: false, isImage: false }, tool_use_id: 'toolu_old1' }) },
      { at: at(2790), rows: 5, payload: p('PostToolUse', { tool_name: 'Bash', tool_input: { command: 'ls src | wc -l', description: 'Count' }, tool_response: { stdout: '1', stderr: '', interrupted: false, isImage: false }, tool_use_id: 'toolu_old2' }) }, { at: at(4410), rows: 7, payload: p('Stop', { stop_hook_active: false }) }, { at: at(4600), rows: 8, payload: { hook_event_name: 'SessionEnd', reason: 'other' } }],
    turns: [{ prompt: 'Count the sources', generations: [gen(A, [10, 83, 0, 4000], 'I will look.', [{ id: 'toolu_old1', name: 'Bash', error: false }, { id: 'toolu_old2', name: 'Bash', error: false }]), gen(B, [4, 14, 4000, 120], 'There is one source.\nIt is cart.py.')] }],
    notes: ['every row of a message but the last says output_tokens 1; no api-request rows, no stop_hook_summary, no promptId, Stop without last_assistant_message', 'the last row of the turn is not on disk at Stop'] });
}

// ---------------------------------------------------------------------------------- sidechain rows in the main file (1.0.60)
{
  const model = 'claude-sonnet-4-20250514'; const session = 'cccccccc-0002-4000-8000-000000000001';
  const ids = ['1', '2', '3', '4', '5', '6'].map((n) => `msg_side000000000000000${n}`); const req = (i) => ids[i].replace('msg', 'req');
  const main = (n, parent, ms, r) => ({ uuid: uuid(n), parentUuid: parent === null ? null : uuid(parent), timestamp: at(ms), ...r });
  const side = (n, parent, ms, r) => main(n, parent, ms, { ...r, isSidechain: true });
  const rows = [
    { type: 'summary', summary: 'Shop prices', leafUuid: uuid(999) },
    main(101, null, 0, { type: 'user', message: { role: 'user', content: 'Audit prices and names' } }),
    main(102, 101, 1200, asst(ids[0], req(0), text('Two tasks.'), usage(9, 96, 0, 3000), model)),
    main(103, 102, 1300, asst(ids[0], req(0), call('toolu_side1', 'Task', { description: 'Audit prices', prompt: 'Check every price', subagent_type: 'general-purpose' }), usage(9, 96, 0, 3000), model)),
    main(104, 103, 1400, asst(ids[0], req(0), call('toolu_side2', 'Task', { description: 'Audit names', prompt: 'Check every name', subagent_type: 'general-purpose' }), usage(9, 96, 0, 3000), model, 'tool_use')),
    side(201, null, 1500, { type: 'user', message: { role: 'user', content: 'Check every price' } }),
    side(301, null, 1510, { type: 'user', message: { role: 'user', content: 'Check every name' } }),
    side(202, 201, 2500, asst(ids[1], req(1), call('toolu_side3', 'Bash', { command: 'grep -n price src/cart.py', description: 'Find' }), usage(5, 40, 0, 1500), model, 'tool_use')),
    side(302, 301, 2600, asst(ids[2], req(2), text('Names are fine.'), usage(6, 8, 0, 1400), model, 'end_turn')),
    side(203, 202, 2900, { type: 'user', message: { role: 'user', content: [{ tool_use_id: 'toolu_side3', type: 'tool_result', content: '6:    price: int', is_error: false }] }, toolUseResult: { stdout: '6:    price: int', stderr: '', interrupted: false, isImage: false } }),
    main(105, 104, 2950, { type: 'user', message: { role: 'user', content: [{ tool_use_id: 'toolu_side2', type: 'tool_result', content: [{ type: 'text', text: 'Names are fine.' }] }] }, toolUseResult: { content: [{ type: 'text', text: 'Names are fine.' }], totalDurationMs: 1440, totalTokens: 1414, totalToolUseCount: 0, usage: usage(6, 8, 0, 1400), wasInterrupted: false } }),
    side(204, 203, 3900, asst(ids[3], req(3), text('Prices are fine.'), usage(3, 9, 1500, 60), model, 'end_turn')),
    main(106, 105, 4000, { type: 'user', message: { role: 'user', content: [{ tool_use_id: 'toolu_side1', type: 'tool_result', content: [{ type: 'text', text: 'Prices are fine.' }] }] }, toolUseResult: { content: [{ type: 'text', text: 'Prices are fine.' }], totalDurationMs: 2500, totalTokens: 1572, totalToolUseCount: 1, usage: usage(3, 9, 1500, 60), wasInterrupted: false } }),
    main(107, 106, 5200, asst(ids[4], req(4), text('Both are fine.'), usage(4, 7, 3000, 200), model, 'end_turn')),
  ];
  const p = (name, more = {}) => ({ hook_event_name: name, ...more });
  fixture('composed-sidechain', { session, version: '1.0.60', model, rows,
    hooks: [{ at: at(5), payload: p('UserPromptSubmit', { prompt: 'Audit prices and names' }) }, { at: at(1420), rows: 4, payload: p('PreToolUse', { tool_name: 'Task', tool_input: { description: 'Audit prices', prompt: 'Check every price', subagent_type: 'general-purpose' } }) }, { at: at(1430), rows: 5, payload: p('PreToolUse', { tool_name: 'Task', tool_input: { description: 'Audit names', prompt: 'Check every name', subagent_type: 'general-purpose' } }) },
      { at: at(2650), rows: 8, payload: p('SubagentStop', { stop_hook_active: false }) }, { at: at(3950), rows: 11, payload: p('SubagentStop', { stop_hook_active: false }) }, { at: at(5210), rows: 13, payload: p('Stop', { stop_hook_active: false }) }],
    turns: [{ prompt: 'Audit prices and names', generations: [gen(ids[0], [9, 96, 0, 3000], 'Two tasks.', [{ id: 'toolu_side1', name: 'Task', error: false }, { id: 'toolu_side2', name: 'Task', error: false }]), gen(ids[4], [4, 7, 3000, 200], 'Both are fine.')],
      subagents: [
        { agent_id: null, agent_type: 'general-purpose', tool_use_id: 'toolu_side1', depth: 1, description: 'Audit prices', background: false, generations: [gen(ids[1], [5, 40, 0, 1500], null, [{ id: 'toolu_side3', name: 'Bash', error: false }]), gen(ids[3], [3, 9, 1500, 60], 'Prices are fine.')] },
        { agent_id: null, agent_type: 'general-purpose', tool_use_id: 'toolu_side2', depth: 1, description: 'Audit names', background: false, generations: [gen(ids[2], [6, 8, 0, 1400], 'Names are fine.')] }] }],
    notes: ['sub-agent rows lie in the main file with isSidechain true, interleaved, without agentId: route by parentUuid to the root row, root row to the Task call by its prompt text', 'hooks without tool_use_id, prompt_id and agent_id; SubagentStop does not say which; no SessionEnd'] });
}
