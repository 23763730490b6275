// index.mjs - the agents the harness knows: one module each in this folder, found by its name. A module's default export:
//
//   id              the agent's name in the hook's command line and in fixtures/<id>/
//
//   for judge-all.mjs
//   isFixture(dir)  whether a folder below fixtures/<id>/ is a recording to be played
//   sessions(dir, expected)   the session ids its spans may have
//   ordinary        what the daemon may count in such a run without anything being wrong (pattern on turnpike.mjs accountProblems)
//   sets            { servers, kills, late }: patterns of the fixtures for the modes that are not run with all; null: with none
//   withoutModes    names of modes that have no meaning for this agent
//   notJudged       [{ fixture, mode, why, skip | instead(expected, rows) }]: said aloud in every run
//   times           'loose' if the agent's times are those of its hooks; timesOfHooks: do not compare modes with each other
//   settings        environment of the daemon; may be needed for a receiver
//   prepare(daemon)   files the daemon finds at its start
//   replay(daemon, fixture)   further arguments of replay.mjs
//   play({ agent, fixture, daemon, home, env, more })   instead of replay.mjs: { code, out }; more: its arguments for the mode
//   jobs            replays at once
//   together, foreign   for two-agents.mjs: names of fixtures     hooks   false: it has none that another agent could run
//
//   live            for real-agents.mjs; without it the real agent is not run
//     packages      of npm, with their versions     npmFlags   of npm install
//     bin(prefix, work)     the program below npm's prefix; throws if it does not start
//     script        run-<agent>.sh      environment(bin)   variables for it
//     scenarios     name -> { runs: [{ scenario: a file of the fixture, prompt, args, env, interruptAfter }], fixture?, canonical?(canon) }
//     byHand({ name, daemon, home, shop })    variables and files for a run with a registration of our own making; null: no such way
//     theirs({ name, home, shop })      what the user has before `turnpike install <id>`     installArguments   more words for it     installed   variables for a run after it
//     hows          default ['exec', 'install']     tags   that every trace must have     ordinary   as above
//     absence       for absence.mjs: { fixture, prompt, with: further variables, without: variables for a run without our plugin or hooks, ms(home): how long the agent ran,
//                   limitMs, missing: variables for a run whose hooks name a program that is not there, harm(home, expected): a list of strings }
//     check({ name, state, home, daemon, expected, bin })   further problems, a list of strings
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const HERE = path.dirname(fileURLToPath(import.meta.url));

/** All of them, or those named; a name without a module is an error. */
export async function agentModules(names) {
  const all = fs.readdirSync(HERE).filter((f) => f.endsWith('.mjs') && f !== 'index.mjs').map((f) => f.slice(0, -4)).sort();
  for (const n of names ?? []) if (!all.includes(n)) throw new Error(`no agent ${n}; there are ${all.join(' ')}`);
  return Promise.all((names ?? all).map(async (n) => (await import(pathToFileURL(path.join(HERE, `${n}.mjs`)))).default));
}
