// A daemon with nothing to do, and one with a full queue and a server that cannot be reached: CPU, wake-ups, memory. Linux only.
import { spawnSync } from 'node:child_process';
import { jdk, path, round, sleep, until, usage } from './measure.mjs';
import { Session, counted } from './session.mjs';
import { trainedImage } from './start.mjs';

export const about = 'CPU, wake-ups, RSS and PSS of a daemon at rest, also with a full queue; against a JVM that sleeps';

export async function measure(place) {
  const seconds = place.quick ? 15 : 120;
  const home = jdk();
  const image = trainedImage(place);
  const source = place.file('Asleep.java', 'public class Asleep { public static void main(String[] a) throws Exception { Thread.sleep(Long.MAX_VALUE); } }\n');
  const built = spawnSync(path.join(home, 'bin/javac'), ['-d', place.dir, source], { encoding: 'utf8' });
  if (built.status !== 0) throw new Error(built.stderr);
  const bare = place.keep(path.join(image, 'runtime/bin/java'), ['-XX:+UseSerialGC', '-Xms8m', '-Xmn4m', '-Xmx96m', '-Xss256k', '-XX:TieredStopAtLevel=1', '-XX:-UsePerfData', '-cp', place.dir, 'Asleep']);
  place.image = image;
  const fresh = await place.daemon();
  const used = await place.daemon();
  const session = new Session(used.dir);
  session.begin(used);
  const full = await place.daemon({ TURNPIKE_QUEUE_LIMIT: '1MiB' });
  await fill(full, place.quick);
  await sleep(place.quick ? 3_000 : 90_000); // what a turn leaves behind is collected and given back by then

  const watched = [['bare JVM', bare.pid], ['fresh', fresh.pid], ['after a session', used.pid], ['queue full, server away', full.pid]];
  const before = watched.map(([, pid]) => usage(pid));
  await sleep(seconds * 1000);
  const after = watched.map(([, pid]) => usage(pid));
  const reaches = { fresh: 'CPU <= 0.05 %, RSS <= 100 MiB', 'queue full, server away': 'PSS <= 64 MiB' };
  return watched.map(([name], i) => ({
    what: `idle, ${name}`,
    against: 'bare JVM',
    p50: round(after[i].rss / after[0].rss),
    cpuPercent: round(((after[i].cpu - before[i].cpu) / seconds) * 100, 3),
    wakeupsPerSecond: round(woken(before[i], after[i]).reduce((sum, [, n]) => sum + n, 0) / seconds, 1),
    rssMiB: round(after[i].rss, 1),
    pssMiB: round(after[i].pss, 1),
    most: woken(before[i], after[i]).slice(0, 4).map(([thread, n]) => `${thread.replace(/ \d+$/, '')} ${n}`).join(', '),
    reach: reaches[name],
  }));
}

/** Context switches of each thread meanwhile, the most first. */
function woken(before, after) {
  return Object.entries(after.threads).map(([thread, n]) => [thread, n - (before.threads[thread] ?? 0)]).filter(([, n]) => n > 0).sort((a, b) => b[1] - a[1]);
}

async function fill(daemon, quick) {
  const session = new Session(daemon.dir);
  session.begin(daemon);
  await until('the first turn', async () => (await counted(daemon))?.turns >= 1);
  for (let i = 0; i < (quick ? 60 : 150); i++) {
    const text = session.next(40_000);
    session.tell(daemon, 'UserPromptSubmit');
    session.append(text);
  }
  session.tell(daemon, 'Stop');
  let last = -1;
  await until('a full queue', async () => {
    const queue = (await daemon.status()).stores.find((store) => store.name === 'outbox');
    const still = queue.bytes === last && queue.bytes > 0;
    last = queue.bytes;
    return still;
  }, 60_000, 3_000);
}
