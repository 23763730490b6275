// A session of Claude Code of any length, made of a recorded turn (fixtures/claude-code/multi-tool): the same rows with other ids, later
// times, and tool output padded to a size. The agent writes each output twice: as the model was told it, and as the tool gave it.
import fs from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { ROOT } from './measure.mjs';

const SESSION = '4aeed8a7-c8cd-4b1c-9cd1-2594e1cbae1b';
const FIXTURE = path.join(ROOT, 'fixtures/claude-code/multi-tool');
const OWN = /"(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?:msg|toolu|req)_[0-9A-Za-z]+)"/g;
const TOLD = '"type":"tool_result","content":"';
const GIVEN = /"toolUseResult":(?:\{"stdout":"|\{"type":"text","file":\{"filePath":"[^"]*","content":"|\{.*?"originalFile":"|"Error: )/;
const PROMPT = /842b0dda/;
const CALLS = { from: 22, to: 40 }; // the rows of the recorded turn from its first answer to its last tool result

export class Session {
  constructor(dir) {
    this.file = path.join(dir, `${SESSION}.jsonl`);
    this.rows = fs.readFileSync(path.join(FIXTURE, 'projects/-home-dev-shop', `${SESSION}.jsonl`), 'utf8').trim().split('\n');
    this.hooks = fs.readFileSync(path.join(FIXTURE, 'hooks.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line).payload);
    this.first = Date.parse(JSON.parse(this.rows[2]).timestamp);
    this.turns = 0;
    this.bytes = 0;
    this.leaf = 'null';
    fs.writeFileSync(this.file, '');
  }

  #own(text, turn) {
    const suffix = turn.toString(16).padStart(6, '0');
    return text.replace(OWN, (id) => {
      if (id.includes(SESSION)) return id;
      return id.includes('_') ? `${id.slice(0, -1)}${suffix}"` : `${id.slice(0, -7)}${suffix}"`;
    });
  }

  /** The text of the next turn; each of its tool results is filled up to so many bytes, and its tool calls come so many times. */
  next(padBytes = 0, times = 1) {
    const turn = this.turns++;
    const begin = Date.now() - this.first;
    const calls = this.rows.slice(CALLS.from, CALLS.to);
    const repeated = Array.from({ length: times - 1 }, (_, n) => calls.map((row) => this.#again(row, n + 1))).flat();
    const rows = [...this.rows.slice(0, CALLS.to), ...repeated, ...this.rows.slice(CALLS.to)];
    const lines = rows.map((row, at) => {
      let text = this.#own(row, turn).replace(/"timestamp":"([^"]+)"/g, (_, time) => `"timestamp":"${new Date(Date.parse(time) + begin + turn).toISOString()}"`);
      if (text.startsWith('{"parentUuid":null')) text = text.replace('"parentUuid":null', `"parentUuid":${this.leaf}`);
      const pad = padBytes > 0 && row.includes(TOLD) ? filler(padBytes, turn * rows.length + at) : '';
      return text.replace(TOLD, (begin) => begin + pad).replace(GIVEN, (begin) => begin + pad);
    });
    this.leaf = /"uuid":("[^"]+")/.exec(lines.findLast((line) => line.includes('"end_turn"')))[1];
    const text = lines.join('\n') + '\n';
    this.bytes += Buffer.byteLength(text);
    return text;
  }

  /** A row of the tool calls once more, with ids of its own; its first row hangs on the last of the time before. */
  #again(row, n) {
    const other = (id, by) => (id.includes('_') ? `${id.slice(0, -1)}${by}x"` : `"${(by + 0x10000000).toString(16)}${id.slice(9)}`);
    const calls = this.rows.slice(CALLS.from, CALLS.to).join('');
    return row.replace(OWN, (id) => {
      if (id.includes(SESSION) || PROMPT.test(id)) return id;
      if (id.includes('_') || calls.includes(`"uuid":${id}`)) return other(id, n);
      const last = /"uuid":("[^"]+")/.exec(this.rows[CALLS.to - 2])[1];
      return n === 1 ? last : other(last, n - 1);
    });
  }

  append(text) {
    fs.appendFileSync(this.file, text);
  }

  /** The payload of a hook of the turn that was made last. */
  payload(event) {
    const hook = this.hooks.find((one) => one.hook_event_name === event);
    return this.#own(JSON.stringify({ ...hook, transcript_path: this.file, cwd: path.dirname(this.file) }), this.turns - 1);
  }

  /** Runs the hook client for it. */
  tell(daemon, event) {
    const told = spawnSync(daemon.hook, ['claude-code'], { env: { ...daemon.env, CLAUDE_CODE_SESSION_ID: SESSION }, input: this.payload(event) });
    if (told.status !== 0) throw new Error(`the hook client ended with ${told.status}`);
  }

  /** A first turn, so that what follows is no history from before. */
  begin(daemon) {
    const text = this.next();
    this.tell(daemon, 'SessionStart');
    this.tell(daemon, 'UserPromptSubmit');
    this.append(text);
    this.tell(daemon, 'Stop');
  }
}

// Words with line ends, as tools print them; one unlike the other, so that nothing is found twice.
function filler(bytes, seed) {
  let text = '';
  for (let n = 0; text.length < bytes; n++) text += `${seed.toString(36)}${(n * 7919).toString(36)} total ${n} src/cart.py: return sum(price)\\n`;
  return text.slice(0, bytes - (bytes % 2)).replace(/\\$/, '');
}

/** What the daemon has counted of Claude Code: accepted, turns, spans ... */
export async function counted(daemon) {
  return (await daemon.status()).agents.find((agent) => agent.agent === 'claude-code');
}
