#!/usr/bin/env bash
# Ratios of one run on this machine: `make bench`. Nothing else heavy should run meanwhile. By hand,
# `bash scripts/bench.sh --quick` only sees that it runs, and `--write` writes docs/reference/measurements.md.
. "$(dirname "$0")/lib.sh"

cd "$ROOT"
bash scripts/setup.sh run
load_node
bash scripts/build-web.sh
timed "building stanch and its bench" \
    cargo build --release --locked --quiet -p stanch-cli -p stanch-bench
export STANCH_BIN=$CARGO_TARGET_DIR/release/stanch
exec "$CARGO_TARGET_DIR/release/bench" --work "$CACHE/bench" --corpora "$ROOT/../shared/corpora" "$@"
