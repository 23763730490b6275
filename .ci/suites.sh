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

# count_closing_line LOG: adds the "N passed, M failed" that a driver says last; without it the driver did not come to its end.
count_closing_line() {
  local line
  line=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$1" | tail -n 1)
  if [ -z "$line" ]; then
    failed=$((failed + 1))
    return
  fi
  passed=$((passed + $(echo "$line" | sed 's/ passed.*//')))
  failed=$((failed + $(echo "$line" | sed 's/.*, \([0-9]*\) failed.*/\1/')))
}

# driver NAME COMMAND...: runs it, shows what it says, counts its closing line; its exit code counts too.
driver() {
  local log=target/$1.log
  shift
  mkdir -p target
  local status=0
  "$@" 2>&1 | tee "$log" || status=$?
  count_closing_line "$log"
  if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then
    failed=1
  fi
}

# Every fixture through the real client, socket and daemon into the stand-in for Langfuse, judged, in every mode.
judge_fixtures() {
  need_node
  driver judge node harness/judge-all.mjs
}

# The pinned version of the real agent against a stub model. npm is asked for it; without npm this fails and says so.
real_agents() {
  need_node
  driver real-agents node harness/real-agents.mjs
}
