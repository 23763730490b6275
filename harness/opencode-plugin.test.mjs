// The plugin for OpenCode by itself, against a socket of the test's own: node --test harness/opencode-plugin.test.mjs
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { HARNESS, until } from './turnpike.mjs';

const PLUGIN = pathToFileURL(path.join(path.dirname(HARNESS), 'agent-plugins', 'opencode', 'turnpike.js')).href;
const { default: plugin } = await import(PLUGIN);

let dir;
let cleanups;
beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'oc-'));
  cleanups = [];
  for (const k of Object.keys(process.env)) if (/^(TURNPIKE_|LANGFUSE_|TRACE_TO)/.test(k)) delete process.env[k];
  process.env.TURNPIKE_HOME = dir;
  process.env.TURNPIKE_AUTOSTART = '0';
});
afterEach(async () => {
  for (const c of cleanups.reverse()) await c();
  fs.rmSync(dir, { recursive: true, force: true });
});

/** A daemon that answers every request with a status. */
async function daemon(status = 202) {
  const got = [];
  const server = http.createServer((request, answer) => {
    let body = '';
    request.on('data', (b) => { body += b; }).on('end', () => {
      const [head, ...lines] = body.trim().split('\n').map((l) => JSON.parse(l));
      got.push({ url: request.url, headers: request.headers, raw: request.rawHeaders, head, lines });
      answer.writeHead(status).end();
    });
  });
  await new Promise((r) => server.listen(path.join(dir, 'turnpike.sock'), r));
  cleanups.push(() => new Promise((r) => { server.closeAllConnections(); server.close(r); }));
  return got;
}

async function load(directory = '/home/dev/shop') {
  const hooks = await plugin.server({ directory, worktree: directory });
  cleanups.push(() => hooks.dispose?.());
  return hooks;
}

let ids = 0;
const event = (type, properties) => ({ event: { id: `evt_${String(++ids).padStart(6, '0')}`, type, properties } });
const created = (id, parentID) => event('session.created', { sessionID: id, info: { id, parentID, version: '1.18.33', directory: '/home/dev/shop', title: 't', time: { created: 1 } } });
const prompt = (session, id, at) => event('message.updated', { sessionID: session, info: { id, role: 'user', sessionID: session, time: { created: at }, summary: { diffs: ['x'.repeat(1000)] } } });
const part = (session, more) => event('message.part.updated', { sessionID: session, time: 5, part: { id: 'prt_1', messageID: 'msg_1', sessionID: session, ...more } });
const idle = (session) => event('session.idle', { sessionID: session });
const spool = () => path.join(dir, 'state', 'spool');
const spooled = () => (fs.existsSync(spool()) ? fs.readdirSync(spool()).filter((f) => f.endsWith('.evt')).sort() : []);
const types = (got) => got.flatMap((g) => g.lines.map((l) => l.event?.type ?? 'request'));

test('events go in order, few requests for many, with the head that the daemon needs', async () => {
  process.env.LANGFUSE_PUBLIC_KEY = 'pk lf';
  process.env.SECRET_OF_THE_AGENT = 'no';
  const got = await daemon();
  const hooks = await load();
  await hooks.event(created('ses_a'));
  await hooks.event(prompt('ses_a', 'msg_1', 1));
  await hooks['chat.params']({ sessionID: 'ses_a', agent: 'build', model: { id: 'm', providerID: 'p' }, provider: { key: 'sk-secret' } }, { temperature: 1, options: { a: 1, nested: {} } });
  await hooks['chat.params']({ sessionID: 'ses_a', agent: 'title' }, {});
  await hooks.event(idle('ses_a'));
  await until('the batches', () => types(got).length === 4);
  assert.deepEqual(types(got), ['session.created', 'message.updated', 'request', 'session.idle']);
  assert.equal(got[0].url, '/v1/events/opencode');
  assert.deepEqual(got.map((g) => [g.head.root, g.head.n, g.head.turn, g.head.end]), [['ses_a', 1, undefined, undefined], ['ses_a', 2, 'msg_1', true]]);
  assert.equal(got[0].headers['turnpike-parent-pid'], String(process.pid));
  assert.ok(got[0].raw.includes('LANGFUSE_PUBLIC_KEY=pk%20lf'));
  assert.ok(!JSON.stringify(got).includes('SECRET_OF') && !JSON.stringify(got).includes('sk-secret') && !JSON.stringify(got).includes('xxxx'));
});

test("a sub-agent's events come with those of its root, other sessions apart", async () => {
  const got = await daemon();
  const hooks = await load();
  for (const e of [created('ses_a'), created('ses_child', 'ses_a'), created('ses_grandchild', 'ses_child'), created('ses_b')]) await hooks.event(e);
  await hooks.event(part('ses_grandchild', { type: 'text', text: 'x' }));
  await hooks.event(idle('ses_child'));
  await hooks.event(idle('ses_a'));
  await until('the batches', () => types(got).includes('session.idle') && types(got).length === 7);
  for (const g of got) for (const l of g.lines) assert.equal(g.head.root, l.event.properties.sessionID === 'ses_b' ? 'ses_b' : 'ses_a');
  assert.equal(got.filter((g) => g.head.end).length, 1);
});

test('without a daemon everything lies in the spool as it would have been sent, and goes first when there is one', async () => {
  const hooks = await load();
  await hooks.event(created('ses_a'));
  await hooks.event(idle('ses_a'));
  await until('the spool', () => spooled().length === 1);
  const file = path.join(spool(), spooled()[0]);
  assert.match(fs.readFileSync(file, 'utf8'), /^POST \/v1\/events\/opencode HTTP\/1\.1\r\n[^]*Turnpike-Event-Id: [0-9a-f]{16}-[0-9a-f]{8}-[0-9a-f]{8}\r\n[^]*\r\n\r\n\{"v":1,/);
  assert.equal(fs.statSync(file).mode & 0o777, 0o600);
  assert.equal(fs.statSync(spool()).mode & 0o777, 0o700);
  assert.match(spooled()[0], /^\d{19}-\d+\.evt$/);
  const got = await daemon();
  await until('the spooled batch', async () => {
    await hooks.event(prompt('ses_a', `msg_${++ids}`, ids));
    await hooks.event(idle('ses_a'));
    return got.length > 1;
  }, 20_000, 200);
  assert.deepEqual(types(got).slice(0, 2), ['session.created', 'session.idle']);
  assert.deepEqual([...got].map((g) => g.head.n), [...got].map((_, i) => i + 1));
  await hooks.dispose();
  assert.deepEqual(spooled(), []);
});

test('a daemon that hangs: hooks return, dispose returns, nothing is lost', async () => {
  const server = net.createServer(() => {});
  await new Promise((r) => server.listen(path.join(dir, 'turnpike.sock'), r));
  const sockets = [];
  server.on('connection', (s) => sockets.push(s));
  cleanups.push(() => { sockets.forEach((s) => s.destroy()); return new Promise((r) => server.close(r)); });
  const hooks = await load();
  await hooks.event(created('ses_a'));
  await hooks.event(prompt('ses_a', 'msg_1', 1));
  await hooks.event(idle('ses_a'));
  await hooks.dispose();
  const bodies = spooled().map((f) => fs.readFileSync(path.join(spool(), f), 'utf8')).join('');
  for (const t of ['session.created', 'message.updated', 'session.idle']) assert.ok(bodies.includes(t), t);
});

test('a daemon that refuses: what it did not take is in the spool', async () => {
  const got = await daemon(503);
  const hooks = await load();
  await hooks.event(created('ses_a'));
  await hooks.event(idle('ses_a'));
  await until('the spool', () => spooled().length === 1);
  assert.equal(got.length, 1);
});

test('what comes after dispose is kept too', async () => {
  const hooks = await load();
  await hooks.dispose();
  await hooks.event(idle('ses_a'));
  assert.equal(spooled().length, 1);
});

test('memory is bounded: what waits beyond the limit goes to the spool', async () => {
  const server = net.createServer(() => {});
  await new Promise((r) => server.listen(path.join(dir, 'turnpike.sock'), r));
  cleanups.push(() => server.close());
  const hooks = await load();
  for (let i = 0; i < 40; i++) await hooks.event(part('ses_a', { id: `prt_${i}`, type: 'text', text: 'x'.repeat(400_000) }));
  assert.ok(spooled().length >= 5, `${spooled().length} files`);
});

test('the spool has its limit, and what does not fit is counted', async () => {
  fs.mkdirSync(spool(), { recursive: true, mode: 0o700 });
  fs.writeFileSync(path.join(spool(), '1-1.evt'), '');
  fs.truncateSync(path.join(spool(), '1-1.evt'), 64 * 1024 * 1024);
  const hooks = await load();
  await hooks.event(idle('ses_a'));
  await hooks.dispose();
  assert.equal(spooled().length, 1);
  assert.match(fs.readFileSync(path.join(spool(), 'dropped'), 'utf8'), /^\d{19} opencode \d+ spool-full\n$/);
});

test('nothing that is told makes a hook throw', async () => {
  const got = await daemon();
  const hooks = await load();
  const circle = {};
  circle.self = circle;
  const odd = [undefined, null, {}, { event: null }, { event: { type: 'session.idle' } }, { event: { type: 'message.part.updated', properties: { sessionID: 'ses_a', part: circle } } },
    { event: { type: 'message.updated', properties: { sessionID: 'ses_a', get info() { throw new Error('boom'); } } } }, { event: { type: 'message.part.updated', properties: { sessionID: 7 } } }];
  for (const o of odd) await hooks.event(o);
  for (const o of [undefined, null, {}, { sessionID: 'ses_a', agent: circle }]) await hooks['chat.params'](o, o);
  await hooks.event(idle('ses_a'));
  await until('what was whole', () => types(got).includes('session.idle'));
});

test('bytes of images, and copies, stay where they are; a long line is cut and still JSON', async () => {
  const got = await daemon();
  const hooks = await load();
  await hooks.event(part('ses_a', { type: 'file', mime: 'image/png', url: `data:image/png;base64,${'A'.repeat(100_000)}` }));
  await hooks.event(part('ses_a', { id: 'prt_2', type: 'tool', tool: 'bash', callID: 'c', state: { status: 'completed', input: {}, output: 'y'.repeat(5_000_000), metadata: { output: 'z'.repeat(1000), exit: 0 } } }));
  await hooks.event(idle('ses_a'));
  await until('the batches', () => types(got).includes('session.idle'));
  const parts = got.flatMap((g) => g.lines).map((l) => l.event.properties.part).filter(Boolean);
  assert.equal(parts[0].url, 'data:,100022');
  assert.ok(parts[1].state.output.length < 101_000 && parts[1].state.output.startsWith('yyy'));
  assert.deepEqual(parts[1].state.metadata, { exit: 0 });
});

test("a running tool's output is told again, but not every time", async () => {
  const got = await daemon();
  const hooks = await load();
  const running = (output) => part('ses_a', { type: 'tool', tool: 'bash', callID: 'c', state: { status: 'running', input: {}, metadata: { output } } });
  for (let i = 0; i < 100; i++) await hooks.event(running(`line ${i}`));
  await until('the latest output', () => got.some((g) => JSON.stringify(g.lines).includes('line 99')));
  assert.equal(types(got).length, 2);
});

test('the same plugin in two folders tells everything once', async () => {
  const got = await daemon();
  const first = await load();
  const { default: copy } = await import(`${PLUGIN}?second`);
  assert.deepEqual(await copy.server({ directory: '/home/dev/shop' }), {});
  await first.event(idle('ses_a'));
  await until('the batch', () => got.length === 1);
});

test('an absent daemon is started once, as the hook client would', async () => {
  delete process.env.TURNPIKE_AUTOSTART;
  fs.mkdirSync(path.join(dir, 'state'), { recursive: true });
  const bin = path.join(dir, 'bin');
  fs.mkdirSync(bin);
  fs.writeFileSync(path.join(bin, 'turnpike'), `#!/bin/sh\necho "$1 $TURNPIKE_STARTED_BY $(pwd)" >> ${dir}/started\n`, { mode: 0o755 });
  const before = process.env.PATH;
  process.env.PATH = `${bin}:${before}`;
  cleanups.push(() => { process.env.PATH = before; });
  const hooks = await load();
  await hooks.event(idle('ses_a'));
  await until('the start', () => fs.existsSync(path.join(dir, 'started')) && fs.readFileSync(path.join(dir, 'started'), 'utf8'));
  await hooks.dispose();
  const again = await load('/elsewhere');
  await again.event(idle('ses_b'));
  await again.dispose();
  assert.equal(fs.readFileSync(path.join(dir, 'started'), 'utf8'), 'daemon turnpike-hook /\n');
});
