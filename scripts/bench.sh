#!/usr/bin/env bash
# Ratios of one run on this machine: `make bench`. Nothing else heavy should run meanwhile.
. "$(dirname "$0")/lib.sh"

cd "$ROOT"
bash scripts/setup.sh run
load_node
bash scripts/build-web.sh
timed "building stanch" cargo build --release --locked --quiet -p stanch-cli
export STANCH_BIN=$CARGO_TARGET_DIR/release/stanch
cargo bench --locked -p stanch-cli --bench pipeline -- "$@"
