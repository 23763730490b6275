#!/usr/bin/env node
// play-plugin.mjs - plays what an agent's plugin was told in a recorded run to the real plugin, in a process that is the agent's for it.
//
//   node harness/play-plugin.mjs --plugin FILE --events FILE [--home DIR] [--max-gap MS] [--at-once] [--faults dup] [--between CMD --every N]
//
// The recording has a line for each call of a hook: {"t","hook","input","output"}. The plugin sees the recording's clock in Date.now while a
// hook is called, since times in traces are the agent's, and the real one otherwise. A recording without `dispose` ends as it did: by a signal.
import fs from 'node:fs';
import path from 'node:path';
import { execSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { flag, option, sleep } from './turnpike.mjs';

const argv = process.argv.slice(2);
const home = option(argv, 'home', '/home/dev');
const gap = flag(argv, 'at-once') ? 0 : Number(option(argv, 'max-gap', 2000));
const times = option(argv, 'faults') === 'dup' ? 2 : 1;
const between = option(argv, 'between');
const every = Number(option(argv, 'every', 1));
const LAST_WORDS_MS = 600; // what the plugin tells later by itself: a running tool's output

const lines = fs.readFileSync(option(argv, 'events'), 'utf8').replaceAll('/home/dev', home).split('\n').filter(Boolean).map((l) => JSON.parse(l));
const { default: plugin } = await import(pathToFileURL(path.resolve(option(argv, 'plugin'))));
const real = Date.now;
const at = (t, call) => {
  Date.now = () => t;
  try {
    return call();
  } finally {
    Date.now = real;
  }
};

let hooks;
let before = lines[0].t;
let n = 0;
let ended = false;
for (const line of lines) {
  const wait = Math.min(gap, line.t - before);
  if (wait > 0) await sleep(wait);
  before = line.t;
  if (between && n++ % every === every - 1) execSync(between, { stdio: 'inherit' });
  if (line.hook === 'init') hooks = await plugin.server(line.input, undefined);
  else if (line.hook === 'dispose') {
    await hooks.dispose?.();
    ended = true;
  } else {
    for (let i = 0; i < times; i++) void at(line.t, () => (line.hook === 'event' ? hooks.event?.({ event: line.input }) : hooks[line.hook]?.(line.input, line.output)));
  }
}
if (ended) process.exit(0);
await sleep(LAST_WORDS_MS);
process.kill(process.pid, 'SIGKILL');
