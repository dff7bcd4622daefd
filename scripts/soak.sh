#!/usr/bin/env bash
# The kill harness at length: `make soak`. STANCH_KILLS is how often the server is killed (default 2000; `make test`
# runs the same harness with its own, smaller number).
. "$(dirname "$0")/lib.sh"

cd "$ROOT"
bash scripts/setup.sh run
load_node
bash scripts/build-web.sh
timed "building stanch" cargo build --release --locked --quiet -p stanch-cli
export STANCH_BIN=$CARGO_TARGET_DIR/release/stanch STANCH_KILLS=${STANCH_KILLS:-2000}
cargo test --release --locked -p stanch-cli --test kill -- --nocapture --test-threads=1
