// Any emitter of the GenAI conventions: composed requests to the receiver's path /otel. There is no hook, and no program to run.
import fs from 'node:fs';
import path from 'node:path';

const TOKEN = 'harness-'.repeat(5);
const PORT = 20_000 + (process.pid % 20_000);

export default {
  id: 'otel',
  isFixture: (dir) => fs.existsSync(path.join(dir, 'otlp')),
  sessions: (_, expected) => [expected.session_id],
  // spans sent twice; a trace without a call of a model
  ordinary: /^(drop: otel\.(span\.again|span\.after-turn|turn\.skipped\.(no-turn|exported-before)))$/,
  together: ['by-the-book', 'structured-failed'],
  hooks: false,
  withoutModes: ['reorder', 'drop', 'registered', 'late', 'killed'], // they are about hooks; TelemetryIT kills the daemon between requests
  settings: { TURNPIKE_OTLP_PORT: String(PORT) },
  prepare(daemon) {
    const folder = path.join(daemon.home, 'state', 'otlp');
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    fs.chmodSync(daemon.home, 0o700);
    fs.writeFileSync(path.join(folder, 'harness.token'), TOKEN + '\n', { mode: 0o600 });
  },
  replay: () => ['--otlp', `http://127.0.0.1:${PORT}`, '--otlp-token', TOKEN],
};
