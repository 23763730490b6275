#!/usr/bin/env bash
# The CLI in a terminal (tmux), keys typed by a script, against stub-anthropic.mjs; the same recorder hooks as run-claude-code.sh.
#   run-interactive.sh HOME_DIR WORK_DIR SCENARIO.json KEYS.sh [claude arguments ...]
# KEYS.sh is sourced and uses: keys ARGS (tmux send-keys), sleep N, until_pane TEXT SECONDS.
set -u
HOME_DIR=$1; WORK_DIR=$2; SCENARIO=$3; KEYS=$4; shift 4
. "$HARNESS/run-common.sh"
# run-claude-code.sh writes settings and the recorder; a CLI that does nothing lets it stop there
[ -f "$HOME_DIR/hook-recorder.sh" ] || CLAUDE_BIN=true bash "$HARNESS/run-claude-code.sh" "$HOME_DIR" "$WORK_DIR" "$SCENARIO" x
PORT=$(tp_port); SOCK=scn-$$
node "$HARNESS/stub-anthropic.mjs" --port "$PORT" --scenario "$SCENARIO" --log "$STUB_LOG" & STUB=$!
T() { tmux -L "$SOCK" "$@"; }
trap 'T kill-server 2>/dev/null; kill $STUB 2>/dev/null' EXIT
sleep 0.5
cd "$WORK_DIR"
env -i HOME="$HOME_DIR" PATH="$PATH" LANG=C.UTF-8 TERM=xterm-256color SHELL=/bin/bash TMUX_TMPDIR=/tmp tmux -L "$SOCK" -f /dev/null new-session -d -s s -x 160 -y 50 \
  "env TERM=xterm-256color ANTHROPIC_BASE_URL=http://127.0.0.1:$PORT ANTHROPIC_API_KEY=sk-ant-stub-not-a-key DISABLE_TELEMETRY=1 DISABLE_ERROR_REPORTING=1 DISABLE_AUTOUPDATER=1 DISABLE_BUG_COMMAND=1 CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 ${AGENT_ENV:-} timeout --foreground -k 5 ${RUN_TIMEOUT:-120} $CLAUDE_BIN $*; sleep 2"
keys() { T send-keys -t s "$@"; sleep 0.15; }
until_pane() { local i=0; while ! T capture-pane -p -t s 2>/dev/null | grep -qF -- "$1"; do i=$((i+1)); [ $i -lt $(($2*5)) ] || { echo "pane never showed: $1"; T capture-pane -p -t s | grep -v "^$" | tail -25; return 1; }; sleep 0.2; done; }
. "$KEYS"
T capture-pane -p -t s > "$RAW/pane.txt" 2>/dev/null
i=0; while T has-session -t s 2>/dev/null && [ $i -lt 40 ]; do i=$((i+1)); sleep 0.25; done
echo "run interactive: done"
