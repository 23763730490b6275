// bench/run: measures, prints a table, keeps the figures in bench/results.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { flag, option } from '../harness/turnpike.mjs';
import { Place, ROOT } from './measure.mjs';

const NAMES = ['hook', 'start', 'idle', 'accept', 'transcript', 'turn', 'dependencies'];
const argv = process.argv.slice(2);

// Interrupted, nothing that was started here stays.
let stopped = () => process.exit(130);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stopped());

async function main() {
  const known = Object.fromEntries(await Promise.all(NAMES.map(async (name) => [name, await import(`./${name}.mjs`)])));
  if (flag(argv, 'help') || argv.includes('-h')) {
    console.log(`bench/run [NAME...] [--quick] [--json] [--image DIR]\n\n${NAMES.map((name) => `  ${name.padEnd(13)} ${known[name].about}`).join('\n')}\n\nWithout names: all of them, about 10 minutes; --quick 2. The image is target/turnpike (mvn -B -q package -DskipTests). bench/README.md`);
    return 0;
  }
  const image = path.resolve(option(argv, 'image', path.join(ROOT, 'target/turnpike')));
  const wanted = argv.filter((a, i) => !a.startsWith('-') && argv[i - 1] !== '--image');
  const unknown = wanted.filter((name) => !NAMES.includes(name));
  if (unknown.length > 0 || !fs.existsSync(path.join(image, 'bin/turnpike-hook'))) {
    console.error(unknown.length > 0 ? `bench: no measurement ${unknown.join(', ')}; known: ${NAMES.join(', ')}` : `bench: no image in ${image}: mvn -B -q package -DskipTests`);
    return 2;
  }
  const rows = [];
  let failed = 0;
  for (const name of wanted.length > 0 ? wanted : NAMES) {
    const place = new Place(image, flag(argv, 'quick'));
    stopped = () => place.close().finally(() => process.exit(130));
    const load = os.loadavg()[0];
    try {
      for (const row of await known[name].measure(place)) rows.push({ bench: name, ...row, load: Number(load.toFixed(1)) });
    } catch (e) {
      failed++;
      rows.push({ bench: name, what: name, failed: e.message });
    } finally {
      await place.close();
    }
    if (!flag(argv, 'json')) rows.filter((row) => row.bench === name).forEach((row) => console.log(line(row)));
  }
  const report = { at: new Date().toISOString(), cpus: os.cpus().length, cpu: os.cpus()[0]?.model, system: `${os.type()} ${os.release()}`, quick: flag(argv, 'quick'), rows };
  const to = path.join(ROOT, 'bench/results');
  fs.mkdirSync(to, { recursive: true });
  fs.writeFileSync(path.join(to, `${report.at.replace(/[:.]/g, '')}.json`), JSON.stringify(report, null, 2) + '\n');
  if (flag(argv, 'json')) console.log(JSON.stringify(report, null, 2));
  return failed > 0 ? 1 : 0;
}

function line({ bench, what, against, p50, reach, failed, missing, ...more }) {
  if (failed) return `${bench}: FAILED: ${failed}`;
  if (missing) return `${what}: not on this machine`;
  const details = Object.entries(more).filter(([, v]) => v !== undefined && v !== '').map(([k, v]) => `${k} ${v}`).join(', ');
  return `${what}: ${p50}x ${against}${reach ? ` (reach: ${reach})` : ''}\n    ${details}`;
}

process.exitCode = await main();
