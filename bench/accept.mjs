// Events accepted durably: callers side by side, each a connection an event, answered when the event is in the journal (forced within
// 200 ms). That nothing answered is lost is not for here: docs/testing.md.
import { listening, path, round, run } from './measure.mjs';

export const about = 'events a second, each answered when it is in the journal; against a sink that keeps nothing';

export async function measure(place) {
  const load = place.c('bench/load.c');
  const each = place.quick ? 1000 : 4000;
  const callers = 2;
  const event = place.file('event.json', JSON.stringify({ session_id: 'x', hook_event_name: 'Notification', message: 'y'.repeat(1900) }));
  const daemon = await place.daemon();
  const sink = path.join(place.fresh(), 's');
  place.keep(load, ['--sink', sink]);
  await listening(sink);
  const figures = { daemon: [], sink: [] };
  let answered = 0;
  for (let i = 0; i < 5; i++) {
    answered += await together(load, daemon.socket, callers, each, event, figures.daemon);
    await together(load, sink, callers, each, event, figures.sink);
  }
  const accepted = (await daemon.status()).agents.find((agent) => agent.agent === 'claude-code').accepted;
  if (accepted < answered) throw new Error(`${answered} were answered, ${accepted} counted`);
  const best = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
  return [{ what: 'events accepted durably', against: 'sink', p50: round(best(figures.daemon) / best(figures.sink)), perSecond: Math.round(best(figures.daemon)), sinkPerSecond: Math.round(best(figures.sink)), answered, reach: '>= 3000 a second' }];
}

async function together(load, socket, callers, each, event, figures) {
  const begun = process.hrtime.bigint();
  const all = await Promise.all(Array.from({ length: callers }, () => run(load, [socket, String(each), event])));
  const seconds = Number(process.hrtime.bigint() - begun) / 1e9;
  const taken = all.reduce((sum, one) => sum + JSON.parse(one.out).taken, 0);
  if (taken !== callers * each) throw new Error(`${taken} of ${callers * each} were taken over`);
  figures.push(taken / seconds);
  return taken;
}

