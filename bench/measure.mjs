// What all measurements need: a place, programs built once, quantiles, what /proc says of a process.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import net from 'node:net';
import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Daemon, cleanEnvironment, run, sleep, until } from '../harness/turnpike.mjs';

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const RESULTS = path.join(ROOT, 'bench', 'results');

export const median = (values) => quantile(values, 0.5);
export const quantile = (values, q) => [...values].sort((a, b) => a - b)[Math.round(q * (values.length - 1))];
export const round = (value, digits = 2) => Number(value.toFixed(digits));

/** Where one run works: image, JDK, a directory that goes at the end, and what is to be stopped by then. */
export class Place {
  constructor(image, quick) {
    this.image = image;
    this.quick = quick;
    this.dir = fs.mkdtempSync(path.join(os.tmpdir(), 'tp-b'));
    this.ends = [];
    this.count = 0;
    fs.mkdirSync(path.join(RESULTS, 'bin'), { recursive: true });
  }

  /** A directory for one daemon: short, because of the socket's path. */
  fresh() {
    const dir = path.join(this.dir, String(++this.count));
    fs.mkdirSync(path.join(dir, 'turnpike'), { recursive: true, mode: 0o700 });
    return dir;
  }

  /** A daemon as it is installed: with a settings file, which is looked at on every call. */
  async daemon(more = {}, url = 'http://127.0.0.1:9', launch = true) {
    const daemon = new Daemon(this.image, this.fresh(), url, { LANGFUSE_TRACING_ENVIRONMENT: 'bench', ...more });
    fs.writeFileSync(path.join(daemon.home, 'config'), '# as installed\n', { mode: 0o600 });
    this.ends.push(() => daemon.stop().catch(() => {}));
    if (launch) await daemon.start();
    return daemon;
  }

  /** Runs until the end of this measurement. */
  keep(command, args, options = {}) {
    const child = spawn(command, args, { stdio: 'ignore', ...options });
    this.ends.push(() => child.kill('SIGKILL'));
    return child;
  }

  async clear() {
    for (const end of this.ends.splice(0).reverse()) await end();
  }

  async close() {
    await this.clear();
    fs.rmSync(this.dir, { recursive: true, force: true });
  }

  /** A C program of this project, built when it is older than its source. */
  c(source) {
    const from = path.join(ROOT, source);
    const to = path.join(RESULTS, 'bin', path.basename(source, '.c'));
    if (!fs.existsSync(to) || fs.statSync(to).mtimeMs < fs.statSync(from).mtimeMs) {
      const built = spawnSync(process.env.CC || 'cc', ['-O2', '-std=gnu11', '-o', to, from, '-lpthread'], { encoding: 'utf8' });
      if (built.status !== 0) throw new Error(`cannot build ${source}: ${built.stderr || built.error}`);
    }
    return to;
  }

  file(name, content) {
    const file = path.join(this.dir, name);
    fs.writeFileSync(file, content);
    return file;
  }
}

/** The JDK to compare with: where the launcher would look too, but never the image's own runtime. */
export function jdk() {
  const homes = [process.env.TURNPIKE_JAVA_HOME, process.env.JAVA_HOME, ...(fs.existsSync('/usr/lib/jvm') ? fs.readdirSync('/usr/lib/jvm').map((d) => `/usr/lib/jvm/${d}`) : [])];
  for (const home of homes.filter(Boolean)) {
    const release = path.join(home, 'release');
    if (fs.existsSync(path.join(home, 'bin/javac')) && fs.existsSync(release) && Number(/JAVA_VERSION="(\d+)/.exec(fs.readFileSync(release, 'utf8'))?.[1]) >= 25) return home;
  }
  throw new Error('needs a JDK 25: set JAVA_HOME');
}

/** Resolves when somebody listens there. */
export async function listening(socket, withinMs = 60_000) {
  await until(`a listener at ${socket}`, () => new Promise((done) => {
    const connection = net.connect(socket, () => { connection.destroy(); done(true); });
    connection.on('error', () => done(false));
  }), withinMs, 1);
}

/** CPU time in seconds, context switches and memory (MiB) of a process, from /proc. */
export function usage(pid) {
  const read = (file) => fs.readFileSync(`/proc/${pid}/${file}`, 'utf8');
  const ticks = read('stat').slice(read('stat').lastIndexOf(')') + 2).split(' ');
  const cpu = (Number(ticks[11]) + Number(ticks[12])) / 100; // of threads that have ended too
  let wakes = 0;
  let readBytes = NaN;
  const threads = {};
  for (const task of fs.readdirSync(`/proc/${pid}/task`)) {
    try {
      const name = read(`task/${task}/comm`).trim();
      const woken = Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(read(`task/${task}/status`))[1]);
      wakes += woken;
      threads[`${name} ${task}`] = woken;
    } catch {
      // the thread has ended meanwhile
    }
  }
  const memory = (file, name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(read(file))?.[1] ?? NaN) / 1024;
  try {
    readBytes = Number(/rchar: (\d+)/.exec(read('io'))[1]);
  } catch {
    // not told to us
  }
  return { cpu, wakes, threads, readBytes, rss: memory('status', 'VmRSS'), pss: memory('smaps_rollup', 'Pss') };
}

export { cleanEnvironment, fs, path, run, sleep, spawn, until };
