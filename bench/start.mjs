// A cold start of the daemon, process to listening, with and without the runtime and the AOT cache; against a hello world.
import { spawnSync } from 'node:child_process';
import { cleanEnvironment, fs, jdk, listening, median, path, round, spawn } from './measure.mjs';

export const about = 'daemon from nothing to listening, in three configurations; against a JVM that says hello';

const now = () => Number(process.hrtime.bigint()) / 1e6;

export async function measure(place) {
  const home = jdk();
  const source = place.file('Hello.java', 'public class Hello { public static void main(String[] a) { System.out.println("hello"); } }\n');
  const built = spawnSync(path.join(home, 'bin/javac'), ['-d', place.dir, source], { encoding: 'utf8' });
  if (built.status !== 0) throw new Error(built.stderr);
  const trained = trainedImage(place);
  const variants = [
    ['JDK', variant(place, trained, 'jdk', false, false)],
    ['bundled runtime', variant(place, trained, 'rt', true, false)],
    ['bundled runtime + AOT cache', variant(place, trained, 'both', true, true)],
  ];
  const times = new Map([['hello', []], ...variants.map(([name]) => [name, []])]);
  for (let i = 0; i < (place.quick ? 3 : 11); i++) {
    const begun = now();
    spawnSync(path.join(home, 'bin/java'), ['-cp', place.dir, 'Hello']);
    times.get('hello').push(now() - begun);
    for (const [name, image] of variants) times.get(name).push(await start(place, image, home));
  }
  const hello = median(times.get('hello'));
  return variants.map(([name]) => ({ what: `start, ${name}`, against: 'hello world', p50: round(median(times.get(name)) / hello), ms: Math.round(median(times.get(name))), helloMs: Math.round(hello), reach: name.endsWith('+ AOT cache') ? '<= 6' : undefined }));
}

async function start(place, image, home) {
  const dir = place.fresh();
  const own = path.join(dir, 'turnpike');
  fs.writeFileSync(path.join(own, 'config'), '# as installed\n', { mode: 0o600 });
  const begun = now();
  const child = spawn(path.join(image, 'bin/turnpike'), ['daemon'], { env: { ...cleanEnvironment(), TURNPIKE_HOME: own, TURNPIKE_JAVA_HOME: home }, stdio: 'ignore' });
  await listening(path.join(own, 'turnpike.sock'));
  const took = now() - begun;
  const gone = new Promise((done) => child.on('exit', done));
  child.kill('SIGTERM');
  await gone;
  return took;
}

/** A copy of the image, trained: install would do it in the background. */
function trainedImage(place) {
  const copy = path.join(place.dir, 'trained');
  fs.cpSync(place.image, copy, { recursive: true, filter: (from) => !/\/(runtime(\.[ab])?|turnpike\.aot)$/.test(from) });
  const ran = spawnSync(path.join(copy, 'bin/turnpike'), ['train'], { env: { ...cleanEnvironment(), TURNPIKE_HOME: path.join(place.fresh(), 'turnpike') }, encoding: 'utf8' });
  if (ran.status !== 0) throw new Error(`training failed: ${ran.stdout}${ran.stderr}`);
  return copy;
}

function variant(place, trained, name, runtime, cache) {
  const image = path.join(place.dir, name);
  fs.mkdirSync(path.join(image, 'bin'), { recursive: true });
  for (const part of ['lib', 'share']) fs.symlinkSync(path.join(trained, part), path.join(image, part));
  fs.copyFileSync(path.join(trained, 'bin/turnpike'), path.join(image, 'bin/turnpike'));
  if (runtime) fs.symlinkSync(path.join(trained, 'runtime'), path.join(image, 'runtime'));
  if (cache) fs.symlinkSync(path.join(trained, 'turnpike.aot'), path.join(image, 'turnpike.aot'));
  return image;
}

export { trainedImage };
