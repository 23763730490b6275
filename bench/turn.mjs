// From the last row of a turn on the disk, with its Stop hook right behind, to the request at the server.
import http from 'node:http';
import { median, quantile, round, sleep, until } from './measure.mjs';
import { Session, counted } from './session.mjs';

export const about = 'last row and Stop hook to the request at the server, ms; against the hook client alone';

export async function measure(place) {
  let arrived = [];
  const server = http.createServer((request, response) => {
    if (request.url.includes('/otel')) arrived.push(performance.now());
    request.resume().on('end', () => {
      response.setHeader('content-type', 'application/json');
      response.end(request.url.includes('projects') ? '{"data":[{"id":"p","name":"p"}]}' : request.url.includes('health') ? '{"status":"OK","version":"4.16.0"}' : '{}');
    });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  place.ends.push(() => server.close());
  const daemon = await place.daemon({ TURNPIKE_EXPORTER: 'otlp' }, `http://127.0.0.1:${server.address().port}`);
  const session = new Session(daemon.dir);
  session.begin(daemon);
  await until('the first request', () => arrived.length > 0);
  const hooks = [];
  const waits = [];
  for (let i = 0; i < (place.quick ? 10 : 60); i++) {
    await sleep(100);
    const text = session.next();
    const rows = text.split('\n');
    session.append(rows.slice(0, 20).join('\n') + '\n');
    session.tell(daemon, 'UserPromptSubmit');
    await sleep(100);
    arrived = [];
    session.append(rows.slice(20).join('\n'));
    const begun = performance.now();
    session.tell(daemon, 'Stop');
    hooks.push(performance.now() - begun);
    await until('the request', () => arrived.length > 0, 60_000, 1);
    waits.push(arrived[0] - begun);
  }
  const { turns } = await counted(daemon);
  return [{ what: 'last row and Stop hook to the request', against: 'the hook client', p50: round(median(waits) / median(hooks), 1), ms: round(median(waits), 1), p95ms: round(quantile(waits, 0.95), 1), hookMs: round(median(hooks), 1), turns, reach: '<= 250 ms' }];
}
