#!/usr/bin/env bash
# Runs the real GitHub Copilot CLI headless, without any GitHub login (BYOK + offline), against stub-copilot.mjs and otlp-capture.mjs.
# One-time install (in any directory):   npm install --ignore-scripts @github/copilot@1.0.102
#   then  export COPILOT_BIN=<that directory>/node_modules/.bin/copilot      (Linux x64/arm64 native binary; about 190 MB, plus about 120 MB it unpacks under HOME/.cache/copilot)
# Usage: run-copilot-cli.sh HOME_DIR WORK_DIR SCENARIO.json PROMPT [more copilot arguments, e.g. --continue or --resume=ID]
# Common environment (HOOK_CMD, HOOK_EVENTS, KEEP_CONFIG, AGENT_ENV, STUB_PORT, RUN_TIMEOUT, INT_AFTER, KILL_AFTER, OTLP_ENDPOINT): see run-common.sh. Further:
#   CAPTURE    where everything is captured (default HOME_DIR/capture); wiped at each call unless KEEP=1
#   HOOKS      camel (default) | pascal | both | 0 | file:PATH      which spelling of the event names goes to ~/.copilot/hooks/capture.json
#   OTLP       http (default) | off     OTLP_PROTOCOL  http/json (default) | http/protobuf     OTLP_ENDPOINT  another sink than the built-in one
#   CONTENT    true (default) | false   OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT
#   MODEL      gpt-5-mini (default)     OUTPUT  text (default) | json
#   SINK_ARGS  extra arguments for otlp-capture.mjs                SINK_PORT  default: a free port
#   PKG_CACHE  directory that is linked as HOME/.cache/copilot so that the unpacked package is shared between homes
#   HOOK_EVENT_ARG=1  appends the event's name to HOOK_CMD (the camelCase payloads do not hold it; the recorder always gets it)
#   COPILOT_SCRIPT  shell file whose function `copilot` switches telemetry on, as `turnpike install copilot` writes it; OTLP is then ignored
#   ALLOW      --allow-all-tools (default); set it empty to test permission handling      NO_NETNS=1  do not isolate in a network namespace
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/run-common.sh"
[ $# -ge 4 ] || tp_usage "$0"
# with OTLP_ENDPOINT the agent must reach a server outside: no network namespace then
if [ -z "${NO_NETNS:-}${OTLP_ENDPOINT:-}${COPILOT_SCRIPT:-}" ] && [ -z "${IN_NETNS:-}" ] && unshare -rn true 2>/dev/null; then
  export IN_NETNS=1; exec unshare -rn -- bash "$0" "$@"      # only 127.0.0.1 exists in there
fi
[ -n "${IN_NETNS:-}" ] && ip link set lo up
home=$1; work=$2; scenario=$3; prompt=$4; shift 4
mkdir -p "$home/.copilot/hooks" "$home/.cache" "$work"; home=$(cd "$home" && pwd); work=$(cd "$work" && pwd)
cap=${CAPTURE:-$home/capture}; [ -z "${KEEP:-}" ] && rm -rf "$cap"; mkdir -p "$cap/hooks" "$cap/otlp"
[ -n "${PKG_CACHE:-}" ] && [ ! -e "$home/.cache/copilot" ] && mkdir -p "$PKG_CACHE" && ln -s "$PKG_CACHE" "$home/.cache/copilot"
sp=${STUB_PORT:-$(tp_port)}; op=${SINK_PORT:-$(tp_port)}

cat > "$home/.copilot/hook-capture.sh" <<'HOOK'
#!/bin/sh
t=$(date +%s%N); f="$1/$t-$$"; cat > "$f.stdin"; printf '%s' "$2" > "$f.event"; env | cut -d= -f1 | sort | tr '\n' ' ' > "$f.env"; env | grep -E '^(TRACEPARENT|TRACESTATE|COPILOT_CLI|COPILOT_AGENT[A-Z_]*|CLAUDE_[A-Z_]*)=' | sort > "$f.env2"
for s in "$HOME"/.copilot/session-state/*/events.jsonl; do [ -f "$s" ] && stat -c '%s %n' "$s"; done > "$f.tsize" 2>/dev/null; exit 0
HOOK
chmod +x "$home/.copilot/hook-capture.sh"
[ "${KEEP_CONFIG:-0}" = 1 ] || node - "$home/.copilot/hooks/capture.json" "$home/.copilot/hook-capture.sh $cap/hooks" <<'JS'
const fs = require('fs'); const [file, cmd] = process.argv.slice(2); const mode = process.env.HOOKS ?? 'camel';
const camel = ['sessionStart', 'sessionEnd', 'userPromptSubmitted', 'preToolUse', 'postToolUse', 'postToolUseFailure', 'errorOccurred', 'agentStop', 'subagentStart', 'subagentStop', 'preCompact', 'permissionRequest', 'notification'];
const pascal = ['SessionStart', 'SessionEnd', 'UserPromptSubmit', 'PreToolUse', 'PostToolUse', 'PostToolUseFailure', 'ErrorOccurred', 'Stop', 'SubagentStart', 'SubagentStop', 'PreCompact', 'PermissionRequest', 'Notification'];
const own = process.env.HOOK_CMD; const sel = process.env.HOOK_EVENTS?.trim().split(/\s+/);
const mk = l => Object.fromEntries(l.filter(e => !sel || sel.includes(e)).map(e => [e, [{ type: 'command', bash: own === undefined ? `${cmd} ${e}` : process.env.HOOK_EVENT_ARG === '1' ? `${own} ${e}` : own, timeoutSec: 10 }]]));
if (mode === '0' || own === '') fs.rmSync(file, { force: true });
else if (mode.startsWith('file:')) fs.copyFileSync(mode.slice(5), file);
else fs.writeFileSync(file, JSON.stringify({ version: 1, hooks: { ...(mode !== 'pascal' ? mk(camel) : {}), ...(mode !== 'camel' ? mk(pascal) : {}) } }, null, 2));
JS

pids=()
node "$here/stub-copilot.mjs" --port "$sp" --scenario "$scenario" --log "$cap/model-requests.jsonl" 2>"$cap/stub.err" & pids+=($!)
if [ -z "${OTLP_ENDPOINT:-}${COPILOT_SCRIPT:-}" ]; then node "$here/otlp-capture.mjs" --port "$op" --out "$cap/otlp" ${SINK_ARGS:-} 2>"$cap/sink.err" & pids+=($!); fi
trap 'for p in "${pids[@]}"; do kill "$p" 2>/dev/null; done' EXIT
for i in $(seq 50); do (exec 3<>/dev/tcp/127.0.0.1/$sp) 2>/dev/null && break; sleep 0.1; done

otel=()
if [ "${OTLP:-http}" = http ]; then otel=(COPILOT_OTEL_ENABLED=true OTEL_EXPORTER_OTLP_ENDPOINT="${OTLP_ENDPOINT:-http://127.0.0.1:$op}"
  OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT="${CONTENT:-true}"); [ -n "${OTLP_PROTOCOL:-}" ] && otel+=(OTEL_EXPORTER_OTLP_PROTOCOL="$OTLP_PROTOCOL"); fi
start=("${COPILOT_BIN:-copilot}")
if [ -n "${COPILOT_SCRIPT:-}" ]; then
  otel=(COPILOT_BIN="${COPILOT_BIN:-copilot}" OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT="${CONTENT:-true}")
  start=(bash -c '. "$0" && copilot "$@"' "$COPILOT_SCRIPT")
fi
lim=(timeout "${RUN_TIMEOUT:-120}"); [ -n "${INT_AFTER:-}" ] && lim=(timeout -s INT -k 5 "$INT_AFTER"); [ -n "${KILL_AFTER:-}" ] && lim=(timeout -s KILL "$KILL_AFTER")
cd "$work" || exit 1
began=$(date +%s%N)
env -i PATH="$PATH" HOME="$home" TERM=dumb LANG=C.UTF-8 NO_COLOR=1 CI=1 \
  COPILOT_OFFLINE=true COPILOT_AUTO_UPDATE=false COPILOT_PROVIDER_BASE_URL="http://127.0.0.1:$sp/v1" COPILOT_PROVIDER_TYPE=openai \
  COPILOT_PROVIDER_API_KEY=stub-key COPILOT_MODEL="${MODEL:-gpt-5-mini}" ${EXTRA_ENV:-} ${otel[@]+"${otel[@]}"} ${TP_ENV[@]+"${TP_ENV[@]}"} \
  "${lim[@]}" "${start[@]}" --disable-client-telemetry --no-auto-update ${ALLOW---allow-all-tools} --output-format "${OUTPUT:-text}" "$@" -p "$prompt" \
  >"$cap/stdout.txt" 2>"$cap/stderr.txt" </dev/null
rc=$?
printf '%s' $((($(date +%s%N) - began) / 1000000)) >"$cap/ms"
sleep "${LINGER:-1}"
node - "$cap" <<'JS'
const fs = require('fs'), path = require('path'); const cap = process.argv[2], d = path.join(cap, 'hooks');
const iso = ns => new Date(Number(BigInt(ns) / 1000000n)).toISOString(); const rd = f => { try { return fs.readFileSync(f, 'utf8').trim(); } catch { return ''; } };
const rows = fs.readdirSync(d).filter(f => f.endsWith('.stdin')).map(f => {
  const b = path.join(d, f.slice(0, -6)), ns = f.split('-')[0], raw = fs.readFileSync(path.join(d, f), 'utf8');
  let payload; try { payload = JSON.parse(raw); } catch { payload = { unparsed: raw }; }
  return { time_ns: ns, time: iso(ns), configured_event: rd(b + '.event'), env_names: rd(b + '.env').split(' ').filter(Boolean), env: rd(b + '.env2').split('\n').filter(Boolean),
    events_jsonl_bytes: rd(b + '.tsize').split('\n').filter(Boolean), bytes: Buffer.byteLength(raw), payload };
}).sort((a, b) => (BigInt(a.time_ns) < BigInt(b.time_ns) ? -1 : 1)).map((r, i) => ({ seq: i + 1, ...r }));
fs.writeFileSync(path.join(cap, 'hooks.jsonl'), rows.map(r => JSON.stringify(r) + '\n').join(''));
JS
echo "exit $rc; captured in $cap" >&2
exit $rc
