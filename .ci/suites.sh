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

# Every fixture through the real client, socket and daemon into the stand-in for Langfuse, judged.
judge_fixtures() {
  echo "no fixture is judged yet"
}

# Pinned versions of real agents against stub models.
real_agents() {
  echo "no real agent is run yet"
}
