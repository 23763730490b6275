// Google's Gemini CLI 0.61.0 (npm: @google/gemini-cli).
import fs from 'node:fs';
import path from 'node:path';
import { run } from '../turnpike.mjs';

const VERSION = '0.61.0';

// Counted, yet nothing that should have arrived is missing: rows read; a hook that spooled what the daemon had taken in the end.
const ORDINARY = /^(lines: read|drop: spool\.repeated)$/;

const runs = (dir) => {
  const several = fs.readdirSync(dir).filter((f) => /^run-\d+$/.test(f)).sort();
  return several.length ? several.map((f) => path.join(dir, f)) : [dir];
};
const hooksOf = (dir) => path.join(dir, 'hooks.jsonl');

export default {
  id: 'gemini-cli',
  isFixture: (dir) => fs.existsSync(path.join(dir, 'expected.json')),
  sessions: (dir) => runs(dir).flatMap((d) => fs.readFileSync(hooksOf(d), 'utf8').split('\n').filter((l) => l.trim()).map((l) => JSON.parse(l).payload.session_id)),
  ordinary: ORDINARY,
  sets: { servers: /./, kills: /./ },
};
