#!/usr/bin/env bash
# Runs the real Codex CLI headless against stub-openai-responses.mjs.
#
#   npm install --prefix ./codex-cli @openai/codex@0.169.0        (one-time; ~400 MB unpacked)
#   CODEX_BIN=./codex-cli/node_modules/.bin/codex \
#   ./run-codex.sh HOME_DIR WORK_DIR SCENARIO.json "PROMPT" [extra codex exec args...]
#
# Second turn of the same session: set RESUME=last (or RESUME=<session-id>).
# Fork:                            set FORK=last (or FORK=<session-id>).
# Common environment (HOOK_CMD, HOOK_EVENTS, KEEP_CONFIG, AGENT_ENV, STUB_PORT, RUN_TIMEOUT, INT_AFTER, KILL_AFTER): see run-common.sh. Further:
#   MODEL       default gpt-5.5 (classic tools). gpt-6-sol = "code mode" (one `exec` JavaScript tool).
#   HOOK_CMD    without it there are no hooks
#   HOOK_TRUST  bypass (default: --dangerously-bypass-hook-trust) | none (hooks must already be trusted)
#   EXTRA_TOML  text appended to the generated config.toml (e.g. [otel], [mcp_servers.x])
#   KEEP_CONFIG=1 needs the provider "stub" in HOME_DIR/.codex/config.toml: run once without it (HOOK_CMD= for no hooks), install, run with it
# Leaves: HOME_DIR/.codex/sessions/**, HOME_DIR/stub.jsonl, HOME_DIR/exec.jsonl, HOME_DIR/exec.err, HOME_DIR/ms (how long the agent ran)
set -u
. "$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/run-common.sh"
[ $# -ge 4 ] || tp_usage "$0"
H=$(mkdir -p "$1" && cd "$1" && pwd); W=$(mkdir -p "$2" && cd "$2" && pwd); S=$(realpath -e "$3") || exit 2; P=$4; shift 4
D=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
CODEX_BIN=${CODEX_BIN:-codex}; MODEL=${MODEL:-gpt-5.5}
PORT=${STUB_PORT:-$(tp_port)}
HOOK_CMD=${HOOK_CMD:-}
mkdir -p "$H/.codex"
if [ "${KEEP_CONFIG:-0}" != 1 ]; then
{
cat <<TOML
model = "$MODEL"
model_provider = "stub"
approval_policy = "never"
sandbox_mode = "danger-full-access"
check_for_update_on_startup = false
model_reasoning_summary = "auto"
[analytics]
enabled = false
[features]
apps = false
plugins = ${PLUGINS:-false}
shell_snapshot = false
daemon_auto_start = false
[model_providers.stub]
name = "stub"
base_url = "http://127.0.0.1:$PORT/v1"
wire_api = "responses"
env_key = "STUB_API_KEY"
request_max_retries = 2
stream_max_retries = 2
[projects."$W"]
trust_level = "trusted"
TOML
if [ -n "$HOOK_CMD" ]; then
for e in ${HOOK_EVENTS:-SessionStart UserPromptSubmit PreToolUse PermissionRequest PostToolUse PreCompact PostCompact SubagentStart SubagentStop Interrupt Stop SessionEnd}; do
  printf '[[hooks.%s]]\n[[hooks.%s.hooks]]\ntype = "command"\ncommand = "%s"\ntimeout = %s\n' $e $e "$HOOK_CMD" "$(case $e in SessionEnd|Interrupt) echo 3;; *) echo 10;; esac)"
done
fi
printf '%s\n' "${EXTRA_TOML:-}"
} > "$H/.codex/config.toml"
else
  sed -i -E "s#^base_url = .*#base_url = \"http://127.0.0.1:$PORT/v1\"#" "$H/.codex/config.toml"
fi
node "$D/stub-openai-responses.mjs" --port "$PORT" --scenario "$S" --log "$H/stub.jsonl" --state "$H/stub-state.json" 2>>"$H/stub.err" &
STUB=$!
for _ in $(seq 50); do (exec 3<>"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null && break; sleep 0.1; done
ARGS=(exec --json --skip-git-repo-check -C "$W" -m "$MODEL")
if [ "${FORK:-}" = last ]; then FORK=$(ls -t "$H"/.codex/sessions/*/*/*/rollout-*.jsonl | head -1 | grep -oE '[0-9a-f-]{36}\.jsonl$'); FORK=${FORK%.jsonl}; fi
[ "${HOOK_TRUST:-bypass}" = bypass ] && ARGS+=(--dangerously-bypass-hook-trust)
ARGS+=("$@")
if [ "${RESUME:-}" = last ]; then ARGS+=(resume --last "$P"); elif [ -n "${RESUME:-}" ]; then ARGS+=(resume "$RESUME" "$P"); elif [ -n "${FORK:-}" ]; then ARGS+=(fork "$FORK" "$P"); else ARGS+=(-- "$P"); fi
cd "$W" || exit 1
SINCE=$(date +%s%3N)
env -u OPENAI_API_KEY HOME="$H" CODEX_HOME="$H/.codex" STUB_API_KEY=stub NO_COLOR=1 ${TP_ENV[@]+"${TP_ENV[@]}"} \
  "$CODEX_BIN" "${ARGS[@]}" </dev/null >>"$H/exec.jsonl" 2>>"$H/exec.err" &
A=$!
[ -n "${INT_AFTER:-}" ] && { sleep "$INT_AFTER"; kill -INT "$A" 2>/dev/null; }
# bin/codex.js is a Node launcher: SIGKILL must hit its native child too, else the agent lives on.
[ -n "${KILL_AFTER:-}" ] && { sleep "$KILL_AFTER"; kill -KILL $(ps -o pid= --ppid "$A") "$A" 2>/dev/null; }
tp_guard "$A"
wait "$A"; RC=$?; echo $(( $(date +%s%3N) - SINCE )) >"$H/ms"; kill $TP_GUARD 2>/dev/null
kill "$STUB" 2>/dev/null; wait "$STUB" 2>/dev/null
exit $RC
