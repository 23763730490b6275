#!/usr/bin/env bash
# Runs the real Pi once, headless (print mode), against the stub model server.
#   Install (once):  npm install --prefix "$DIR" @earendil-works/pi-coding-agent@0.87.1 node@22.23.3
#   Pi needs Node >= 22.19, hence the node package when the system Node is older.
#   Then:  PI_NODE=$DIR/node_modules/.bin/node PI_CLI=$DIR/node_modules/.bin/pi ./run-pi.sh HOME_DIR WORK_DIR SCENARIO PROMPT [pi args...]
#   Newest release (1.5.2) without its dependency tree: its package holds a self-contained bundle:
#     (cd "$DIR" && npm pack @earendil-works/pi-coding-agent@1.5.2 && tar xzf earendil-works-pi-coding-agent-1.5.2.tgz && npm install --no-save jiti@2.7.0)
#     then PI_CLI=$DIR/package/dist/bundle/cli.js  (jiti is needed only to load TypeScript extensions)
# Leaves in $OUT (default HOME_DIR/out): stub.jsonl, stdout, stderr, rc, ms (from start to exit).
# Common environment (AGENT_ENV, STUB_PORT, RUN_TIMEOUT, INT_AFTER; PLUGIN in place of HOOK_CMD): see run-common.sh. Further: OUT, PLUGIN=file installs an extension, CTX=context window (default 200000),
#   STUB_STATE=file keeps the stub reply cursor across runs (default: in HOME_DIR), KILL_AFTER=seconds sends KILL_SIG (default INT) to pi,
#   KILL_WHEN=N does it KILL_AFTER (default 1) seconds after the stub got its Nth main model call, PI_SETTINGS=json for settings.json,
#   PI_MODE_ARGS (default "-p"; e.g. "--mode json").
set -u
HERE=$(cd "$(dirname "$0")" && pwd)
. "$HERE/run-common.sh"
[ $# -ge 4 ] || tp_usage "$0"
H=$1 W=$2 SC=$3 PROMPT=$4; shift 4
NODE=${PI_NODE:-node}; CLI=${PI_CLI:-$(command -v pi)}
OUT=${OUT:-$H/out}
STUB_STATE=${STUB_STATE-$H/stub-state}
mkdir -p "$H/.pi/agent/extensions" "$W" "$OUT"
rm -f "$OUT/stub.port"
node "$HERE/stub-openai-chat.mjs" --port "${STUB_PORT:-0}" --scenario "$SC" --log "$OUT/stub.jsonl" ${STUB_STATE:+--state "$STUB_STATE"} >"$OUT/stub.port" &
STUB=$!
trap 'kill $STUB 2>/dev/null; wait $STUB 2>/dev/null' EXIT
for _ in $(seq 50); do [ -s "$OUT/stub.port" ] && break; sleep 0.1; done
PORT=$(node -e 'console.log(JSON.parse(require("fs").readFileSync(process.argv[1],"utf8")).port)' "$OUT/stub.port")
[ -n "${PLUGIN:-}" ] && cp -r "$PLUGIN" "$H/.pi/agent/extensions/"
PORT=$PORT CTX=${CTX:-200000} node -e '
const fs=require("fs");
fs.writeFileSync(process.argv[1]+"/models.json",JSON.stringify({providers:{stub:{baseUrl:`http://127.0.0.1:${process.env.PORT}/v1`,api:"openai-completions",apiKey:"stub-key",
 models:[{id:"stub-1",name:"Stub 1",reasoning:true,input:["text"],contextWindow:+process.env.CTX,maxTokens:8192,cost:{input:3,output:15,cacheRead:0.3,cacheWrite:3.75}}]}}},null,1));
fs.writeFileSync(process.argv[1]+"/settings.json",JSON.stringify({defaultProvider:"stub",defaultModel:"stub-1",...(process.env.PI_SETTINGS?JSON.parse(process.env.PI_SETTINGS):{})},null,1));' "$H/.pi/agent"
cd "$W"
BEGUN=$(date +%s%N)
env -i --default-signal=INT PATH="$PATH" TERM=dumb LANG=C.UTF-8 USER=dev SHELL=/bin/bash HOME="$H" \
  PI_OFFLINE=1 PI_SKIP_VERSION_CHECK=1 PI_TELEMETRY=0 \
  HTTP_PROXY=http://127.0.0.1:9 HTTPS_PROXY=http://127.0.0.1:9 NO_PROXY=127.0.0.1,localhost \
  ${TP_ENV[@]+"${TP_ENV[@]}"} \
  "$NODE" "$CLI" ${PI_MODE_ARGS:--p} --model stub/stub-1 "$@" "$PROMPT" >"$OUT/stdout" 2>"$OUT/stderr" </dev/null &
PID=$!
if [ -n "${KILL_WHEN:-}" ]; then
  for _ in $(seq 600); do N=$(grep -c '"kind":"main"' "$OUT/stub.jsonl" 2>/dev/null); [ "${N:-0}" -ge "$KILL_WHEN" ] && break; sleep 0.1; done
  KILL_AFTER=${KILL_AFTER:-1}
fi
[ -n "${INT_AFTER:-}" ] && { KILL_AFTER=$INT_AFTER; KILL_SIG=INT; }
if [ -n "${KILL_AFTER:-}" ]; then sleep "$KILL_AFTER"; kill -"${KILL_SIG:-INT}" $PID 2>/dev/null; fi
tp_guard $PID
wait $PID; RC=$?
echo $((($(date +%s%N) - BEGUN) / 1000000)) >"$OUT/ms"
kill $TP_GUARD 2>/dev/null
echo $RC >"$OUT/rc"
exit $RC
