// What each library costs a JVM that does nothing else: memory and time of its first use, with the daemon's flags.
import { spawnSync } from 'node:child_process';
import { ROOT, jdk, median, path, round, spawn, usage } from './measure.mjs';

export const about = 'memory and time of the first use of each library; against a JVM without';

const FLAGS = ['-XX:+UseSerialGC', '-Xms8m', '-Xmn4m', '-Xmx96m', '-Xss256k', '-XX:TieredStopAtLevel=1', '-XX:-UsePerfData', '-XX:+UseCompactObjectHeaders', '-Dio.netty.allocator.type=unpooled', '-Dio.netty.noPreferDirect=true', '--enable-native-access=ALL-UNNAMED'];
const NAMES = ['nothing', 'netty', 'jackson', 'logback', 'okhttp', 'mapdb'];

export async function measure(place) {
  const home = jdk();
  const libraries = ['lib/*', 'lib/index/*'].map((jars) => path.join(place.image, jars)).join(':');
  const built = spawnSync(path.join(home, 'bin/javac'), ['-nowarn', '-cp', libraries, '-d', place.dir, path.join(ROOT, 'bench/java/Cost.java')], { encoding: 'utf8' });
  if (built.status !== 0) throw new Error(built.stderr);
  const costs = new Map(NAMES.map((name) => [name, []]));
  for (let i = 0; i < (place.quick ? 3 : 9); i++) {
    for (const name of NAMES) costs.get(name).push(await once(place, home, libraries, name));
  }
  const typical = (name, key) => median(costs.get(name).map((cost) => cost[key]));
  return NAMES.slice(1).map((name) => ({ what: `library ${name}`, against: 'a JVM without', p50: round(typical(name, 'rss') / typical('nothing', 'rss')), moreRssMiB: round(typical(name, 'rss') - typical('nothing', 'rss'), 1), firstUseMs: Math.round((typical(name, 'us') - typical('nothing', 'us')) / 1000), bareRssMiB: round(typical('nothing', 'rss'), 1) }));
}

function once(place, home, libraries, name) {
  return new Promise((done, failed) => {
    const child = spawn(path.join(home, 'bin/java'), [...FLAGS, '-cp', `${place.dir}:${libraries}`, 'Cost', name, place.dir], { stdio: ['pipe', 'pipe', 'pipe'] });
    let said = '';
    let complained = '';
    child.stderr.on('data', (text) => { complained += text; });
    child.on('exit', (code) => { if (!/^\d+$/m.test(said)) failed(new Error(`${name} ended with ${code}: ${complained}`)); });
    child.stdout.on('data', (text) => {
      said += text;
      const us = /^(\d+)$/m.exec(said)?.[1];
      if (us && child.stdin.writable) {
        const { rss } = usage(child.pid);
        child.stdin.on('error', () => {});
        child.on('exit', () => done({ us: Number(us), rss }));
        child.kill('SIGKILL');
        child.stdin.destroy();
      }
    });
  });
}
