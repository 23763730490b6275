# shellcheck shell=bash
# The suites of .ci/run, in its order. Each adds to $passed and $failed what it has counted.

verify() {
  rm -rf ./*/target/surefire-reports ./*/target/failsafe-reports
  mvn -B verify || failed=1
  count_reports
}

# Adds up the reports of surefire and failsafe. Skipped tests have not passed.
count_reports() {
  local report tests errors failures skipped
  for report in */target/surefire-reports/TEST-*.xml */target/failsafe-reports/TEST-*.xml; do
    [ -f "$report" ] || continue
    tests=$(attribute tests "$report")
    errors=$(attribute errors "$report")
    failures=$(attribute failures "$report")
    skipped=$(attribute skipped "$report")
    passed=$((passed + tests - errors - failures - skipped))
    failed=$((failed + errors + failures))
  done
}

# attribute NAME REPORT: of the report's outermost element.
attribute() {
  sed -n '/<testsuite /,/>/s/.*[[:space:]]'"$1"'="\([0-9]*\)".*/\1/p' "$2" | head -n 1
}

# Every fixture through the real client, socket and daemon into the stand-in for Langfuse, judged, in every mode; several agents at
# once, and hooks of one run by another; then what no agent should send.
judge_fixtures() {
  need_node
  counted node harness/judge-all.mjs
  counted node harness/two-agents.mjs
  counted node harness/bad-input.mjs
  counted node harness/storm.mjs --seconds 20
}

# The plugins that run inside an agent, by themselves.
plugins() {
  need_node
  counted node_tests harness/opencode-plugin.test.mjs
}

# node_tests FILE...: node's own runner, with the closing line that is counted here.
node_tests() {
  local said ok=0
  said=$(mktemp)
  node --test --test-reporter=tap "$@" >"$said" 2>&1 || ok=$?
  if [ "$ok" -ne 0 ]; then
    cat "$said"
  fi
  echo "$(sed -n 's/^# pass //p' "$said") passed, $(sed -n 's/^# fail //p' "$said") failed"
  rm -f "$said"
  return "$ok"
}

# The real agents, of the versions our recordings are of, against stub models.
real_agents() {
  need_node
  counted node harness/real-agents.mjs
}

# counted COMMAND...: shows what it says and adds its closing line, "N passed, M failed".
counted() {
  local said ok=0
  said=$(mktemp)
  "$@" 2>&1 | tee "$said" || ok=$?
  local line
  line=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$said" | tail -n 1)
  rm -f "$said"
  passed=$((passed + $(echo "${line:-0 passed, 1 failed}" | cut -d ' ' -f 1)))
  failed=$((failed + $(echo "${line:-0 passed, 1 failed}" | cut -d ' ' -f 3)))
  if [ "$ok" -ne 0 ] && [ "$failed" -eq 0 ]; then
    failed=1
  fi
}
