// Transcript to queued spans: a session grows by many megabytes, one hook says so, and the daemon, on one core, reads, assembles, masks
// and queues. Then the long file grows by one small turn: what does that cost?
import { spawnSync } from 'node:child_process';
import { ROOT, fs, jdk, median, path, round, sleep, until, usage } from './measure.mjs';
import { Session, counted } from './session.mjs';
import { trainedImage } from './start.mjs';

/** Of rounds of the same size together. */
function together(rates) {
  return rates.length / rates.reduce((sum, rate) => sum + 1 / rate, 0);
}

/** MB of the file for each second of CPU, with the daemon's compiler and heap. */
function streamed(place, file) {
  const home = jdk();
  const jars = path.join(place.image, 'lib', '*');
  const built = spawnSync(path.join(home, 'bin/javac'), ['-nowarn', '-cp', jars, '-d', place.dir, path.join(ROOT, 'bench/java/Stream.java')], { encoding: 'utf8' });
  if (built.status !== 0) throw new Error(built.stderr);
  const ran = spawnSync('taskset', ['-c', '0', path.join(home, 'bin/java'), '-XX:+UseSerialGC', '-Xmn4m', '-Xmx160m', '-XX:TieredStopAtLevel=1', '-cp', `${place.dir}:${jars}`, 'Stream', file], { encoding: 'utf8' });
  if (ran.status !== 0) throw new Error(ran.stderr);
  return Number(ran.stdout.split(' ')[0]);
}

export const about = 'MB of transcript a second to the queue on one core, and bytes read for one more turn; against Jackson streaming over the same rows';

export async function measure(place) {
  const turns = 24;
  const rounds = place.quick ? 3 : 14; // the first ones are of a daemon whose code is not compiled yet
  const measured = place.quick ? 1 : 5; // the last ones, each beside Jackson: the machine's speed drifts
  const calls = place.quick ? 7 : 34;
  const pad = 4_000;
  place.image = trainedImage(place);
  const daemon = await place.daemon({ TURNPIKE_QUEUE_LIMIT: '4GiB' });
  const pinned = spawnSync('taskset', ['-a', '-cp', '0', String(daemon.pid)]).status === 0;
  const session = new Session(daemon.dir);
  session.begin(daemon);
  await until('the first turn', async () => (await counted(daemon))?.turns >= 1);
  const speeds = [];
  const cpus = [];
  const jackson = [];
  let seconds = 0;
  for (let i = 0; i < rounds; i++) {
    const begin = session.bytes;
    const grown = [];
    for (let n = 0; n < turns; n++) {
      grown.push(session.next(pad, calls));
      session.tell(daemon, 'UserPromptSubmit'); // a turn whose prompt nobody announced is held back for a second
    }
    await sleep(500);
    session.append(grown.join(''));
    // Each question costs the daemon some 2 ms of CPU, which nobody asks for outside of this: the first one when it may be done.
    const before = usage(daemon.pid);
    const begun = process.hrtime.bigint();
    session.tell(daemon, 'Stop');
    await sleep(900 * seconds);
    await until('the turns', async () => (await counted(daemon)).turns >= session.turns, 300_000, 100);
    seconds = Number(process.hrtime.bigint() - begun) / 1e9;
    speeds.push((session.bytes - begin) / 1e6 / seconds);
    cpus.push((session.bytes - begin) / 1e6 / (usage(daemon.pid).cpu - before.cpu));
    if (i >= rounds - measured) jackson.push(streamed(place, session.file));
  }
  await sleep(1000);
  const before = usage(daemon.pid);
  const text = session.next();
  session.tell(daemon, 'UserPromptSubmit');
  session.append(text);
  session.tell(daemon, 'Stop');
  await until('one more turn', async () => (await counted(daemon)).turns >= session.turns, 60_000, 20);
  const read = usage(daemon.pid).readBytes - before.readBytes;
  const begun = process.hrtime.bigint();
  const zipped = spawnSync('gzip', ['-1', '-c', session.file], { maxBuffer: 1 << 30, stdio: ['ignore', 'ignore', 'inherit'] });
  const gzip = zipped.status === 0 ? session.bytes / 1e6 / (Number(process.hrtime.bigint() - begun) / 1e9) : NaN;
  const last = cpus.slice(-measured);
  return [
    { what: `transcript to queued spans${pinned ? ', one core' : ''}`, against: 'Jackson streaming over the same rows', p50: round(median(last.map((rate, i) => rate / jackson[i]))), jacksonMbPerCpuSecond: round(together(jackson), 1), gzipMbPerSecond: round(gzip, 1), mbPerSecond: round(median(speeds), 1), mbPerCpuSecond: round(together(last), 1), first: round(cpus[0], 1), best: round(Math.max(...cpus), 1), mb: Math.round(session.bytes / 1e6), reach: '>= 100 MB/s' },
    { what: 'one more turn in that file', against: 'bytes of the turn', p50: round(read / text.length), bytesRead: read, bytesOfTurn: text.length, fileMb: Math.round(fs.statSync(session.file).size / 1e6), reach: 'O(new bytes)' },
  ];
}
