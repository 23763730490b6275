// The scenarios that were recorded: what is typed, what the stub model answers, and what a right trace set must hold.
// A tool call marked "error" is expected to end as a failed tool; "expect" on a reply says how the transcript differs from the reply.
// turns[].asks: which replies of the main lane belong to the turn (numbers, or [run, lane, number]).
const u = (input, output, cache_read, cache_write, more = {}) => ({ input, output, cache_read, cache_write, ...more });
const bash = (command, description = 'Run it', more = {}) => ({ name: 'Bash', input: { command, description }, ...more });
const agent = (prompt, description, background, more = {}) => ({ name: 'Agent', input: { description, prompt, subagent_type: 'general-purpose', run_in_background: background }, ...more });
const user = (text) => ({ type: 'user', message: { role: 'user', content: text } });
const DOT = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==' } };
const STREAM = ['--input-format', 'stream-json', '--output-format', 'stream-json', '--verbose'];

// A hook of somebody else that blocks the first Stop of a session and lets the next pass
const blockOnce = (how) => `#!/bin/sh
f=/home/dev/blocked-once
cat > /dev/null
[ -e $f ] && exit 0
touch $f
${how}
`;
const project = (hooks, more = {}) => ({ hooks, ...more });

export const scenarios = {
  'stop-hook-exit2': {
    files: { 'shop/.claude/settings.json': project({ Stop: [{ hooks: [{ type: 'command', command: '/home/dev/shop/.claude/gate.sh' }] }] }), 'shop/.claude/gate.sh': blockOnce('echo "the tests were not run" >&2; exit 2') },
    runs: [{ prompt: 'Change the price', replies: [
      { delay_ms: 150, text: 'The price is changed.', usage: u(10, 12, 0, 4000) },
      { delay_ms: 150, text: 'Running the tests.', tool_calls: [bash('echo ok', 'Run tests')], usage: u(6, 20, 4000, 80) },
      { delay_ms: 150, text: 'The price is changed and the tests pass.', usage: u(5, 13, 4080, 60) }] }],
    turns: [{ prompt: 'Change the price', asks: [0, 1, 2] }],
    notes: ['a Stop hook of somebody else blocks the first Stop (exit 2): one turn, two Stop hooks'],
  },
  'stop-hook-json-block': {
    files: { 'shop/.claude/settings.json': project({ Stop: [{ hooks: [{ type: 'command', command: '/home/dev/shop/.claude/gate.sh' }] }] }), 'shop/.claude/gate.sh': blockOnce(`echo '{"decision":"block","reason":"say it in French too"}'`) },
    runs: [{ prompt: 'Say good morning', replies: [
      { delay_ms: 150, text: 'Good morning.', usage: u(10, 6, 0, 4000) },
      { delay_ms: 150, text: 'Bonjour.', usage: u(6, 4, 4000, 70) }] }],
    turns: [{ prompt: 'Say good morning', asks: [0, 1] }],
    notes: ['JSON decision block at Stop: the same turn goes on'],
  },

  'stop-hook-exit1': {
    files: { 'shop/.claude/settings.json': project({ Stop: [{ hooks: [{ type: 'command', command: '/home/dev/shop/.claude/gate.sh' }] }] }), 'shop/.claude/gate.sh': '#!/bin/sh\ncat > /dev/null\necho "notifier is down" >&2\nexit 1\n' },
    runs: [{ prompt: 'Say hello', replies: [{ delay_ms: 150, text: 'Hello.', usage: u(10, 6, 0, 4000) }] }],
    turns: [{ prompt: 'Say hello', asks: [0] }],
    notes: ['a Stop hook of somebody else fails without blocking (exit 1): hookErrors is not empty, yet the turn is over'],
  },
  'stop-hook-context': {
    files: { 'shop/.claude/settings.json': project({ Stop: [{ hooks: [{ type: 'command', command: '/home/dev/shop/.claude/gate.sh' }] }] }), 'shop/.claude/gate.sh': blockOnce(`echo '{"hookSpecificOutput":{"hookEventName":"Stop","additionalContext":"lint found 2 warnings"}}'`) },
    runs: [{ prompt: 'Say hello', replies: [{ delay_ms: 150, text: 'Hello.', usage: u(10, 6, 0, 4000) }, { delay_ms: 150, text: 'Two lint warnings remain.', usage: u(5, 8, 4000, 40) }] }],
    turns: [{ prompt: 'Say hello', asks: [0, 1] }],
    notes: ['additionalContext of a Stop hook'],
  },
  'stop-hook-halt': {
    files: { 'shop/.claude/settings.json': project({ Stop: [{ hooks: [{ type: 'command', command: '/home/dev/shop/.claude/gate.sh' }] }] }), 'shop/.claude/gate.sh': blockOnce(`echo '{"continue":false,"stopReason":"budget used up"}'`) },
    runs: [{ prompt: 'Say hello', replies: [{ delay_ms: 150, text: 'Hello.', usage: u(10, 6, 0, 4000) }] }],
    turns: [{ prompt: 'Say hello', asks: [0] }],
    notes: ['continue:false at Stop: preventedContinuation'],
  },
  'nested-subagents': {
    runs: [{ prompt: 'Audit the shop with helpers', replies: [
      { delay_ms: 150, text: 'Delegating.', tool_calls: [agent('LANE-OUTER audit the shop', 'Audit shop', false)], usage: u(10, 80, 0, 5000) },
      { delay_ms: 150, text: 'The audit is done.', usage: u(5, 14, 5000, 220) }],
    lanes: [{ match: 'LANE-OUTER', replies: [
      { delay_ms: 120, text: 'Asking a helper.', tool_calls: [agent('LANE-INNER count the files', 'Count files', false)], usage: u(7, 45, 0, 2500) },
      { delay_ms: 120, tool_calls: [bash('ls src')], usage: u(3, 21, 2500, 90) },
      { delay_ms: 120, text: 'One file, no problem.', usage: u(3, 19, 2590, 40) }] },
    { match: 'LANE-INNER', replies: [
      { delay_ms: 120, tool_calls: [bash('ls src | wc -l')], usage: u(6, 31, 0, 2400) },
      { delay_ms: 120, text: 'There is one file.', usage: u(2, 9, 2400, 50) }] }] }],
    turns: [{ prompt: 'Audit the shop with helpers', asks: [0, 1] }],
    notes: ['an agent launches an agent, both in the foreground'],
  },
  'nested-background': {
    runs: [{ prompt: 'Audit in layers', replies: [
      { delay_ms: 150, text: 'Delegating.', tool_calls: [agent('LANE-OUTER audit the shop', 'Audit shop', false)], usage: u(10, 80, 0, 5000) },
      { delay_ms: 150, text: 'The outer audit is done.', usage: u(5, 14, 5000, 220) },
      { delay_ms: 150, text: 'The inner audit is done too.', usage: u(5, 12, 5220, 120) },
      { delay_ms: 150, text: 'Nothing more.', usage: u(5, 12, 5220, 120) }],
    lanes: [{ match: 'LANE-OUTER', replies: [
      { delay_ms: 120, text: 'A helper in the background.', tool_calls: [agent('LANE-INNER count slowly', 'Count slowly', true)], usage: u(7, 45, 0, 2500) },
      { delay_ms: 120, text: 'My part is done.', usage: u(3, 19, 2500, 40) },
      { delay_ms: 120, text: 'The helper is done as well.', usage: u(3, 9, 2540, 40) }] },
    { match: 'LANE-INNER', replies: [
      { delay_ms: 1200, tool_calls: [bash('sleep 1; ls src | wc -l')], usage: u(6, 31, 0, 2400) },
      { delay_ms: 500, text: 'There is one file.', usage: u(2, 9, 2400, 50) }] }] }],
    turns: [{ prompt: 'Audit in layers', asks: [0, 1] }, { kind: 'task_notification', prompt: '<task-notification>', asks: [2], continuation_of: 0 }],
    notes: ['an agent in the foreground launches an agent in the background'],
  },
  'parallel-subagents': {
    runs: [{ prompt: 'Two audits at once', replies: [
      { delay_ms: 150, text: 'Two helpers.', tool_calls: [agent('LANE-ONE prices', 'Audit prices', false), agent('LANE-TWO names', 'Audit names', false)], usage: u(10, 120, 0, 5000) },
      { delay_ms: 150, text: 'Both audits are clean.', usage: u(5, 14, 5000, 220) }],
    lanes: [{ match: 'LANE-ONE', replies: [
      { delay_ms: 700, tool_calls: [bash('sleep 0.5; echo prices')], usage: u(7, 41, 0, 2500) }, { delay_ms: 300, text: 'Prices are fine.', usage: u(3, 10, 2500, 60) }] },
    { match: 'LANE-TWO', replies: [
      { delay_ms: 200, tool_calls: [bash('echo names')], usage: u(8, 39, 0, 2500) }, { delay_ms: 200, text: 'Names are fine.', usage: u(3, 11, 2500, 61) }] }] }],
    turns: [{ prompt: 'Two audits at once', asks: [0, 1] }],
    notes: ['two agents in the foreground at once; the second ends first'],
  },
  'parallel-background': {
    runs: [{ prompt: 'Two audits in the background', replies: [
      { delay_ms: 150, text: 'Two helpers.', tool_calls: [agent('LANE-ONE prices', 'Audit prices', true), agent('LANE-TWO names', 'Audit names', true)], usage: u(10, 120, 0, 5000) },
      { delay_ms: 150, text: 'Both run.', usage: u(5, 14, 5000, 220) },
      { delay_ms: 1500, text: 'Names are done.', usage: u(5, 15, 5220, 110) },
      { delay_ms: 150, text: 'Prices are done.', usage: u(5, 16, 5330, 100) }],
    lanes: [{ match: 'LANE-ONE', replies: [
      { delay_ms: 1500, tool_calls: [bash('sleep 0.5; echo prices')], usage: u(7, 41, 0, 2500) }, { delay_ms: 1000, text: 'Prices are fine.', usage: u(3, 10, 2500, 60) }] },
    { match: 'LANE-TWO', replies: [
      { delay_ms: 600, tool_calls: [bash('echo names')], usage: u(8, 39, 0, 2500) }, { delay_ms: 600, text: 'Names are fine.', usage: u(3, 11, 2500, 61) }] }] }],
    turns: [{ prompt: 'Two audits in the background', asks: [0, 1] }, { kind: 'task_notification', prompt: '<task-notification>', asks: [2], continuation_of: 0 }, { kind: 'task_notification', prompt: '<task-notification>', asks: [3], continuation_of: 0 }],
    notes: ['two agents in the background; both end after Stop'],
  },
  'subagent-error': {
    runs: [{ prompt: 'Audit with a helper that breaks', replies: [
      { delay_ms: 150, text: 'Delegating.', tool_calls: [agent('LANE-BAD audit', 'Audit', false, { error: true })], usage: u(10, 80, 0, 5000) },
      { delay_ms: 150, text: 'The helper failed.', usage: u(5, 14, 5000, 220) }],
    lanes: [{ match: 'LANE-BAD', replies: [
      { delay_ms: 120, tool_calls: [bash('ls src')], usage: u(7, 45, 0, 2500) },
      { delay_ms: 120, status: 400, error_type: 'invalid_request_error', message: 'Your credit balance is too low to access the Anthropic API.' }] }] }],
    turns: [{ prompt: 'Audit with a helper that breaks', asks: [0, 1] }],
    notes: ['the sub-agent ends with an API error after one tool'],
  },
  'subagent-sigint': {
    runs: [{ prompt: 'Long audit', int: 6, replies: [
      { delay_ms: 150, text: 'Delegating.', tool_calls: [agent('LANE-LONG audit', 'Audit', false, { error: true })], usage: u(10, 80, 0, 5000) }],
    lanes: [{ match: 'LANE-LONG', replies: [
      { delay_ms: 120, tool_calls: [bash('for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do sleep 1; done', 'Long', { error: true })], usage: u(7, 45, 0, 2500) }] }] }],
    turns: [{ prompt: 'Long audit', outcome: 'interrupted', asks: [0] }],
    notes: ['SIGINT while a sub-agent runs a tool'],
  },

  // ------------------------------------------------------------------------------------------ killed
  'kill-during-tool': {
    runs: [
      { prompt: 'Start the long job', args: ['--session-id', 'aaaaaaaa-0001-4000-8000-000000000001'], kill: 5, replies: [{ delay_ms: 150, text: 'Starting.', tool_calls: [bash('i=0; while [ $i -lt 12 ]; do sleep 1; i=$((i+1)); done', 'Long job', { error: true })], usage: u(10, 31, 0, 4000) }] },
      { prompt: 'Go on', args: ['--resume', 'aaaaaaaa-0001-4000-8000-000000000001'], replies: [{ delay_ms: 150, text: 'Going on after the kill.', usage: u(8, 9, 4000, 100) }] },
      { prompt: 'And once more', args: ['--continue'], replies: [{ delay_ms: 150, text: 'Once more.', usage: u(7, 5, 4100, 40) }] }],
    turns: [{ prompt: 'Start the long job', outcome: 'interrupted', asks: [0] }, { prompt: 'Go on', run: 1, asks: [[1, 'main', 0]] }, { prompt: 'And once more', asks: [[2, 'main', 0]] }],
    notes: ['SIGKILL while a tool runs, then --resume and --continue: same file'],
  },
  'kill-during-answer': {
    runs: [
      { prompt: 'Tell me a story', args: ['--session-id', 'aaaaaaaa-0002-4000-8000-000000000001'], kill: 5, replies: [{ delay_ms: 150, text: 'First look.', tool_calls: [bash('ls src')], usage: u(10, 22, 0, 4000) }, { delay_ms: 150, block_delay_ms: 20000, text: 'Once upon a time', usage: u(8, 50, 4000, 80), expect: { none: true } }] },
      { prompt: 'Go on', args: ['--resume', 'aaaaaaaa-0002-4000-8000-000000000001'], replies: [{ delay_ms: 150, text: 'There was a shop.', usage: u(8, 9, 4000, 100) }] }],
    turns: [{ prompt: 'Tell me a story', outcome: 'interrupted', asks: [0] }, { prompt: 'Go on', asks: [[1, 'main', 0]] }],
    notes: ['SIGKILL while the model answers: the started answer never reaches the disk'],
  },
  'kill-before-answer': {
    runs: [
      { prompt: 'Tell me a story', args: ['--session-id', 'aaaaaaaa-0003-4000-8000-000000000001'], kill: 4, replies: [{ delay_ms: 20000, text: 'Once upon a time', usage: u(8, 50, 4000, 80), expect: { none: true } }] },
      { prompt: 'Tell it now', args: ['--resume', 'aaaaaaaa-0003-4000-8000-000000000001'], replies: [{ delay_ms: 150, text: 'There was a shop.', usage: u(8, 9, 4000, 100) }] }],
    turns: [{ prompt: 'Tell me a story', outcome: 'interrupted', asks: [] }, { prompt: 'Tell it now', asks: [[1, 'main', 0]] }],
    notes: ['SIGKILL before the first byte of the first answer'],
  },
  'kill-subagent': {
    runs: [
      { prompt: 'Long audit', args: ['--session-id', 'aaaaaaaa-0004-4000-8000-000000000001'], kill: 5, replies: [{ delay_ms: 150, text: 'Delegating.', tool_calls: [agent('LANE-LONG audit', 'Audit', false, { error: true })], usage: u(10, 80, 0, 5000) }],
        lanes: [{ match: 'LANE-LONG', replies: [{ delay_ms: 120, tool_calls: [bash('i=0; while [ $i -lt 12 ]; do sleep 1; i=$((i+1)); done', 'Long', { error: true })], usage: u(7, 45, 0, 2500) }] }] },
      { prompt: 'Go on', args: ['--resume', 'aaaaaaaa-0004-4000-8000-000000000001'], replies: [{ delay_ms: 150, text: 'Without the helper then.', usage: u(8, 9, 4000, 100) }] }],
    turns: [{ prompt: 'Long audit', outcome: 'interrupted', asks: [0] }, { prompt: 'Go on', asks: [[1, 'main', 0]] }],
    notes: ['SIGKILL while a sub-agent runs a tool, then --resume'],
  },
  'no-persistence': {
    noTranscript: true,
    runs: [{ prompt: 'List the sources', args: ['--no-session-persistence'], replies: [{ delay_ms: 150, text: 'Looking.', tool_calls: [bash('ls src')], usage: u(10, 22, 0, 4000) }, { delay_ms: 150, text: 'There is cart.py.', usage: u(4, 8, 4000, 80) }] }],
    turns: [{ prompt: 'List the sources', asks: [0, 1], hooks_only: true }],
    notes: ['no file is ever written: the turn is known from hooks only; usage, message ids and the text beside the tool call are not knowable (generations[] is what the stub sent)'],
  },
  // ------------------------------------------------------------------------------------------ API errors and stop reasons
  'api-529-retry': {
    runs: [{ prompt: 'Try hard', replies: [{ status: 529 }, { status: 529 }, { delay_ms: 150, text: 'It worked at last.', usage: u(10, 7, 0, 4000) }] }],
    turns: [{ prompt: 'Try hard', asks: [0, 1, 2] }],
    notes: ['two attempts answered 529, then success'],
  },
  'api-400-first': {
    runs: [{ prompt: 'Do it', replies: [{ status: 400, error_type: 'invalid_request_error', message: 'Your credit balance is too low to access the Anthropic API.' }] }],
    turns: [{ prompt: 'Do it', outcome: 'failed', asks: [0], error: 'billing_error' }],
    notes: ['the first call fails for good: a failed turn without any generation'],
  },
  'api-400-retried': {
    runs: [{ prompt: 'Do it', replies: [{ status: 400, error_type: 'invalid_request_error', message: 'messages.0: malformed' }, { text: 'Done at the second try.', usage: u(10, 5, 0, 4000) }] }],
    turns: [{ prompt: 'Do it', asks: [0, 1] }],
    notes: ['a 400 that the CLI retries at once without an api_error row; at Stop the transcript file does not exist yet'],
  },
  'error-then-next': {
    runs: [{ args: STREAM, stdin: [{ line: user('First try') }, { wait: 4 }, { line: user('Second try') }, { wait: 4 }], replies: [{ status: 400, error_type: 'invalid_request_error', message: 'Your credit balance is too low to access the Anthropic API.' }, { delay_ms: 150, text: 'Fine now.', usage: u(10, 6, 0, 4000) }] }],
    turns: [{ prompt: 'First try', outcome: 'failed', asks: [0], error: 'billing_error' }, { prompt: 'Second try', asks: [1] }],
    notes: ['a failed turn, then a good one in the same process'],
  },
  'max-tokens': {
    runs: [{ prompt: 'Write a lot', replies: [{ delay_ms: 150, text: 'Part one of a long', stop_reason: 'max_tokens', usage: u(10, 900, 0, 4000) }, { delay_ms: 150, text: ' text.', usage: u(6, 12, 4000, 900) }] }],
    turns: [{ prompt: 'Write a lot', asks: [0, 1] }],
    notes: ['max_tokens: the CLI asks the model to go on'],
  },
  'max-tokens-forever': {
    runs: [{ prompt: 'Write for ever', replies: Array.from({ length: 6 }, (_, i) => ({ delay_ms: 100, text: `Part ${i + 1}.`, stop_reason: 'max_tokens', usage: u(10 + i, 900, 0, 4000) })) }],
    turns: [{ prompt: 'Write for ever', asks: [0, 1, 2, 3], outcome: 'failed', error: 'max_output_tokens' }],
    notes: ['max_tokens again and again until the CLI gives up'],
  },
  'refusal': {
    runs: [{ prompt: 'Something bad', replies: [{ delay_ms: 150, text: 'I cannot', stop_reason: 'refusal', usage: u(10, 4, 0, 4000) }, { delay_ms: 150, text: 'I cannot', stop_reason: 'refusal', usage: u(10, 4, 0, 4000) }] }],
    turns: [{ prompt: 'Something bad', asks: [0, 1], outcome: 'failed', error: 'invalid_request' }],
    notes: ['stop_reason refusal twice: ends with an isApiErrorMessage row (StopFailure came here; in another run it did not)'],
  },
  'refusal-recovered': {
    runs: [{ prompt: 'Something odd', replies: [{ delay_ms: 150, text: 'I cannot', stop_reason: 'refusal', usage: u(10, 4, 0, 4000) }, { delay_ms: 150, text: 'Let me put it this way.', usage: u(10, 8, 4000, 20) }] }],
    turns: [{ prompt: 'Something odd', asks: [0, 1] }],
    notes: ['stop_reason refusal once, the CLI asks again and it goes well'],
  },
  'pause-turn': {
    runs: [{ prompt: 'Search long', replies: [{ delay_ms: 150, text: 'Still searching.', stop_reason: 'pause_turn', usage: u(10, 9, 0, 4000) }, { delay_ms: 150, text: 'Found it.', usage: u(6, 5, 4000, 60) }] }],
    turns: [{ prompt: 'Search long', asks: [0] }],
    notes: ['stop_reason pause_turn: the CLI takes it as the end'],
  },
  'stream-cut': {
    runs: [{ prompt: 'Answer me', replies: [{ delay_ms: 100, text: 'This is', tool_calls: [bash('ls')], cut_after_blocks: 1, usage: u(10, 9, 0, 4000), expect: { none: true } }, { delay_ms: 150, text: 'The whole answer.', usage: u(10, 6, 0, 4000) }, { delay_ms: 150, text: 'The whole answer again.', usage: u(10, 6, 0, 4000) }] }],
    turns: [{ prompt: 'Answer me', asks: [1] }],
    notes: ['the connection breaks in the middle of an answer'],
  },
  'auto-compact': {
    env: {},
    runs: [{ prompt: 'Work until the context is full', env: { CLAUDE_CODE_AUTO_COMPACT_WINDOW: '100000' }, replies: [
      { delay_ms: 150, text: 'Step one.', tool_calls: [bash('ls src')], usage: u(20, 22, 0, 99000) },
      { delay_ms: 150, text: 'Step two.', tool_calls: [bash('ls')], usage: u(30, 25, 99000, 900) },
      { delay_ms: 150, text: 'All done after the compaction.', usage: u(12, 8, 0, 3000) }],
      lanes: [{ match_last: 'detailed summary', replies: [{ delay_ms: 300, text: '<analysis>short</analysis>\n<summary>\n1. Primary Request: work.\n</summary>', usage: u(20, 44, 99900, 30), expect: { none: true } }] }] }],
    turns: [{ prompt: 'Work until the context is full', asks: [0, 1, 2] }],
    notes: ['compaction by itself in the middle of a turn'],
  },
  'prompt-too-long': {
    runs: [{ prompt: 'Read everything', replies: [
      { delay_ms: 150, text: 'Step one.', tool_calls: [bash('ls src')], usage: u(20, 22, 0, 9000) },
      { status: 400, error_type: 'invalid_request_error', message: 'prompt is too long: 210000 tokens > 200000 maximum' },
      { delay_ms: 150, text: 'Answer after the compaction.', usage: u(12, 8, 0, 3000) }],
      lanes: [{ match_last: 'detailed summary', replies: [{ delay_ms: 300, text: '<analysis>short</analysis>\n<summary>\n1. Primary Request: read.\n</summary>', usage: u(20, 44, 9900, 30), expect: { none: true } }] }] }],
    turns: [{ prompt: 'Read everything', asks: [0, 1, 2] }],
    notes: ['the API says the prompt is too long: the CLI compacts and asks again'],
  },
  // ------------------------------------------------------------------------------------------ several prompts in one process
  'stream-json-steering': {
    runs: [{ args: STREAM, stdin: [{ line: user('Do the slow job') }, { wait: 3 }, { line: user('Also mention the weather') }, { wait: 6 }, { line: user('A second prompt') }, { wait: 3 }], replies: [
      { delay_ms: 150, text: 'Working.', tool_calls: [bash('i=0; while [ $i -lt 4 ]; do sleep 1; i=$((i+1)); done; echo slow', 'Slow')], usage: u(10, 30, 0, 4000) },
      { delay_ms: 150, text: 'Slow job done, and it is sunny.', usage: u(6, 11, 4000, 120) },
      { delay_ms: 150, text: 'Second answer.', usage: u(6, 6, 4120, 60) }, { delay_ms: 150, text: 'Third answer.', usage: u(6, 6, 4180, 60) }] }],
    turns: [{ prompt: 'Do the slow job', asks: [0, 1], steering: ['Also mention the weather'] }, { prompt: 'A second prompt', asks: [2] }],
    notes: ['three user messages on stdin, the second while a tool runs'],
  },
  'stream-json-queue': {
    runs: [{ args: STREAM, stdin: [{ line: user('One') }, { line: user('Two') }, { line: user('Three') }, { wait: 8 }], replies: [1, 2, 3, 4].map((n) => ({ delay_ms: 1200, text: `Answer ${n}.`, usage: u(10, 6 + n, 4000 * (n > 1), 100) })) }],
    turns: [{ prompt: 'One', asks: [0] }, { prompt: 'Two\nThree', asks: [1] }],
    notes: ['three prompts at once on stdin: the two that waited become one prompt'],
  },
  // ------------------------------------------------------------------------------------------ forks and resumes
  'fork-of-fork': {
    runs: [
      { prompt: 'Remember heron', args: ['--session-id', 'aaaaaaaa-0005-4000-8000-000000000001'], replies: [{ delay_ms: 150, text: 'Noted.', usage: u(10, 4, 0, 4000) }] },
      { prompt: 'Branch one', args: ['--resume', 'aaaaaaaa-0005-4000-8000-000000000001', '--fork-session', '--session-id', 'aaaaaaaa-0005-4000-8000-000000000002'], replies: [{ delay_ms: 150, tool_calls: [bash('echo one')], usage: u(8, 20, 4000, 60) }, { delay_ms: 150, text: 'On branch one.', usage: u(4, 6, 4060, 40) }] },
      { prompt: 'Branch two', args: ['--resume', 'aaaaaaaa-0005-4000-8000-000000000002', '--fork-session', '--session-id', 'aaaaaaaa-0005-4000-8000-000000000003'], replies: [{ delay_ms: 150, text: 'On branch two.', usage: u(6, 6, 4100, 40) }] },
      { prompt: 'Back home', args: ['--resume', 'aaaaaaaa-0005-4000-8000-000000000001'], replies: [{ delay_ms: 150, text: 'Home again.', usage: u(6, 5, 4000, 30) }] }],
    turns: [{ prompt: 'Remember heron', asks: [[0, 'main', 0]] }, { prompt: 'Branch one', session: 1, asks: [[1, 'main', 0], [1, 'main', 1]], forked_from: 'aaaaaaaa-0005-4000-8000-000000000001' }, { prompt: 'Branch two', session: 2, asks: [[2, 'main', 0]], forked_from: 'aaaaaaaa-0005-4000-8000-000000000002' }, { prompt: 'Back home', session: 0, asks: [[3, 'main', 0]] }],
    notes: ['fork of a fork, then the first session goes on'],
  },
  'fork-with-subagent': {
    runs: [
      { prompt: 'Find price code', args: ['--session-id', 'aaaaaaaa-0006-4000-8000-000000000001'], replies: [{ delay_ms: 150, tool_calls: [agent('LANE-A find prices', 'Find prices', false)], usage: u(10, 80, 0, 5000) }, { delay_ms: 150, text: 'In cart.py.', usage: u(5, 6, 5000, 200) }], lanes: [{ match: 'LANE-A', replies: [{ delay_ms: 120, tool_calls: [bash('ls src')], usage: u(7, 40, 0, 2500) }, { delay_ms: 120, text: 'cart.py', usage: u(3, 5, 2500, 50) }] }] },
      { prompt: 'Carry on', args: ['--resume', 'aaaaaaaa-0006-4000-8000-000000000001', '--fork-session', '--session-id', 'aaaaaaaa-0006-4000-8000-000000000002'], replies: [{ delay_ms: 150, tool_calls: [agent('LANE-B find names', 'Find names', false)], usage: u(9, 70, 5200, 100) }, { delay_ms: 150, text: 'Carrying on.', usage: u(5, 6, 5300, 100) }], lanes: [{ match: 'LANE-A', replies: [] }, { match: 'LANE-B', replies: [{ delay_ms: 120, text: 'No names.', usage: u(4, 4, 0, 2500) }] }] }],
    turns: [{ prompt: 'Find price code', asks: [[0, 'main', 0], [0, 'main', 1]] }, { prompt: 'Carry on', session: 1, asks: [[1, 'main', 0], [1, 'main', 1]], forked_from: 'aaaaaaaa-0006-4000-8000-000000000001' }],
    notes: ['fork of a session that has a sub-agent'],
  },
  'resume-twice': {
    runs: [0, 1, 2].map((n) => ({ prompt: `Question ${n + 1}`, args: n ? ['--resume', 'aaaaaaaa-0007-4000-8000-000000000001'] : ['--session-id', 'aaaaaaaa-0007-4000-8000-000000000001'], replies: [{ delay_ms: 150, text: `Answer ${n + 1}.`, usage: u(10 - n, 4 + n, 4000 * (n > 0), 100) }] })),
    turns: [0, 1, 2].map((n) => ({ prompt: `Question ${n + 1}`, asks: [[n, 'main', 0]] })),
    notes: ['a session given its id, resumed twice'],
  },

  // ------------------------------------------------------------------------------------------ tools of all kinds
  'skill-tool': {
    files: { 'shop/.claude/skills/tally/SKILL.md': '---\nname: tally\ndescription: Count the files of a directory\n---\nCount the files with Bash and report the number.\n' },
    runs: [{ prompt: 'How many sources are there?', replies: [{ delay_ms: 150, tool_calls: [{ name: 'Skill', input: { skill: 'tally', args: 'src' } }], usage: u(10, 30, 0, 4000) }, { delay_ms: 150, tool_calls: [bash('ls src | wc -l')], usage: u(6, 21, 4000, 120) }, { delay_ms: 150, text: 'One source.', usage: u(4, 5, 4120, 40) }] }],
    turns: [{ prompt: 'How many sources are there?', asks: [0, 1, 2] }],
    notes: ['Skill tool with a project skill'],
  },
  'command-with-bash': {
    files: { 'shop/.claude/commands/count.md': '---\ndescription: Count sources\nallowed-tools: Bash(ls:*)\n---\nThe sources are: !`ls src`\n\nSay how many for $ARGUMENTS.\n' },
    runs: [{ prompt: '/count the boss', replies: [{ delay_ms: 150, text: 'One, boss.', usage: u(10, 6, 0, 4000) }] }],
    turns: [{ prompt: '/count the boss', asks: [0] }],
    notes: ['a slash command whose body runs a shell command'],
  },
  'unknown-command': {
    runs: [{ prompt: '/nosuchcommand now', replies: [{ delay_ms: 150, text: 'I do not know that.', usage: u(10, 6, 0, 4000) }] }],
    turns: [{ prompt: '/nosuchcommand now', asks: [0] }],
    notes: ['a slash command that does not exist is an ordinary prompt'],
  },
  'web-search': {
    runs: [{ prompt: 'What does a cart cost?', replies: [{ delay_ms: 150, raw_blocks: [
      { type: 'server_tool_use', id: 'srvtoolu_01abc', name: 'web_search', input: { query: 'shopping cart price' } },
      { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_01abc', content: [{ type: 'web_search_result', url: 'https://example.com/carts', title: 'Carts', encrypted_content: 'c3R1Yg==', page_age: '2 days ago' }] },
      { type: 'text', text: 'A cart costs about 90 euros.' }], expect: { tool_calls: [{ id: 'srvtoolu_01abc', name: 'web_search', error: false }] }, usage: u(10, 60, 0, 4000, { server_tool_use: { web_search_requests: 1, web_fetch_requests: 0 } }) }] }],
    turns: [{ prompt: 'What does a cart cost?', asks: [0] }],
    notes: ['server tool inside one assistant message: server_tool_use and web_search_tool_result blocks, no hook, no user row'],
  },
  'image-read': {
    files: { 'shop/logo.png': { base64: 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==' } },
    runs: [{ prompt: 'Look at the logo', replies: [{ delay_ms: 150, tool_calls: [{ name: 'Read', input: { file_path: '/home/dev/shop/logo.png' } }], usage: u(10, 30, 0, 4000) }, { delay_ms: 150, text: 'A red dot.', usage: u(6, 5, 4000, 1200) }] }],
    turns: [{ prompt: 'Look at the logo', asks: [0, 1] }],
    notes: ['a tool result with an image block'],
  },
  'image-prompt': {
    runs: [{ args: STREAM, stdin: [{ line: user([{ type: 'text', text: 'What is this?' }, DOT]) }, { wait: 3 }, { line: user([DOT]) }, { wait: 3 }], replies: [{ delay_ms: 150, text: 'A dot.', usage: u(1500, 4, 0, 4000) }, { delay_ms: 150, text: 'The same dot.', usage: u(1500, 5, 4000, 100) }] }],
    turns: [{ prompt: 'What is this?', asks: [0] }, { prompt: undefined, asks: [1] }],
    notes: ['an image beside the text of a prompt, then a prompt that is only an image (its readable input is a placeholder, not checked: no prompt here)'],
  },
  'long-output': {
    runs: [{ prompt: 'Print many numbers', replies: [{ delay_ms: 150, tool_calls: [bash('seq 1 20000', 'Numbers')], usage: u(10, 30, 0, 4000) }, { delay_ms: 150, text: 'Printed.', usage: u(6, 4, 4000, 1200) }] }],
    turns: [{ prompt: 'Print many numbers', asks: [0, 1] }],
    notes: ['output too long for the row: <persisted-output> and a file below tool-results/'],
  },
  'task-tools': {
    runs: [{ prompt: 'Plan the work', env: { CLAUDE_CODE_ENABLE_TASKS: '1' }, replies: [{ delay_ms: 150, tool_calls: [{ name: 'ToolSearch', input: { query: 'select:TaskCreate,TaskUpdate,TaskList,TodoWrite', max_results: 5 } }], usage: u(10, 30, 0, 4000) }, { delay_ms: 150, tool_calls: [{ name: 'TaskCreate', input: { subject: 'Fix price', description: 'Multiply by quantity' }, error: true }, { name: 'TodoWrite', input: { todos: [{ content: 'Test it', status: 'pending', activeForm: 'Testing' }] }, error: true }], usage: u(8, 60, 4000, 90) }, { delay_ms: 150, tool_calls: [{ name: 'TaskUpdate', input: { taskId: '1', status: 'completed' }, error: true }], usage: u(6, 22, 4090, 60) }, { delay_ms: 150, text: 'Planned.', usage: u(4, 4, 4150, 40) }] }],
    turns: [{ prompt: 'Plan the work', asks: [0, 1, 2, 3] }],
    notes: ['task tools, which are switched off in a headless session: refused calls between the rows of one message'],
  },
  'background-bash': {
    runs: [{ prompt: 'Start the build', replies: [{ delay_ms: 150, tool_calls: [{ name: 'Bash', input: { command: 'sleep 3; echo built', description: 'Build', run_in_background: true } }], usage: u(10, 30, 0, 4000) }, { delay_ms: 150, text: 'The build runs.', usage: u(6, 6, 4000, 100) }, { delay_ms: 150, text: 'The build is done.', usage: u(5, 6, 4100, 80) }] }],
    turns: [{ prompt: 'Start the build', asks: [0, 1] }, { kind: 'task_notification', prompt: '<task-notification>', asks: [2], continuation_of: 0 }],
    notes: ['a shell command in the background that ends after the turn'],
  },
  'permission-denied': {
    runs: [{ prompt: 'Fetch the page', replies: [{ delay_ms: 150, tool_calls: [{ name: 'ToolSearch', input: { query: 'select:WebFetch,AskUserQuestion,ExitPlanMode', max_results: 5 } }], usage: u(10, 30, 0, 4000) }, { delay_ms: 150, tool_calls: [{ name: 'WebFetch', input: { url: 'http://127.0.0.1:9/none', prompt: 'Summarise' }, error: true }], usage: u(10, 30, 0, 4000) }, { delay_ms: 150, tool_calls: [{ name: 'AskUserQuestion', input: { questions: [{ question: 'Which colour?', header: 'Colour', multiSelect: false, options: [{ label: 'Red', description: 'r' }, { label: 'Blue', description: 'b' }] }] }, error: true }], usage: u(6, 40, 4000, 100) }, { delay_ms: 150, text: 'I may not.', usage: u(5, 5, 4100, 80) }] }],
    turns: [{ prompt: 'Fetch the page', asks: [0, 1, 2, 3] }],
    notes: ['headless: a tool that would need permission is denied; AskUserQuestion has nobody to ask'],
  },
  'plan-mode': {
    runs: [{ prompt: 'Plan the fix', args: ['--permission-mode', 'plan'], replies: [{ delay_ms: 150, tool_calls: [{ name: 'Bash', input: { command: 'touch x', description: 'Touch' }, error: true }], usage: u(10, 30, 0, 4000) }, { delay_ms: 150, tool_calls: [{ name: 'ExitPlanMode', input: { plan: '1. Multiply by quantity.' }, error: true }], usage: u(6, 40, 4000, 100) }, { delay_ms: 150, text: 'Waiting for approval.', usage: u(5, 5, 4100, 80) }] }],
    turns: [{ prompt: 'Plan the fix', asks: [0, 1, 2] }],
    notes: ['plan mode, headless'],
  },
  'pretooluse-block': {
    files: { 'shop/.claude/settings.json': project({ PreToolUse: [{ matcher: 'Bash', hooks: [{ type: 'command', command: '/home/dev/shop/.claude/guard.sh' }] }] }), 'shop/.claude/guard.sh': '#!/bin/sh\ncat > /dev/null\necho "no shell here" >&2\nexit 2\n' },
    runs: [{ prompt: 'List the sources', replies: [{ delay_ms: 150, tool_calls: [bash('ls src', 'List', { error: true }), { name: 'Read', input: { file_path: '/home/dev/shop/README.md' } }], usage: u(10, 50, 0, 4000) }, { delay_ms: 150, text: 'The shell is barred.', usage: u(6, 6, 4000, 100) }] }],
    turns: [{ prompt: 'List the sources', asks: [0, 1] }],
    notes: ['a PreToolUse hook of somebody else blocks one of two parallel calls'],
  },
  'prompt-blocked': {
    files: { 'shop/.claude/settings.json': project({ UserPromptSubmit: [{ hooks: [{ type: 'command', command: '/home/dev/shop/.claude/guard.sh' }] }] }), 'shop/.claude/guard.sh': '#!/bin/sh\np=$(cat)\ncase $p in *forbidden*) echo "not allowed" >&2; exit 2;; esac\nexit 0\n' },
    runs: [{ args: STREAM, stdin: [{ line: user('A forbidden thing') }, { wait: 3 }, { line: user('A fine thing') }, { wait: 3 }], replies: [{ delay_ms: 150, text: 'Fine.', usage: u(10, 4, 0, 4000) }] }],
    turns: [{ prompt: 'A fine thing', asks: [0] }],
    notes: ['a UserPromptSubmit hook of somebody else blocks a prompt: no turn'],
  },
  'invalid-tool-input': {
    runs: [{ prompt: 'Read something', replies: [{ delay_ms: 150, tool_calls: [{ name: 'Read', input: {}, error: true }, { name: 'NoSuchTool', input: { a: 1 }, error: true }], usage: u(10, 30, 0, 4000) }, { delay_ms: 150, text: 'That did not work.', usage: u(6, 6, 4000, 100) }] }],
    turns: [{ prompt: 'Read something', asks: [0, 1] }],
    notes: ['input that fails validation, and a tool that does not exist'],
  },
  'mcp-parallel': {
    files: { 'shop/.mcp.json': { mcpServers: { shopdb: { command: 'node', args: ['/home/dev/shop/mcp-shop.mjs'] } } } },
    mcp: true,
    runs: [{ prompt: 'Check two articles', args: ['--mcp-config', '/home/dev/shop/.mcp.json', '--strict-mcp-config'], replies: [{ delay_ms: 150, tool_calls: [{ name: 'mcp__shopdb__get_stock', input: { sku: 'A1' } }, { name: 'mcp__shopdb__slow', input: { ms: 700 } }, { name: 'mcp__shopdb__fail', input: { reason: 'night' }, error: true }], usage: u(10, 70, 0, 4000) }, { delay_ms: 150, text: 'Seven of A1.', usage: u(6, 6, 4000, 100) }] }],
    turns: [{ prompt: 'Check two articles', asks: [0, 1] }],
    notes: ['three MCP calls at once'],
  },

  // ------------------------------------------------------------------------------------------ in a terminal
  'tty-esc-tool': {
    runs: [{ args: ['--permission-mode', 'default'], keys: [{ until: 'for shortcuts' }, 1, { type: 'Run the long job' }, { key: 'Enter' }, { until: 'Long job' }, 3, { key: 'Escape' }, 2, { type: 'What happened?' }, { key: 'Enter' }, { until: 'You stopped it.' }, 1, { type: '/exit' }, { key: 'Enter' }, 2], replies: [
      { delay_ms: 150, text: 'Starting.', tool_calls: [bash('i=0; while [ $i -lt 20 ]; do sleep 1; i=$((i+1)); done', 'Long job', { error: true }), bash('ls src', 'Second', { error: true })], usage: u(10, 51, 0, 4000) },
      { delay_ms: 150, text: 'You stopped it.', usage: u(8, 6, 4000, 100) }] }],
    turns: [{ prompt: 'Run the long job', outcome: 'interrupted', asks: [0] }, { prompt: 'What happened?', asks: [1] }],
    notes: ['Esc while a tool runs, then the next prompt'],
  },
  'tty-esc-stream': {
    runs: [{ keys: [{ until: 'shift+tab' }, 1, { type: 'Tell a story' }, { key: 'Enter' }, { until: 'Once upon a time' }, 1, { key: 'Escape' }, 2, { type: 'Shorter please' }, { key: 'Enter' }, { until: 'The end.' }, 1, { type: '/exit' }, { key: 'Enter' }, 2], replies: [
      { delay_ms: 150, block_delay_ms: 15000, text: 'Once upon a time', usage: u(10, 51, 0, 4000), expect: { partial: true } },
      { delay_ms: 150, text: 'The end.', usage: u(8, 6, 4000, 100) }] }],
    turns: [{ prompt: 'Tell a story', outcome: 'interrupted', asks: [0] }, { prompt: 'Shorter please', asks: [1] }],
    notes: ['Esc while the model answers'],
  },
  'tty-esc-early': {
    runs: [{ keys: [{ until: 'shift+tab' }, 1, { type: 'Hasty question' }, { key: 'Enter' }, 2, { key: 'Escape' }, 2, { key: 'C-u' }, { type: 'Better question' }, { key: 'Enter' }, { until: 'Better answer.' }, 1, { type: '/exit' }, { key: 'Enter' }, 2], replies: [
      { delay_ms: 15000, text: 'Too late.', usage: u(10, 51, 0, 4000), expect: { none: true } },
      { delay_ms: 150, text: 'Better answer.', usage: u(8, 6, 4000, 100) }] }],
    turns: [{ prompt: 'Better question', asks: [1] }],
    notes: ['Esc before the first byte of the answer'],
  },
  'tty-ctrl-c-twice': {
    runs: [{ args: ['--permission-mode', 'default'], keys: [{ until: 'for shortcuts' }, 1, { type: 'Run the long job' }, { key: 'Enter' }, { until: 'Long job' }, 3, { key: 'C-c' }, { key: 'C-c' }, { key: 'C-c' }, 4], replies: [
      { delay_ms: 150, text: 'Starting.', tool_calls: [bash('i=0; while [ $i -lt 20 ]; do sleep 1; i=$((i+1)); done', 'Long job', { error: true })], usage: u(10, 51, 0, 4000) }] }],
    turns: [{ prompt: 'Run the long job', outcome: 'interrupted', asks: [0] }],
    notes: ['Ctrl-C until the CLI ends, while a tool runs'],
  },
  'tty-clear': {
    runs: [{ keys: [{ until: 'shift+tab' }, 1, { type: 'First thing' }, { key: 'Enter' }, { until: 'First answer.' }, 1, { type: '/clear' }, 1, { key: 'Enter' }, 3, { type: 'Second thing' }, { key: 'Enter' }, { until: 'Second answer.' }, 1, { type: '/model haiku' }, 1, { key: 'Enter' }, 3, { type: '/cost' }, 1, { key: 'Enter' }, 2, { key: 'Escape' }, 1, { type: '/exit' }, { key: 'Enter' }, 2], replies: [
      { delay_ms: 150, text: 'First answer.', usage: u(10, 5, 0, 4000) }, { delay_ms: 150, text: 'Second answer.', usage: u(9, 6, 0, 4000) }] }],
    turns: [{ prompt: 'First thing', asks: [0] }, { prompt: 'Second thing', session: 1, asks: [1] }],
    notes: ['/clear, then a prompt in the new session, /model and /cost without a turn'],
  },
  'tty-compact-rewind': {
    runs: [{ keys: [{ until: 'shift+tab' }, 1, { type: 'First thing' }, { key: 'Enter' }, { until: 'First answer.' }, 1, { type: 'Second thing' }, { key: 'Enter' }, { until: 'Second answer.' }, 1, { key: 'Escape' }, { key: 'Escape' }, 2, { key: 'Up' }, { key: 'Enter' }, 2, { key: 'Enter' }, 2, { key: 'C-u' }, { type: 'Instead of second' }, { key: 'Enter' }, { until: 'Third answer.' }, 1, { type: '/compact' }, 1, { key: 'Enter' }, { until: 'Compacted', limit: 20 }, 2, { type: 'After all' }, { key: 'Enter' }, { until: 'Fourth answer.' }, 1, { type: '/exit' }, { key: 'Enter' }, 2], replies: [
      { delay_ms: 150, text: 'First answer.', usage: u(10, 5, 0, 4000) }, { delay_ms: 150, text: 'Second answer.', usage: u(9, 6, 4000, 30) }, { delay_ms: 150, text: 'Third answer.', usage: u(9, 7, 4000, 35) }, { delay_ms: 150, text: 'Fourth answer.', usage: u(9, 8, 0, 2500) }],
      lanes: [{ match_last: 'detailed summary', replies: [{ delay_ms: 300, text: '<analysis>short</analysis>\n<summary>\n1. Primary Request: things.\n</summary>', usage: u(20, 44, 4400, 30), expect: { none: true } }] }] }],
    turns: [{ prompt: 'First thing', asks: [0] }, { prompt: 'Second thing', asks: [1] }, { prompt: 'Instead of second', asks: [2] }, { prompt: 'After all', asks: [3] }],
    notes: ['rewind to before the second prompt, then another; /compact; a last prompt'],
  },
  'tty-queue-bang': {
    runs: [{ args: ['--permission-mode', 'default'], keys: [{ until: 'for shortcuts' }, 1, { type: '!' }, { type: 'ls src' }, { key: 'Enter' }, { until: 'I see cart.py.' }, 1, { type: 'Run the slow job' }, { key: 'Enter' }, { until: 'Slow job' }, 1, { type: 'And say why' }, { key: 'Enter' }, { until: 'Because.' }, 1, { type: 'Think long' }, { key: 'Enter' }, 1, { type: 'Queued prompt' }, { key: 'Enter' }, { until: 'Queue answer.', limit: 20 }, 1, { type: '/exit' }, { key: 'Enter' }, 2], replies: [
      { delay_ms: 150, text: 'I see cart.py.', usage: u(10, 5, 0, 4000) },
      { delay_ms: 150, tool_calls: [bash('i=0; while [ $i -lt 5 ]; do sleep 1; i=$((i+1)); done', 'Slow job')], usage: u(9, 30, 4000, 30) }, { delay_ms: 150, text: 'Because.', usage: u(9, 7, 4000, 35) },
      { delay_ms: 4000, text: 'Thought.', usage: u(9, 8, 4000, 35) }, { delay_ms: 150, text: 'Queue answer.', usage: u(9, 9, 4000, 35) }] }],
    turns: [{ kind: 'bash_input', prompt: '!ls src', asks: [0] }, { prompt: 'Run the slow job', asks: [1, 2], steering: ['And say why'] }, { prompt: 'Think long', asks: [3] }, { prompt: 'Queued prompt', asks: [4] }],
    notes: ['shell input, steering while a tool runs, a prompt queued while the model answers'],
  },

  'tty-esc-permission': {
    runs: [{ keys: [{ until: 'shift+tab' }, 1, { type: 'Run the long job' }, { key: 'Enter' }, { until: 'Esc to cancel' }, 1, { key: 'Escape' }, 2, { type: 'What happened?' }, { key: 'Enter' }, { until: 'You stopped it.' }, 1, { type: '/exit' }, { key: 'Enter' }, 2], replies: [
      { delay_ms: 150, text: 'Starting.', tool_calls: [bash('i=0; while [ $i -lt 20 ]; do sleep 1; i=$((i+1)); done', 'Long job', { error: true }), bash('ls src', 'Second', { error: true })], usage: u(10, 51, 0, 4000) },
      { delay_ms: 150, text: 'You stopped it.', usage: u(8, 6, 4000, 100) }] }],
    turns: [{ prompt: 'Run the long job', outcome: 'interrupted', asks: [0] }, { prompt: 'What happened?', asks: [1] }],
    notes: ['Esc in the permission dialog of the first of two calls'],
  },

  // ------------------------------------------------------------------------------------------ agents of other kinds
  'custom-agent': {
    model: null,
    files: { 'shop/.claude/agents/counter.md': '---\nname: counter\ndescription: Counts things\ntools: Bash\nmodel: haiku\n---\nYou count things.\n' },
    runs: [{ prompt: 'Count with the counter', replies: [{ delay_ms: 150, tool_calls: [{ name: 'Agent', input: { description: 'Count', prompt: 'LANE-C count the sources', subagent_type: 'counter', run_in_background: false } }], usage: u(10, 60, 0, 4000) }, { delay_ms: 150, text: 'One source.', usage: u(5, 5, 4000, 150) }],
      lanes: [{ match: 'LANE-C', replies: [{ delay_ms: 120, tool_calls: [bash('ls src | wc -l')], usage: u(4, 20, 0, 900) }, { delay_ms: 120, text: 'One.', usage: u(3, 4, 900, 30) }] }] }],
    turns: [{ prompt: 'Count with the counter', asks: [0, 1] }],
    notes: ['an agent of the project with another model (claude-haiku-5-5) than the turn'],
  },
  'skill-fork': {
    files: { 'shop/.claude/skills/survey/SKILL.md': '---\nname: survey\ndescription: Survey the shop\ncontext: fork\nagent: general-purpose\n---\nLANE-S survey the directory.\n' },
    runs: [{ prompt: 'Survey it', replies: [{ delay_ms: 150, tool_calls: [{ name: 'Skill', input: { skill: 'survey', args: 'src' }, agents: [{ lane: 'LANE-S', background: false }] }], usage: u(10, 30, 0, 4000) }, { delay_ms: 150, text: 'Surveyed.', usage: u(4, 5, 4120, 40) }],
      lanes: [{ match: 'LANE-S', replies: [{ delay_ms: 120, tool_calls: [bash('ls src')], usage: u(4, 20, 0, 900) }, { delay_ms: 120, text: 'All is well.', usage: u(3, 4, 900, 30) }] }] }],
    turns: [{ prompt: 'Survey it', asks: [0, 1] }],
    notes: ['a skill with context: fork runs as a sub-agent'],
  },
  'fallback-model': {
    model: null,
    runs: [{ prompt: 'Try hard', timeout: 120, args: ['--model', 'opus', '--fallback-model', 'sonnet'], replies: [{ status: 529 }, { status: 529 }, { status: 529 }, { status: 529 }, { delay_ms: 150, text: 'The other model answers.', usage: u(10, 7, 0, 4000) }] }],
    turns: [{ prompt: 'Try hard', asks: [0, 1, 2, 3, 4] }],
    notes: ['overloaded again and again: the CLI falls back to another model'],
  },
  'send-message': {
    runs: [{ prompt: 'Ask a helper twice', args: ['--allowedTools', 'SendMessage'], replies: [
      { delay_ms: 150, tool_calls: [{ name: 'Agent', input: { description: 'Help', prompt: 'LANE-H look around', subagent_type: 'general-purpose', name: 'helper', run_in_background: false } , agents: [{ lane: 'LANE-H', before: 1, background: false }] }, { name: 'ToolSearch', input: { query: 'select:SendMessage', max_results: 2 } }], usage: u(10, 60, 0, 4000) },
      { delay_ms: 150, tool_calls: [{ name: 'SendMessage', input: { to: 'helper', message: 'Now count the lines.', summary: 'Count lines' } , agents: [{ lane: 'LANE-H', from: 1, type: 'general-purpose', background: true }] }], usage: u(6, 40, 4000, 150) },
      { delay_ms: 150, text: 'Waiting for the helper.', usage: u(5, 6, 4150, 60) }, { delay_ms: 150, text: 'The helper counted.', usage: u(5, 7, 4210, 60) }],
      lanes: [{ match: 'LANE-H', replies: [{ delay_ms: 120, text: 'Looked around.', usage: u(4, 5, 0, 2500) }, { delay_ms: 120, tool_calls: [bash('wc -l src/cart.py')], usage: u(4, 21, 2500, 40) }, { delay_ms: 120, text: 'Fourteen lines.', usage: u(3, 5, 2540, 30) }] }] }],
    turns: [{ prompt: 'Ask a helper twice', asks: [0, 1, 2] }, { kind: 'task_notification', prompt: '<task-notification>', asks: [3], continuation_of: 0 }],
    notes: ['an agent is continued by SendMessage: two turns in one agent file, each an agent below the call that set it going'],
  },
  'workflow': {
    runs: [{ prompt: 'Use a workflow to check the shop', args: ['--allowedTools', 'Workflow'], replies: [
      { delay_ms: 150, tool_calls: [{ name: 'Workflow', input: { script: "export const meta = {\n  name: 'check-shop',\n  description: 'Check the shop',\n  phases: [{ title: 'Check' }],\n}\nconst r = await parallel([() => agent('LANE-W1 check prices', {label: 'prices', phase: 'Check'}), () => agent('LANE-W2 check names', {label: 'names', phase: 'Check'})])\nreturn { r }\n" }, agents: [{ lane: 'LANE-W1', type: 'workflow-subagent', description: 'prices', background: true }, { lane: 'LANE-W2', type: 'workflow-subagent', description: 'names', background: true }] }], usage: u(10, 160, 0, 4000) },
      { delay_ms: 150, text: 'The workflow runs.', usage: u(5, 6, 4000, 60) }, { delay_ms: 150, text: 'The workflow is done.', usage: u(5, 7, 4060, 60) }],
      lanes: [{ match: 'LANE-W1', replies: [{ delay_ms: 300, tool_calls: [bash('ls src')], usage: u(4, 21, 2500, 40) }, { delay_ms: 120, text: 'Prices fine.', usage: u(4, 5, 0, 2500) }] }, { match: 'LANE-W2', replies: [{ delay_ms: 120, text: 'Names fine.', usage: u(3, 5, 2540, 30) }] }] }],
    turns: [{ prompt: 'Use a workflow to check the shop', asks: [0, 1] }, { kind: 'task_notification', prompt: '<task-notification>', asks: [2], continuation_of: 0 }],
    notes: ['agents of a Workflow call'],
  },
  'unicode-large': {
    runs: [{ prompt: 'Schreib ☕ und 🧑‍💻 – 漢字, naïve "quotes" \\ and\ttabs', replies: [
      { delay_ms: 150, text: 'Grüße 🌍 ' + 'é漢🙂'.repeat(400), tool_calls: [{ name: 'Write', input: { file_path: '/home/dev/shop/big.txt', content: 'zeile ß 🙂\n'.repeat(8000) } }], usage: u(10, 60, 0, 4000) }, { delay_ms: 150, text: 'Fertig ✅', usage: u(5, 5, 4000, 150) }] }],
    turns: [{ prompt: 'Schreib ☕ und 🧑‍💻 – 漢字, naïve "quotes" \\ and\ttabs', asks: [0, 1] }],
    notes: ['multi-byte text everywhere and rows above 1 MB'],
  },
  'sigint-background': {
    runs: [{ prompt: 'Audit in the background', int: 5, replies: [{ delay_ms: 150, text: 'Helper started.', tool_calls: [agent('LANE-BG audit', 'Audit', true)], usage: u(10, 80, 0, 5000) }, { delay_ms: 150, text: 'It runs.', usage: u(5, 6, 5000, 150) }],
      lanes: [{ match: 'LANE-BG', replies: [{ delay_ms: 120, tool_calls: [bash('i=0; while [ $i -lt 15 ]; do sleep 1; i=$((i+1)); done', 'Long', { error: true })], usage: u(7, 45, 0, 2500) }] }] }],
    turns: [{ prompt: 'Audit in the background', asks: [0, 1] }],
    notes: ['SIGINT after the turn, while an agent still works in the background'],
  },
  'tty-permission-wait': {
    runs: [{ args: ['--permission-mode', 'default'], keys: [{ until: 'for shortcuts' }, 1, { type: 'Fetch and plan' }, { key: 'Enter' }, { until: 'Which colour' }, 4, { key: 'Enter' }, { until: 'Red it is.' }, 1, { type: '/exit' }, { key: 'Enter' }, 2], replies: [
      { delay_ms: 150, tool_calls: [{ name: 'ToolSearch', input: { query: 'select:NotebookEdit,TaskCreate', max_results: 3 } }], usage: u(10, 30, 0, 4000) },
      { delay_ms: 150, tool_calls: [{ name: 'Write', input: { file_path: '/home/dev/outside.txt', content: 'x\n' } }], usage: u(9, 31, 4000, 60) },
      { delay_ms: 150, tool_calls: [{ name: 'AskUserQuestion', input: { questions: [{ question: 'Which colour?', header: 'Colour', multiSelect: false, options: [{ label: 'Red', description: 'r' }, { label: 'Blue', description: 'b' }] }] } }], usage: u(9, 50, 4060, 60) },
      { delay_ms: 150, tool_calls: [{ name: 'TaskCreate', input: { subject: 'Fix price', description: 'Multiply by quantity' }, error: true }], usage: u(8, 32, 4120, 60) },
      { delay_ms: 150, text: 'Red it is.', usage: u(8, 6, 4180, 60) }] }],
    turns: [{ prompt: 'Fetch and plan', asks: [0, 1, 2, 3, 4] }],
    notes: ['AskUserQuestion answered after seconds; a tool that is switched off'],
  },
  'tty-background': {
    runs: [{ args: ['--permission-mode', 'default'], keys: [{ until: 'for shortcuts' }, 1, { type: 'Audit in the background' }, { key: 'Enter' }, { until: 'The audit runs.' }, 1, { type: 'Meanwhile a question' }, { key: 'Enter' }, { until: 'Meanwhile an answer.' }, { until: 'The audit is done.', limit: 30 }, 1, { type: '/branch' }, 1, { key: 'Enter' }, 3, { type: 'On the branch' }, { key: 'Enter' }, { until: 'Branch answer.' }, 1, { type: '/exit' }, { key: 'Enter' }, 2], replies: [
      { delay_ms: 150, tool_calls: [agent('LANE-BG audit all', 'Audit', true)], usage: u(10, 80, 0, 5000) }, { delay_ms: 150, text: 'The audit runs.', usage: u(5, 6, 5000, 150) },
      { delay_ms: 150, text: 'Meanwhile an answer.', usage: u(5, 7, 5150, 50) }, { delay_ms: 150, text: 'The audit is done.', usage: u(5, 8, 5200, 50) }, { delay_ms: 150, text: 'Branch answer.', usage: u(5, 9, 5250, 50) }],
      lanes: [{ match: 'LANE-BG', replies: [{ delay_ms: 3000, tool_calls: [bash('i=0; while [ $i -lt 3 ]; do sleep 1; i=$((i+1)); done', 'Audit')], usage: u(7, 45, 0, 2500) }, { delay_ms: 1500, text: 'Nothing wrong.', usage: u(3, 6, 2500, 40) }] }] }],
    turns: [{ prompt: 'Audit in the background', asks: [0, 1] }, { prompt: 'Meanwhile a question', asks: [2] }, { kind: 'task_notification', prompt: '<task-notification>', asks: [3], continuation_of: 0 }, { prompt: 'On the branch', asks: [4], session: 1 }],
    notes: ['a prompt while a background agent works; its notification comes two turns later; then /branch'],
  },

  // ------------------------------------------------------------------------------------------ other ways a turn goes on or ends
  'subagentstop-block': {
    files: { 'shop/.claude/settings.json': project({ SubagentStop: [{ hooks: [{ type: 'command', command: '/home/dev/shop/.claude/gate.sh' }] }] }), 'shop/.claude/gate.sh': blockOnce('echo "name the file too" >&2; exit 2') },
    runs: [{ prompt: 'Find price code', replies: [{ delay_ms: 150, tool_calls: [agent('LANE-A find prices', 'Find prices', false)], usage: u(10, 80, 0, 5000) }, { delay_ms: 150, text: 'In cart.py.', usage: u(5, 6, 5000, 200) }],
      lanes: [{ match: 'LANE-A', replies: [{ delay_ms: 120, text: 'Found it.', usage: u(7, 5, 0, 2500) }, { delay_ms: 120, text: 'Found it in cart.py.', usage: u(3, 9, 2500, 50) }] }] }],
    turns: [{ prompt: 'Find price code', asks: [0, 1] }],
    notes: ['a SubagentStop hook of somebody else blocks once: two SubagentStop, one agent'],
  },
  'posttooluse-halt': {
    files: { 'shop/.claude/settings.json': project({ PostToolUse: [{ matcher: 'Bash', hooks: [{ type: 'command', command: '/home/dev/shop/.claude/gate.sh' }] }] }), 'shop/.claude/gate.sh': `#!/bin/sh\ncat > /dev/null\necho '{"continue":false,"stopReason":"enough for today"}'\n` },
    runs: [{ prompt: 'List the sources', replies: [{ delay_ms: 150, text: 'Looking.', tool_calls: [bash('ls src')], usage: u(10, 22, 0, 4000) }, { delay_ms: 150, text: 'There is cart.py.', usage: u(4, 8, 4000, 80) }] }],
    turns: [{ prompt: 'List the sources', outcome: 'interrupted', asks: [0] }],
    notes: ['a PostToolUse hook of somebody else ends the turn after a tool'],
  },
  'posttooluse-block': {
    files: { 'shop/.claude/settings.json': project({ PostToolUse: [{ matcher: 'Bash', hooks: [{ type: 'command', command: '/home/dev/shop/.claude/gate.sh' }] }] }), 'shop/.claude/gate.sh': blockOnce('echo "lint failed" >&2; exit 2') },
    runs: [{ prompt: 'List the sources', replies: [{ delay_ms: 150, text: 'Looking.', tool_calls: [bash('ls src')], usage: u(10, 22, 0, 4000) }, { delay_ms: 150, text: 'There is cart.py.', usage: u(4, 8, 4000, 80) }] }],
    turns: [{ prompt: 'List the sources', asks: [0, 1] }],
    notes: ['a PostToolUse hook of somebody else exits 2: feedback to the model, the call itself went well'],
  },
  'max-turns': {
    runs: [{ prompt: 'List the sources', args: ['--max-turns', '1'], replies: [{ delay_ms: 150, text: 'Looking.', tool_calls: [bash('ls src')], usage: u(10, 22, 0, 4000) }, { delay_ms: 150, text: 'There is cart.py.', usage: u(4, 8, 4000, 80) }] }],
    turns: [{ prompt: 'List the sources', outcome: 'interrupted', asks: [0] }],
    notes: ['--max-turns 1: the CLI ends after the tool result'],
  },
  'rate-limit': {
    runs: [{ prompt: 'Do it', timeout: 60, env: { CLAUDE_CODE_MAX_RETRIES: '2' }, replies: [0, 1, 2, 3].map(() => ({ status: 429, error_type: 'rate_limit_error', message: 'This request would exceed your rate limit.' })) }],
    turns: [{ prompt: 'Do it', outcome: 'failed', asks: [0, 1, 2], error: 'rate_limit' }],
    notes: ['429 until the CLI gives up'],
  },
  'background-agent-error': {
    runs: [{ prompt: 'Audit in the background', replies: [
      { delay_ms: 150, tool_calls: [agent('LANE-BG audit', 'Audit', true)], usage: u(10, 90, 0, 4000) }, { delay_ms: 150, text: 'It runs.', usage: u(6, 6, 4000, 100) }, { delay_ms: 150, text: 'The audit failed.', usage: u(6, 7, 4100, 50) }],
      lanes: [{ match: 'LANE-BG', replies: [{ delay_ms: 120, tool_calls: [bash('sleep 1; echo x')], usage: u(7, 45, 0, 2500) }, { delay_ms: 100, status: 400, error_type: 'invalid_request_error', message: 'Your credit balance is too low to access the Anthropic API.' }] }] }],
    turns: [{ prompt: 'Audit in the background', asks: [0, 1] }, { kind: 'task_notification', prompt: '<task-notification>', asks: [2], continuation_of: 0 }],
    notes: ['a background agent that ends with an API error: StopFailure with agent_id, notification with status failed'],
  },
  'tty-resume-idle': {
    runs: [
      { prompt: 'Remember heron', args: ['--session-id', 'aaaaaaaa-0008-4000-8000-000000000001'], replies: [{ delay_ms: 150, text: 'Noted.', usage: u(10, 4, 0, 4000) }] },
      { args: ['--resume', 'aaaaaaaa-0008-4000-8000-000000000001', '--permission-mode', 'default'], keys: [{ until: 'for shortcuts' }, 2, { type: '/exit' }, { key: 'Enter' }, 2], replies: [] }],
    turns: [{ prompt: 'Remember heron', asks: [0] }],
    notes: ['a session is resumed in a terminal and left at once: nothing new to export'],
  },
};
