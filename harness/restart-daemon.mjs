#!/usr/bin/env node
// restart-daemon.mjs IMAGE DIR [--absent] - kills the daemon of DIR (SIGKILL) and starts another, for `replay.mjs --between`.
// Every second time it waits until the new one answers; the other times the hooks that follow meet no daemon and go to the spool.
// --absent: starts one if there is none, waits until it answers, and kills nobody.
import fs from 'node:fs';
import path from 'node:path';
import { Daemon, until } from './turnpike.mjs';

const [image, dir] = process.argv.slice(2);
// what the first one was told beyond the usual
const more = Object.fromEntries(Object.entries(process.env).filter(([name]) => name === 'TURNPIKE_OTLP_PORT'));
const absent = process.argv.includes('--absent');
const daemon = new Daemon(image, dir, process.env.LANGFUSE_BASE_URL, more);
const countFile = path.join(dir, 'kills');
const kills = (fs.existsSync(countFile) ? Number(fs.readFileSync(countFile, 'utf8')) : 0) + 1;
// Two at once would start two, of which one finds the other and ends: then nobody knows who serves.
const lock = path.join(dir, 'restarting');
await until('another restart', () => { try { fs.mkdirSync(lock); return true; } catch { return false; } });
try {
  if (!absent) await daemon.kill();
  if (!daemon.alive()) daemon.launch();
  if (absent || kills % 2 === 0) await daemon.ready();
  if (!absent) fs.writeFileSync(countFile, String(kills));
} finally {
  fs.rmdirSync(lock);
}
