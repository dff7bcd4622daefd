#!/usr/bin/env bash
# All tests against the release binary: `make test`. Closes with one line, "N passed, N failed, N skipped", summed
# over the rig's self-test, cargo test, Vitest and the browser tests; exits 1 if anything failed, or did not run.
#
# One profile (release) serves the tests and the binary, since a second one would cost a second build of everything.
# A test that lacks a counterpart says so through scripts/rig/need.sh and counts as skipped; under CI=true it fails.
. "$(dirname "$0")/lib.sh"

cd "$ROOT"
logs=$CACHE/test
mkdir -p "$logs"
rm -f "$logs"/*
export STANCH_SKIPPED=$logs/skipped STANCH_BIN=$CARGO_TARGET_DIR/release/stanch INSTA_UPDATE=no
: >"$STANCH_SKIPPED"

passed=0 failed=0 skipped=0

# tally STAGE STATUS PASSED FAILED SKIPPED: a stage that ended badly with no test to blame, or that ran none, is
# itself one failure.
tally() {
    local stage=$1 status=$2 blame=$4
    [ "$status" = 0 ] || [ "$blame" != 0 ] || blame=1
    [ $(($3 + blame + $5)) != 0 ] || blame=1
    passed=$((passed + $3)) failed=$((failed + blame)) skipped=$((skipped + $5))
    say "$stage: $3 passed, $blame failed, $5 skipped, $((SECONDS - stage_started)) s"
}

# stage NAME COMMAND…: runs it with its output on the terminal and in a log; sets `status` and `log`.
stage() {
    log=$logs/$1.log stage_started=$SECONDS status=0
    say "$1 …"
    "${@:2}" 2>&1 | tee "$log" || status=$?
}

# sum PATTERN FIELD: adds up a field over the lines of the stage's log that match.
sum() { awk -v pattern="$1" -v field="$2" '$0 ~ pattern { gsub(/[;,]/, ""); n += $field } END { print n + 0 }' "$log"; }

rig() {
    stage rig bash scripts/rig/selftest.sh
    if [ $status = 77 ]; then tally rig 0 0 0 1; else tally rig $status "$(sum '^[0-9]+ passed' 1)" "$(sum '^[0-9]+ passed' 3)" 0; fi
}

web_unit() { (cd web && node_modules/.bin/vitest run --reporter=default --reporter=json --outputFile.json="$logs/vitest.json"); }

count_vitest() {
    node -e 'const r = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
        console.log(r.numPassedTests, r.numFailedTests, r.numPendingTests + r.numTodoTests)' "$logs/vitest.json" 2>/dev/null || echo 0 0 0
}

# A test that had to do without its counterpart returned early: cargo counts it as passed, we do not.
rust() {
    local missing
    stage cargo cargo test --release --locked --workspace --no-fail-fast
    missing=$(sort -u "$STANCH_SKIPPED" | grep -vc -e '^rig-selftest:' -e '^browser:' || true)
    tally cargo $status $(($(sum '^test result:' 4) - missing)) "$(sum '^test result:' 6)" $(($(sum '^test result:' 8) + missing))
}

browser_tests() {
    (cd web && node test/e2e/run.mjs --test-reporter=spec --test-reporter-destination=stdout \
        --test-reporter=tap --test-reporter-destination="$logs/browser.tap")
}

browser() {
    local have=0
    bash scripts/rig/need.sh browser chromium || have=$?
    if [ $have = 77 ]; then
        stage_started=$SECONDS
        tally browser 0 0 0 "$(find web/test/e2e -name '*.test.mjs' | wc -l)"
        return 0
    fi
    CHROMIUM=$(find_chromium || true)
    export CHROMIUM
    stage browser browser_tests
    log=$logs/browser.tap
    tally browser $status "$(sum '^# pass ' 3)" $(($(sum '^# fail ' 3) + $(sum '^# cancelled ' 3))) $(($(sum '^# skipped ' 3) + $(sum '^# todo ' 3)))
}

bash scripts/setup.sh test
load_node
bash scripts/build-web.sh
timed "building stanch" cargo build --release --locked -p stanch-cli

rig
stage vitest web_unit
# shellcheck disable=SC2046 # three numbers
tally vitest $status $(count_vitest)
rust
# The tests' build may have put a binary with test features in its place: this puts the real one back.
cargo build --release --locked --quiet -p stanch-cli
browser

[ ! -s "$STANCH_SKIPPED" ] || { say "skipped:" && sort -u "$STANCH_SKIPPED" >&2; }
say "took $SECONDS s"
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
